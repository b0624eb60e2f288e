// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Without VNNI, two products are added in 16 bits, which saturate: so many pairs are added before they are joined that all
// of them fit, whatever the bytes and for quants from -127 to 127. All vectors of a panel are done at once, so that memory
// is read in its order, in loops so short that the sums stay in 16 registers: [tile][vectors].
#include "lib/target/cpu/kernel/BlockCode.h"

using namespace mlir;

namespace varve::target::cpu {

void BlockKernel::addAllSigned(MutableArrayRef<Value> sums, ArrayRef<Value> bytes, int64_t number, Value more,
                               bool join) {
  SmallVector<Value> sizes;
  for (Value each : bytes)
    sizes.push_back(withSign(each, each));
  for (int64_t r = 0; r < tile; ++r) {
    Value quants = wide(word(number, r, more));
    for (int64_t v = 0; v < vectors; ++v) {
      Value pairs = pairsOf(sizes[v], withSign(quants, bytes[v]));
      sums[r * vectors + v] = plus(sums[r * vectors + v], join ? joined(pairs) : pairs);
    }
  }
}

void BlockKernel::pairs_q8_0() { // up to 2 * 128 * 127
  SmallVector<Value> sums = trips(8, nothing(builder.getI32Type()), [&](Value k, MutableArrayRef<Value> next) {
    Value bytes = mul(k, index(4 * kPanel));
    SmallVector<Value> weights = ofEachVector([&](int64_t v) { return granule(2, v, 4, bytes); });
    addAllSigned(next, weights, 0, mul(k, index(tile)), /*join=*/true);
  });
  addAllToTotal(sums, ofEachVector([&](int64_t v) { return ofHalf(granule(0, v, 2)); }));
}

void BlockKernel::pairs_q4_0() { // from where they begin on, up to 8 * 2 * 8 * 127
  SmallVector<Value> sums = trips(4, beginPairs(0), [&](Value k, MutableArrayRef<Value> next) {
    Value bytes = mul(k, index(4 * kPanel)), words = mul(k, index(tile));
    for (int64_t part = 0; part < 2; ++part)
      addAll(next, ofEachVector([&](int64_t v) { return both(right(granule(2, v, 4, bytes), 4 * part), 0x0f0f0f0f); }),
             4 * part, words);
  });
  for (Value &sum : sums)
    sum = joined(sum);
  addAllToTotal(sums, ofEachVector([&](int64_t v) { return ofHalf(granule(0, v, 2)); }));
}

void BlockKernel::pairs_q4_k() { // up to 8 * 2 * 15 * 127
  SmallVector<Head> heads;
  for (int64_t v = 0; v < vectors; ++v) {
    heads.push_back(q4_kHead(v));
    takeLeasts(heads.back(), v);
  }
  int64_t together = tile <= 2 ? 2 : 1; // parts that have a granule in common
  SmallVector<Value> sums =
      loop(index(0), index(2), 1, nothing(builder.getI32Type()), [&](Value half, ValueRange carried) {
        SmallVector<Value> next(carried);
        SmallVector<Value> scales = ofEachVector([&](int64_t v) { return scalesOf(heads[v], half); });
        for (int64_t first = 0; first < 4; first += together) {
          size_t each = next.size();
          SmallVector<Value> pairs =
              trips(8, nothing(builder.getI16Type(), together), [&](Value k, MutableArrayRef<Value> mine) {
                Value bytes = add(mul(half, index(64 * kPanel)), mul(k, index(4 * kPanel))),
                      words = add(mul(half, index(32 * tile)), mul(k, index(tile)));
                for (int64_t part = first; part < first + together; ++part)
                  addAll(mine.slice((part - first) * each, each), ofEachVector([&](int64_t v) {
                           Value nibbles = granule(16 + part / 2 * 32, v, 4, bytes);
                           return both(right(nibbles, part % 2 * 4), 0x0f0f0f0f);
                         }),
                         part * 8, words);
              });
          for (int64_t part = first; part < first + together; ++part)
            addJoined(next, ArrayRef(pairs).slice((part - first) * each, each),
                      ofEachVector([&](int64_t v) { return both(right(scales[v], 8 * part), 255); }));
        }
        return next;
      });
  addAllToTotal(sums, ofEachVector([&](int64_t v) { return heads[v].factor; }));
}

void BlockKernel::pairs_q6_k() {
  int64_t together = tile == 1 ? 4 : tile == 2 ? 2 : 1;
  SmallVector<Value> sums =
      loop(index(0), index(2), 1, nothing(builder.getI32Type()), [&](Value side, ValueRange carried) {
        SmallVector<Value> next(carried);
        size_t each = next.size();
        for (int64_t odd = 0; odd < 2; ++odd)
          for (int64_t first = 0; first < 4; first += together) {
            SmallVector<Value> starts;
            for (int64_t quarter = first; quarter < first + together; ++quarter)
              starts.append(beginPairs(quarter * 2 + odd, mul(side, index(8 * tile))));
            // One at a time: more would ask ahead for all lines at once, and then wait for them.
            SmallVector<Value> pairs = trips(4, 1, starts, [&](Value k, MutableArrayRef<Value> mine) {
              Value bytes = add(mul(side, index(96 * kPanel)), mul(k, index(12 * kPanel))),
                    words = add(mul(side, index(32 * tile)), mul(k, index(tile)));
              for (int64_t quarter = first; quarter < first + together; ++quarter)
                addAll(mine.slice((quarter - first) * each, each),
                       ofEachVector([&](int64_t v) { return sixBits(odd, quarter, v, bytes); }), quarter * 8 + odd * 4,
                       words);
            });
            Value scales = mul(side, index(8 * kPanel));
            for (int64_t quarter = first; quarter < first + together; ++quarter)
              addJoined(next, ArrayRef(pairs).slice((quarter - first) * each, each), ofEachVector([&](int64_t v) {
                          return signedByte(granule(192 + quarter / 2 * 4, v, 4, scales), quarter % 2 * 2 + odd);
                        }));
          }
        return next;
      });
  addAllToTotal(sums, ofEachVector([&](int64_t v) { return ofHalf(granule(208, v, 2)); }));
}

Value BlockKernel::sixBits(int64_t odd, int64_t quarter, int64_t v, Value more) {
  Value low = granule(4 * (odd * 12 + quarter % 2), v, 4, more), high = granule(4 * (odd * 12 + 2), v, 4, more);
  low = both(right(low, quarter / 2 * 4), 0x0f0f0f0f);
  high = both(quarter < 2 ? left(high, 4 - 2 * quarter) : right(high, 2 * quarter - 4), 0x30303030);
  return either(low, high);
}

} // namespace varve::target::cpu
