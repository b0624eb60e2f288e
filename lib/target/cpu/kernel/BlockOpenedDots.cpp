// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opened blocks where four products are added at once: each word of a row is read for two vectors.
#include "lib/target/cpu/kernel/BlockCode.h"

using namespace mlir;

namespace varve::target::cpu {

SmallVector<Value> BlockKernel::addDots(ArrayRef<Value> sums, Value slot, int64_t count, Value more, Value words) {
  return trips(count, 2, sums, [&](Value k, MutableArrayRef<Value> next) {
    Value place = mul(k, index(openedWord())), at = mul(k, index(tile));
    SmallVector<Value> weights = ofEachVector(
        [&](int64_t v) { return taken(slot, ofVector(v), builder.getI32Type(), more ? add(place, more) : place); });
    for (int64_t r = 0; r < tile; ++r) {
      Value quants = wide(word(0, r, words ? add(at, words) : at));
      for (int64_t v = 0; v < vectors; ++v)
        next[r * vectors + v] = dot(next[r * vectors + v], weights[v], quants);
    }
  });
}

void BlockKernel::takeOpenedLeasts(Value slot) {
  SmallVector<Value> none = nothing(builder.getI32Type()), sums = none, highs = none;
  for (int64_t i = 0; i < 2; ++i) { // sums of a part's quants are 64 * high + low
    SmallVector<Value> leasts = ofEachVector([&](int64_t v) {
      return taken(slot, openedLeasts() + i * openedVectors() + ofVector(v), builder.getI32Type());
    });
    for (int64_t r = 0; r < tile; ++r)
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = sums[r * vectors + v], &high = highs[r * vectors + v];
        sum = dot(sum, leasts[v], wide(word(form.quants() + 1 + i, r)));
        high = dot(high, leasts[v], wide(word(form.quants() + 3 + i, r)));
      }
  }
  for (auto [sum, high, zero] : llvm::zip(sums, highs, none))
    sum = arith::SubIOp::create(builder, location, zero, plus(sum, left(high, 6)));
  addOpened(sums, slot, form.quants(), openedLeasts() + 4 * openedVectors());
}

void BlockKernel::dotsOfOpened(Value slot) {
  // For all vectors, where the sums of a part begin.
  auto beginAll = [&](Value part) {
    SmallVector<Value> all;
    for (Value start : begin(0, part ? mul(part, index(tile)) : Value()))
      all.append(vectors, start);
    return all;
  };
  if (form.elements == 32)
    return addOpened(addDots(beginAll({}), slot, 8, {}, {}), slot, form.quants());
  bool hasLeasts = form.encoding == Encoding::q4_k;
  if (hasLeasts)
    takeOpenedLeasts(slot);
  int64_t parts = hasLeasts ? 8 : 16, words = form.quants() / parts;
  SmallVector<Value> sums =
      loop(index(0), index(parts), 1, nothing(builder.getI32Type()), [&](Value part, ValueRange carried) {
        SmallVector<Value> next(carried);
        SmallVector<Value> mine = addDots(hasLeasts ? nothing(builder.getI32Type()) : beginAll(part), slot, words,
                                          mul(part, index(words * openedWord())), mul(part, index(words * tile)));
        SmallVector<Value> scales = ofEachVector([&](int64_t v) {
          return taken(slot, openedScales() + ofVector(v), builder.getI32Type(), mul(part, index(openedVectors())));
        });
        for (int64_t number = 0; number < tile * vectors; ++number)
          next[number] = plus(next[number], times(mine[number], scales[number % vectors]));
        return next;
      });
  addOpened(sums, slot, form.quants());
}

} // namespace varve::target::cpu
