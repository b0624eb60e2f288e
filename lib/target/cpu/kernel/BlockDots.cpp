// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors of a panel one after another, and of each, four neighbours along k at once.
#include "lib/target/cpu/kernel/BlockCode.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kFew = 4; // rows whose sums of four parts at once fit registers
} // namespace

void BlockKernel::q8_0() {
  for (int64_t v = 0; v < vectors; ++v) {
    SmallVector<Value> sums = begin(0);
    for (int64_t k = 0; k < 8; ++k)
      accumulate(sums, arith::XOrIOp::create(builder, location, granule(2 + 4 * k, v), wide(0x80808080)), k);
    Value factor = ofHalf(granule(0, v, 2));
    for (int64_t r = 0; r < tile; ++r)
      addToTotal(r, v, product(toFloat(sums[r]), factor));
  }
}

void BlockKernel::q4_0() {
  for (int64_t v = 0; v < vectors; ++v) {
    SmallVector<Value> sums = begin(0);
    for (int64_t k = 0; k < 4; ++k) {
      Value nibbles = granule(2 + 4 * k, v);
      accumulate(sums, both(nibbles, 0x0f0f0f0f), k);
      accumulate(sums, both(right(nibbles, 4), 0x0f0f0f0f), k + 4);
    }
    Value factor = ofHalf(granule(0, v, 2));
    for (int64_t r = 0; r < tile; ++r)
      addToTotal(r, v, product(toFloat(sums[r]), factor));
  }
}

void BlockKernel::halves(int64_t v, Value factor, llvm::function_ref<void(Value, MutableArrayRef<Value>)> inside) {
  Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
  SmallVector<Value> sums =
      loop(index(0), index(2), 1, SmallVector<Value>(tile, none), [&](Value half, ValueRange carried) {
        SmallVector<Value> next(carried);
        inside(half, next);
        return next;
      });
  for (int64_t r = 0; r < tile; ++r)
    addToTotal(r, v, product(toFloat(sums[r]), factor));
}

BlockKernel::Head BlockKernel::q4_kHead(int64_t v) {
  Value head = granule(0, v), factor = ofHalf(head), least = ofHalf(right(head, 16));
  Value first = granule(4, v), second = granule(8, v), third = granule(12, v);
  // Six bits each: of parts 0 to 3, and 4 to 7.
  return {factor,
          least,
          {both(first, 0x3f3f3f3f), either(both(third, 0x0f0f0f0f), both(right(first, 2), 0x30303030))},
          {both(second, 0x3f3f3f3f), either(both(right(third, 4), 0x0f0f0f0f), both(right(second, 2), 0x30303030))}};
}

Value BlockKernel::leastsOf(const Head &head, int64_t two) {
  return both(right(head.leasts[two / 2], two % 2 * 8), 0x00ff00ff);
}

void BlockKernel::takeLeasts(const Head &head, int64_t v) {
  Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
  for (int64_t r = 0; r < tile; ++r) {
    Value sum = none;
    auto sumsOf = [&](int64_t i) { return wide(word(form.quants() + 1 + i, r)); };
    if (paired) {
      for (int64_t i = 0; i < 4; ++i)
        sum = plus(sum, call("llvm.x86.avx2.pmadd.wd", ints, as(builder.getI16Type(), leastsOf(head, i)),
                             as(builder.getI16Type(), sumsOf(i))));
    } else { // sums of a part's quants are 64 * high + low
      Value high = none;
      for (int64_t i = 0; i < 2; ++i) {
        sum = dot(sum, head.leasts[i], sumsOf(i));
        high = dot(high, head.leasts[i], sumsOf(i + 2));
      }
      sum = plus(sum, left(high, 6));
    }
    addToTotal(r, v, product(toFloat(arith::SubIOp::create(builder, location, none, sum)), head.least));
  }
}

Value BlockKernel::scalesOf(const Head &head, Value half) {
  Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, half, index(0));
  return arith::SelectOp::create(builder, location, isFirst, head.scales[0], head.scales[1]);
}

void BlockKernel::q4_k() {
  Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
  for (int64_t v = 0; v < vectors; ++v) {
    Head head = q4_kHead(v);
    takeLeasts(head, v);
    halves(v, head.factor, [&](Value half, MutableArrayRef<Value> sums) {
      Value scale = scalesOf(head, half);
      Value bytes = mul(half, index(64 * kPanel)), words = mul(half, index(32 * tile));
      for (int64_t part = 0; part < 4; ++part) {
        SmallVector<Value> mine(tile, none);
        for (int64_t k = 0; k < 8; ++k) {
          Value nibbles = granule(16 + part / 2 * 32 + 4 * k, v, 4, bytes);
          accumulate(mine, both(right(nibbles, part % 2 * 4), 0x0f0f0f0f), part * 8 + k, words);
        }
        Value factors = both(right(scale, 8 * part), 255);
        for (int64_t r = 0; r < tile; ++r)
          sums[r] = plus(sums[r], times(mine[r], factors));
      }
    });
  }
}

void BlockKernel::q6_k() {
  for (int64_t v = 0; v < vectors; ++v)
    halves(v, ofHalf(granule(208, v, 2)), [&](Value side, MutableArrayRef<Value> sums) {
      Value quants = mul(side, index(96 * kPanel)), scales = mul(side, index(8 * kPanel)),
            words = mul(side, index(32 * tile)), starts = mul(side, index(8 * tile));
      // Few rows read memory in the order in which it lies there: all parts that have a granule in common at once.
      int64_t together = tile <= kFew ? 4 : 1;
      for (int64_t odd = 0; odd < 2; ++odd)
        for (int64_t first = 0; first < 4; first += together) {
          SmallVector<SmallVector<Value>> mine; // of parts of 16: two of each quarter of a side
          for (int64_t quarter = first; quarter < first + together; ++quarter)
            mine.push_back(begin(quarter * 2 + odd, starts));
          for (int64_t k = odd * 4; k < odd * 4 + 4; ++k)
            for (int64_t quarter = first; quarter < first + together; ++quarter) {
              Value low = granule(4 * (k * 3 + quarter % 2), v, 4, quants),
                    high = granule(4 * (k * 3 + 2), v, 4, quants);
              low = both(right(low, quarter / 2 * 4), 0x0f0f0f0f);
              high = both(quarter < 2 ? left(high, 4 - 2 * quarter) : right(high, 2 * quarter - 4), 0x30303030);
              accumulate(mine[quarter - first], either(low, high), quarter * 8 + k, words);
            }
          for (int64_t quarter = first; quarter < first + together; ++quarter) {
            Value factors = signedByte(granule(192 + quarter / 2 * 4, v, 4, scales), quarter % 2 * 2 + odd);
            for (int64_t r = 0; r < tile; ++r)
              sums[r] = plus(sums[r], times(mine[quarter - first][r], factors));
          }
        }
    });
}

} // namespace varve::target::cpu
