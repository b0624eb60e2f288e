// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Many rows with AVX2: some blocks of a panel are first opened, once for all rows, so that what is left for each row is bytes from 0
// on, multiplied and added. Each row of q8_0 takes over the signs of the weight by a shuffle of its quants and their opposites:
// shuffles have execution units of their own, where vpsignb would take those of the products.
#include "lib/target/cpu/kernel/BlockCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kOpenedGroups = 16; // of rows that an opened part of a panel is read for
} // namespace

void BlockKernel::opened() {
  int64_t most = blockRows(lanes), some = openedBlocks();
  Value groups = ceilDiv(rows, index(most));
  Value products = mul(min(rows, index(most * kOpenedGroups)), mul(blocks, index(form.elements * kPanel)));
  Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(1));
  tasks(mul(panels, ceilDiv(groups, index(kOpenedGroups))), grain, [&](Value first, Value last) {
    Value sums = memoryOf({kOpenedGroups * most, kPanel}, builder.getF32Type());
    room = memoryOf({some, openedFactors() + kPanel * 4}, builder.getI8Type());
    loop(first, last, 1, [&](Value point) {
      panel = rem(point, panels);
      Value from = mul(div(point, panels), index(kOpenedGroups)), to = min(groups, add(from, index(kOpenedGroups)));
      loop(index(0), blocks, some, [&](Value begin) {
        Value count = min(index(some), sub(blocks, begin));
        tile = most;
        loop(index(0), count, 1, [&](Value slot) {
          block = add(begin, slot);
          form.encoding == Encoding::q8_0 ? open_q8_0(slot) : open_q6_k(slot);
        });
        loop(from, to, 1, [&](Value number) {
          group = number;
          openedTile(sums, sub(number, from), begin, count);
        });
      });
      loop(from, to, 1, [&](Value number) {
        Value row = mul(number, index(most));
        callFinish(sums, row, min(index(most), sub(rows, row)), sub(number, from));
      });
    });
  });
}

void BlockKernel::openedTile(Value sums, Value slot, Value begin, Value count) {
  Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(floats));
  Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, index(0));
  auto place = [&](int64_t number) {
    return SmallVector<Value>{add(mul(slot, index(tile)), index(number / vectors)), index(number % vectors * lanes)};
  };
  SmallVector<Value> totals;
  for (int64_t number = 0; number < tile * vectors; ++number) {
    Value before = vector::LoadOp::create(builder, location, floats, sums, place(number));
    totals.push_back(arith::SelectOp::create(builder, location, isFirst, zero, before));
  }
  totals = loop(index(0), count, 1, totals, [&](Value at, ValueRange carried) {
    block = add(begin, at);
    base = mul(block, index(tile * form.words(hasOpposites(form, lanes))));
    totalsOfTile.assign(carried.begin(), carried.end());
    form.encoding == Encoding::q8_0 ? opened_q8_0(at) : opened_q6_k(at);
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
      put(slot, ofVector(v), withSign(bytes, bytes), more);
      put(slot, kPanel * 4 + ofVector(v), either(both(right(bytes, 5), 0x04040404), wide(0x03020100)), more);
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
      places.push_back(taken(slot, kPanel * 4 + ofVector(v), builder.getI8Type(), more));
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
  addOpened(trips(8, 2, nothing(builder.getI32Type()), word), slot, 2 * form.quants());
}

void BlockKernel::addOpened(ArrayRef<Value> sums, Value slot, int64_t scaleWord) {
  SmallVector<Value> factors =
      ofEachVector([&](int64_t v) { return taken(slot, openedFactors() + ofVector(v), builder.getF32Type()); });
  for (int64_t r = 0; r < tile; ++r) {
    Value scale = wide(arith::BitcastOp::create(builder, location, builder.getF32Type(), word(scaleWord, r)));
    for (int64_t v = 0; v < vectors; ++v) {
      Value &total = totalsOfTile[r * vectors + v];
      total =
          vector::FMAOp::create(builder, location, product(toFloat(sums[r * vectors + v]), factors[v]), scale, total);
    }
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
        put(slot, openedScales() + part * kPanel * 4 + ofVector(v), twice(signedByte(scales, part % 4)),
            mul(side, index(8 * kPanel * 4)));
      }
  });
  for (int64_t v = 0; v < vectors; ++v)
    put(slot, openedFactors() + ofVector(v), ofHalf(granule(208, v, 2)));
}

void BlockKernel::opened_q6_k(Value slot) {
  SmallVector<Value> sums =
      loop(index(0), index(16), 1, nothing(builder.getI32Type()), [&](Value part, ValueRange carried) {
        SmallVector<Value> next(carried), pairs;
        Value more = mul(part, index(4 * openedWord())), words = mul(part, index(4 * tile));
        for (Value start : begin(0, mul(part, index(tile))))
          pairs.append(vectors, as(builder.getI16Type(), start));
        for (int64_t k = 0; k < 4; ++k)
          addAll(pairs, ofEachVector([&](int64_t v) {
                   return taken(slot, k * openedWord() + ofVector(v), builder.getI8Type(), more);
                 }),
                 k, words);
        SmallVector<Value> scales = ofEachVector([&](int64_t v) {
          return taken(slot, openedScales() + ofVector(v), builder.getI16Type(), mul(part, index(kPanel * 4)));
        });
        for (int64_t r = 0; r < tile; ++r)
          for (int64_t v = 0; v < vectors; ++v) {
            Value sum = call("llvm.x86.avx2.pmadd.wd", ints, pairs[r * vectors + v], scales[v]);
            next[r * vectors + v] = plus(next[r * vectors + v], sum);
          }
        return next;
      });
  addOpened(sums, slot, form.quants());
}

} // namespace varve::target::cpu
