// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Many rows: some blocks of a panel are first opened, once for all rows, so that what is left for each row is bytes from 0
// on, multiplied and added; where a panel is one vector, those of two panels. With AVX2 each row of q8_0 takes over the signs of the
// weight by a shuffle of its quants and their opposites: shuffles have execution units of their own, where vpsignb would take those of
// the products.
#include "lib/target/cpu/kernel/BlockCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kOpenedGroups = 32; // of rows that an opened part of a panel is read for
constexpr int64_t kLine = 64;         // bytes of a line of a cache
} // namespace

int64_t BlockKernel::openedBlocks() const { // what fits the first-level cache beside rows
  if (lanes == 16)
    return 256 / form.elements;
  return form.elements == 256 ? 4 : form.encoding == Encoding::q8_0 ? 8 : 16;
}

int64_t BlockKernel::openedFactors() const {
  int64_t vectorsOfParts = form.encoding == Encoding::q6_k ? 16 : form.encoding == Encoding::q4_k ? 8 + 4 + 1 : 0;
  return openedScales() + vectorsOfParts * openedVectors();
}

void BlockKernel::opened() {
  int64_t most = blockRows(lanes), some = openedBlocks(), own = vectors, together = std::max<int64_t>(2 / own, 1);
  vectors = own * together;
  Value groups = ceilDiv(rows, index(most));
  Value products = mul(min(rows, index(most * kOpenedGroups)), mul(blocks, index(together * form.elements * kPanel)));
  Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(1)),
        parts = ceilDiv(panels, index(together));
  tasks(mul(parts, ceilDiv(groups, index(kOpenedGroups))), grain, [&](Value first, Value last) {
    Value sums = memoryOf({together * kOpenedGroups * most, kPanel}, builder.getF32Type());
    room = memoryOf({some, openedFactors() + openedVectors()}, builder.getI8Type());
    loop(first, last, 1, [&](Value point) {
      Value part = mul(rem(point, parts), index(together));
      panel = part;
      if (together > 1) // an odd last one is computed twice
        beside = min(add(part, index(1)), sub(panels, index(1)));
      Value from = mul(div(point, parts), index(kOpenedGroups)), to = min(groups, add(from, index(kOpenedGroups)));
      loop(index(0), blocks, some, [&](Value begin) {
        Value count = min(index(some), sub(blocks, begin));
        tile = most;
        loop(index(0), count, 1, [&](Value slot) {
          block = add(begin, slot);
          open(slot);
        });
        loop(from, to, 1, [&](Value number) {
          group = number;
          openedTile(sums, sub(number, from), begin, count);
        });
      });
      loop(part, min(panels, add(part, index(together))), 1, [&](Value number) {
        panel = number;
        Value before = mul(sub(number, part), index(kOpenedGroups));
        loop(from, to, 1, [&](Value number) {
          Value row = mul(number, index(most));
          callFinish(sums, row, min(index(most), sub(rows, row)), add(before, sub(number, from)));
        });
      });
    });
  });
  vectors = own;
  beside = {};
}

void BlockKernel::open(Value slot) {
  switch (form.encoding) {
  case Encoding::q8_0:
    return open_q8_0(slot);
  case Encoding::q4_0:
    return open_q4_0(slot);
  case Encoding::q4_k:
    return open_q4_k(slot);
  default:
    return open_q6_k(slot);
  }
}

void BlockKernel::multiplyOpened(Value slot) {
  if (!paired)
    return dotsOfOpened(slot);
  switch (form.encoding) {
  case Encoding::q8_0:
    return opened_q8_0(slot);
  case Encoding::q4_0:
    return opened_q4_0(slot);
  case Encoding::q4_k:
    return opened_q4_k(slot);
  default:
    return opened_q6_k(slot);
  }
}

// To the sums of a group, those of some blocks.
void BlockKernel::openedTile(Value sums, Value slot, Value begin, Value count) {
  Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(floats));
  Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, index(0));
  auto place = [&](int64_t number) {
    int64_t v = number % vectors, rowsBefore = number / vectors + (beside ? v * kOpenedGroups * tile : 0);
    return SmallVector<Value>{add(mul(slot, index(tile)), index(rowsBefore)), index(beside ? 0 : v * lanes)};
  };
  SmallVector<Value> totals;
  for (int64_t number = 0; number < tile * vectors; ++number) {
    Value before = vector::LoadOp::create(builder, location, floats, sums, place(number));
    totals.push_back(arith::SelectOp::create(builder, location, isFirst, zero, before));
  }
  Value later = mul(slot, index(kLine));
  totals = loop(index(0), count, 1, totals, [&](Value at, ValueRange carried) {
    block = add(begin, at);
    base = mul(block, index(tile * form.words(hasOpposites(form, lanes))));
    totalsOfTile.assign(carried.begin(), carried.end());
    // What is opened next is asked for in passing, a line of each half of each panel's block by each group (as in `LaterBlock`).
    int64_t half = llvm::alignTo(form.bytes * kPanel / 2, kLine);
    for (Value each : {panel, beside})
      for (int64_t from = 0; each && from <= half; from += half)
        memref::PrefetchOp::create(builder, location, weight,
                                   ValueRange{each, add(block, index(openedBlocks())), add(later, index(from))},
                                   /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
    multiplyOpened(at);
    return totalsOfTile;
  });
  for (auto [number, total] : llvm::enumerate(totals))
    vector::StoreOp::create(builder, location, total, sums, place(number));
}

void BlockKernel::put(Value slot, int64_t byte, Value vector, Value more) {
  Value place = more ? add(index(byte), more) : index(byte);
  vector::StoreOp::create(builder, location, bytesOf(vector), room, ValueRange{slot, place});
}

Value BlockKernel::taken(Value slot, int64_t byte, Type element, Value more) {
  Value place = more ? add(index(byte), more) : index(byte);
  auto type = VectorType::get({lanes * 4}, builder.getI8Type());
  Value bytes = vector::LoadOp::create(builder, location, type, room, ValueRange{slot, place});
  return as(element, bytes);
}

void BlockKernel::open_q8_0(Value slot) {
  loop(index(0), index(8), 1, [&](Value k) {
    Value more = mul(k, index(openedWord()));
    for (int64_t v = 0; v < vectors; ++v) {
      Value bytes = granule(2, v, 4, mul(k, index(4 * kPanel)));
      if (!paired) {
        put(slot, ofVector(v), arith::XOrIOp::create(builder, location, bytes, wide(0x80808080)), more);
        continue;
      }
      put(slot, ofVector(v), withSign(bytes, bytes), more);
      put(slot, openedVectors() + ofVector(v), either(both(right(bytes, 5), 0x04040404), wide(0x03020100)), more);
    }
  });
  for (int64_t v = 0; v < vectors; ++v)
    put(slot, openedFactors() + ofVector(v), ofHalf(granule(0, v, 2)));
}

void BlockKernel::opened_q8_0(Value slot) {
  auto bytes = VectorType::get({lanes * 4}, builder.getI8Type());
  auto word = [&](Value k, MutableArrayRef<Value> sums) {
    Value more = mul(k, index(openedWord())), words = mul(k, index(2 * tile));
    SmallVector<Value> weights, places;
    for (int64_t v = 0; v < vectors; ++v) {
      weights.push_back(taken(slot, ofVector(v), builder.getI8Type(), more));
      places.push_back(taken(slot, openedVectors() + ofVector(v), builder.getI8Type(), more));
    }
    for (int64_t r = 0; r < tile; ++r) {
      Value place = add(add(base, words), index(2 * r));
      Value two = vector::LoadOp::create(builder, location, VectorType::get({2}, builder.getI32Type()), packed,
                                         ValueRange{group, place});
      Value quants =
          bytesOf(vector::ShuffleOp::create(builder, location, two, two, ArrayRef<int64_t>{0, 1, 0, 1, 0, 1, 0, 1}));
      // Side by side, so that none waits for another.
      SmallVector<Value> each =
          ofEachVector([&](int64_t v) { return call("llvm.x86.avx2.pshuf.b", bytes, quants, places[v]); });
      for (int64_t v = 0; v < vectors; ++v)
        each[v] = pairsOf(weights[v], each[v]);
      for (int64_t v = 0; v < vectors; ++v)
        each[v] = joined(each[v]);
      for (int64_t v = 0; v < vectors; ++v)
        sums[r * vectors + v] = plus(sums[r * vectors + v], each[v]);
    }
  };
  addOpened(trips(8, 2, nothing(builder.getI32Type()), word, /*isPeeled=*/true), slot, 2 * form.quants());
}

void BlockKernel::addOpened(ArrayRef<Value> sums, Value slot, int64_t scaleWord, std::optional<int64_t> place) {
  SmallVector<Value> factors = ofEachVector(
      [&](int64_t v) { return taken(slot, place.value_or(openedFactors()) + ofVector(v), builder.getF32Type()); });
  for (int64_t r = 0; r < tile; ++r) {
    Value scale = wide(arith::BitcastOp::create(builder, location, builder.getF32Type(), word(scaleWord, r)));
    for (int64_t v = 0; v < vectors; ++v) {
      Value &total = totalsOfTile[r * vectors + v];
      total =
          vector::FMAOp::create(builder, location, product(toFloat(sums[r * vectors + v]), factors[v]), scale, total);
    }
  }
}

void BlockKernel::open_q4_0(Value slot) {
  loop(index(0), index(4), 1, [&](Value k) {
    Value bytes = mul(k, index(4 * kPanel)), more = mul(k, index(openedWord()));
    for (int64_t v = 0; v < vectors; ++v) {
      Value nibbles = granule(2, v, 4, bytes);
      put(slot, ofVector(v), both(nibbles, 0x0f0f0f0f), more);
      put(slot, 4 * openedWord() + ofVector(v), both(right(nibbles, 4), 0x0f0f0f0f), more);
    }
  });
  for (int64_t v = 0; v < vectors; ++v)
    put(slot, openedFactors() + ofVector(v), ofHalf(granule(0, v, 2)));
}

// To the pairs of all rows, `count` words of the opened block.
SmallVector<Value> BlockKernel::addWords(ArrayRef<Value> starts, Value slot, int64_t count, Value more, Value words) {
  return trips(count, std::min<int64_t>(count, 2), starts, [&](Value k, MutableArrayRef<Value> next) {
    Value place = mul(k, index(openedWord()));
    addAll(next, ofEachVector([&](int64_t v) {
             return taken(slot, ofVector(v), builder.getI8Type(), more ? add(place, more) : place);
           }),
           0, words ? add(mul(k, index(tile)), words) : mul(k, index(tile)));
  });
}

void BlockKernel::opened_q4_0(Value slot) {
  SmallVector<Value> pairs = addWords(beginPairs(0), slot, 8, {}, {});
  for (Value &sum : pairs)
    sum = joined(sum);
  addOpened(pairs, slot, form.quants());
}

void BlockKernel::open_q4_k(Value slot) {
  loop(index(0), index(4), 1, [&](Value two) {
    loop(index(0), index(8), 1, [&](Value k) {
      Value bytes = add(mul(two, index(32 * kPanel)), mul(k, index(4 * kPanel)));
      Value more = add(mul(two, index(16 * openedWord())), mul(k, index(openedWord())));
      for (int64_t v = 0; v < vectors; ++v) {
        Value nibbles = granule(16, v, 4, bytes);
        put(slot, ofVector(v), both(nibbles, 0x0f0f0f0f), more);
        put(slot, 8 * openedWord() + ofVector(v), both(right(nibbles, 4), 0x0f0f0f0f), more);
      }
    });
  });
  Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
  for (int64_t v = 0; v < vectors; ++v) {
    Head head = q4_kHead(v);
    for (int64_t part = 0; part < 8; ++part)
      put(slot, openedScales() + part * openedVectors() + ofVector(v),
          openedScale(both(right(head.scales[part / 4], part % 4 * 8), 255)));
    for (int64_t i = 0; i < (paired ? 4 : 2); ++i) {
      Value least = head.leasts[i % 2];
      if (paired) {
        auto type = VectorType::get({lanes * 2}, builder.getI16Type());
        least = arith::SubIOp::create(builder, location, vector::BitCastOp::create(builder, location, type, none),
                                      as(builder.getI16Type(), leastsOf(head, i)));
      }
      put(slot, openedLeasts() + i * openedVectors() + ofVector(v), least);
    }
    put(slot, openedLeasts() + 4 * openedVectors() + ofVector(v), head.least);
    put(slot, openedFactors() + ofVector(v), head.factor);
  }
}

void BlockKernel::opened_q4_k(Value slot) {
  Type i16 = builder.getI16Type();
  SmallVector<Value> sums = nothing(builder.getI32Type());
  for (int64_t i = 0; i < 4; ++i) {
    SmallVector<Value> leasts =
        ofEachVector([&](int64_t v) { return taken(slot, openedLeasts() + i * openedVectors() + ofVector(v), i16); });
    for (int64_t r = 0; r < tile; ++r) {
      Value parts = as(i16, wide(word(form.quants() + 1 + i, r)));
      for (int64_t v = 0; v < vectors; ++v)
        sums[r * vectors + v] = plus(sums[r * vectors + v], call("llvm.x86.avx2.pmadd.wd", ints, leasts[v], parts));
    }
  }
  addOpened(sums, slot, form.quants(), openedLeasts() + 4 * openedVectors());
  sums = loop(index(0), index(8), 1, nothing(builder.getI32Type()), [&](Value part, ValueRange carried) {
    SmallVector<Value> next(carried);
    SmallVector<Value> pairs =
        addWords(nothing(i16), slot, 8, mul(part, index(8 * openedWord())), mul(part, index(8 * tile)));
    addScaled(next, pairs, slot, mul(part, index(openedVectors())));
    return next;
  });
  addOpened(sums, slot, form.quants());
}

// To sums of all rows, those of the pairs of a part.
void BlockKernel::addScaled(MutableArrayRef<Value> sums, ArrayRef<Value> pairs, Value slot, Value more) {
  SmallVector<Value> scales =
      ofEachVector([&](int64_t v) { return taken(slot, openedScales() + ofVector(v), builder.getI16Type(), more); });
  for (int64_t r = 0; r < tile; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      Value sum = call("llvm.x86.avx2.pmadd.wd", ints, pairs[r * vectors + v], scales[v]);
      sums[r * vectors + v] = plus(sums[r * vectors + v], sum);
    }
}

void BlockKernel::open_q6_k(Value slot) {
  loop(index(0), index(2), 1, [&](Value side) {
    loop(index(0), index(4), 1, [&](Value k) {
      Value bytes = add(mul(side, index(96 * kPanel)), mul(k, index(12 * kPanel)));
      Value more = add(mul(side, index(32 * openedWord())), mul(k, index(openedWord())));
      for (int64_t part = 0; part < 8; ++part)
        for (int64_t v = 0; v < vectors; ++v)
          put(slot, part * 4 * openedWord() + ofVector(v), sixBits(part % 2, part / 2, v, bytes), more);
    });
    for (int64_t part = 0; part < 8; ++part)
      for (int64_t v = 0; v < vectors; ++v) {
        Value scales = granule(192 + part / 4 * 4, v, 4, mul(side, index(8 * kPanel)));
        put(slot, openedScales() + part * openedVectors() + ofVector(v), openedScale(signedByte(scales, part % 4)),
            mul(side, index(8 * openedVectors())));
      }
  });
  for (int64_t v = 0; v < vectors; ++v)
    put(slot, openedFactors() + ofVector(v), ofHalf(granule(208, v, 2)));
}

void BlockKernel::opened_q6_k(Value slot) {
  SmallVector<Value> sums =
      loop(index(0), index(16), 1, nothing(builder.getI32Type()), [&](Value part, ValueRange carried) {
        SmallVector<Value> next(carried), pairs = beginPairs(0, mul(part, index(tile)));
        Value more = mul(part, index(4 * openedWord())), words = mul(part, index(4 * tile));
        for (int64_t k = 0; k < 4; ++k)
          addAll(pairs, ofEachVector([&](int64_t v) {
                   return taken(slot, k * openedWord() + ofVector(v), builder.getI8Type(), more);
                 }),
                 k, words);
        addScaled(next, pairs, slot, mul(part, index(openedVectors())));
        return next;
      });
  addOpened(sums, slot, form.quants());
}

} // namespace varve::target::cpu
