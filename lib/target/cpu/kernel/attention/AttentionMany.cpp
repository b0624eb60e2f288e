// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention with an online softmax, after Milakov and Gimelshein, "Online normalizer calculation for softmax", and Dao et
// al., "FlashAttention": scores of a block of keys at a time, never all of them.
// Lanes are queries: a task has two vectors of queries that share a head of keys, so that scores of a key, maxima and sums are
// whole vectors, nothing is summed across lanes, and keys and values are read element by element, by broadcasts. Rows of one
// head lie far apart, often in few sets of a cache, so many queries first have them laid head by head, once for all.
#include "lib/target/cpu/kernel/Transpose.h"
#include "lib/target/cpu/kernel/attention/AttentionParts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kKeys = 96; // of a block: whole tiles of 6 and of 8, whose scores stay in the first-level cache
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own
constexpr int64_t kTaskElements = 32768;  // elements to lay anew that are worth one

class ManyQueries : AttentionParts {
public:
  ManyQueries(OpBuilder builder, func::FuncOp function, AttentionOp op, Tile tile)
      : AttentionParts(builder, function, op, tile.lanes), width(2 * tile.lanes), rows(tile.lanes == 16 ? 8 : 6) {
    isDirect = cast<MemRefType>(key.getType()).getElementType().isF32();
  }

  void emit() {
    if (std::optional<int64_t> known = knownRows(op))
      return *known >= gatheredRows(cast<MemRefType>(key.getType()).getElementType()) ? ofGathered() : ofAll();
    Value ownKey = key, ownValue = value;
    bool own = isDirect;
    Value some = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ne, dim(scratch, 0), index(0));
    ifThenElse(
        some, [&] { ofGathered(); },
        [&] {
          key = ownKey;
          value = ownValue;
          isDirect = own;
          ofAll();
        });
  }

private:
  void ofGathered() {
    Value heads = mul(dim(query, 0), shared), ofKeys = headsIn(index(0), size),
          ofValues = headsIn(mul(mul(heads, keys), index(size)), valueSize), parts = ceilDiv(keys, index(kKeys));
    int64_t grain = std::max<int64_t>(kTaskElements / kKeys / (size + valueSize), 1);
    parallel(mul(heads, parts), index(grain), [&](Value point) {
      Value pair = div(point, parts), begin = mul(rem(point, parts), index(kKeys));
      Value item = div(pair, shared), ownHead = rem(pair, shared);
      loop(begin, min(keys, add(begin, index(kKeys))), 1, [&](Value at) {
        SmallVector<Value> place{item, at, ownHead};
        overRow(size, [&](Value column, int64_t count) {
          writeLanes(ofKeys, place, column, count, readLanes(key, place, column, count));
        });
        overRow(valueSize, [&](Value column, int64_t count) {
          writeLanes(ofValues, place, column, count, readLanes(value, place, column, count));
        });
      });
    });
    key = ofKeys;
    value = ofValues;
    isDirect = true;
    ofAll();
  }

  // [batch, keys, heads of keys, count] of f32 from a place of the scratch memory on, where each head lies in one piece.
  Value headsIn(Value offset, int64_t count) {
    int64_t any = ShapedType::kDynamic;
    auto layout = StridedLayoutAttr::get(builder.getContext(), any, {any, count, any, 1});
    auto type = MemRefType::get({any, any, any, count}, f32, layout);
    Value ofHead = mul(keys, index(count));
    SmallVector<OpFoldResult> sizes{dim(query, 0), keys, shared, builder.getIndexAttr(count)},
        strides{mul(shared, ofHead), builder.getIndexAttr(count), ofHead, builder.getIndexAttr(1)};
    return memref::ReinterpretCastOp::create(builder, location, type, scratch, OpFoldResult(offset), sizes, strides);
  }

  void ofAll() {
    Value blocks = ceilDiv(queryRows, index(width));
    Value products = mul(max(keys, index(1)), index((size + valueSize) * width));
    tasks(mul(mul(dim(query, 0), shared), blocks), max(div(index(kTaskProducts), products), index(1)),
          [&](Value first, Value last) {
            allocate();
            loop(first, last, 1, [&](Value point) {
              Value pair = div(point, blocks);
              batch = div(pair, shared);
              head = rem(pair, shared);
              firstRow = mul(rem(point, blocks), index(width));
              lastRow = min(queryRows, add(firstRow, index(width)));
              readQueries();
              writeOutput(overKeys());
            });
          });
  }

  // The memory of a task, on its stack.
  void allocate() {
    columns = room({size, width}, f32);
    scores = room({kKeys + rows, width}, f32);
    results = room({valueSize, width}, f32);
    turned = room({width, valueSize}, f32);
    queryBlock = size == valueSize ? turned : room({width, size}, f32); // is read before the other is written
    positions = room({width}, builder.getI64Type());
    if (mask)
      masks = room({kKeys, width}, f32);
    if (sinks)
      sinkRow = room({width}, f32);
    if (slopes) {
      slopeRow = room({width}, f32);
      places = room({width}, f32);
    }
    if (!isDirect) {
      keyBlock = room({kKeys + rows, size}, f32);
      valueBlock = room({kKeys, valueSize}, f32);
    }
  }

  Value load(Value memory, ValueRange place) {
    return vector::LoadOp::create(builder, location, vector, memory, place);
  }
  void store(Value memory, Value row, int64_t part, Value values) {
    vector::StoreOp::create(builder, location, values, memory, ValueRange{row, index(part * lanes)});
  }
  Value load(Value memory, Value row, int64_t part) { return load(memory, ValueRange{row, index(part * lanes)}); }
  // A row of elements of any float type into a row of f32.
  void readRow(Value from, ValueRange place, Value to, Value toRow, int64_t count) {
    overRow(count, [&](Value at, int64_t some) { writeLanes(to, toRow, at, some, readLanes(from, place, at, some)); });
  }

  // Queries become columns, scaled; those after the last one repeat it.
  void readQueries() {
    Value scale = arith::ConstantOp::create(builder, location, op.getScaleAttr());
    loop(index(0), index(width), 1, [&](Value lane) {
      Value row = min(add(firstRow, lane), sub(queryRows, index(1)));
      auto [at, queryHead] = placeOf(row, head);
      Value position = arith::IndexCastOp::create(builder, location, builder.getI64Type(), add(at, behind));
      memref::StoreOp::create(builder, location, position, positions, lane);
      auto readNumber = [&](Value from, Value to) {
        Value number = memref::LoadOp::create(builder, location, from, queryHead);
        memref::StoreOp::create(builder, location, extended(number), to, lane);
      };
      if (sinks)
        readNumber(sinks, sinkRow);
      if (slopes) {
        readNumber(slopes, slopeRow);
        Value place = arith::SIToFPOp::create(builder, location, f32, position);
        memref::StoreOp::create(builder, location, place, places, lane);
      }
      readRow(query, {batch, at, queryHead}, queryBlock, lane, size);
    });
    transposeInto(queryBlock, columns, size, wide(scale));
  }

  // [width, count] to [count, width], times a factor.
  void transposeInto(Value from, Value to, int64_t count, Value factor) {
    int64_t whole = count / lanes * lanes;
    for (int64_t part = 0; part < 2; ++part) {
      loop(index(0), index(whole), lanes, [&](Value at) {
        SmallVector<Value> vectors;
        for (int64_t lane = 0; lane < lanes; ++lane)
          vectors.push_back(load(from, ValueRange{index(part * lanes + lane), at}));
        vectors = transpose(builder, location, vectors);
        for (auto [r, values] : llvm::enumerate(vectors))
          store(to, add(at, index(r)), part, make<arith::MulFOp>(values, factor));
      });
      loop(index(whole), index(count), 1, [&](Value at) {
        Value values = constant(0);
        for (int64_t lane = 0; lane < lanes; ++lane) {
          Value number = memref::LoadOp::create(builder, location, from, ValueRange{index(part * lanes + lane), at});
          values = vector::InsertOp::create(builder, location, number, values, lane);
        }
        store(to, at, part, make<arith::MulFOp>(values, factor));
      });
    }
  }

  // Which keys the task's queries see at all.
  std::pair<Value, Value> seenKeys() {
    Value from = index(0), to = keys;
    Value firstPosition = add(div(firstRow, group), behind),
          lastPosition = add(div(sub(lastRow, index(1)), group), behind);
    if (op.getCausal())
      to = max(min(to, add(lastPosition, index(1))), index(0));
    if (std::optional<int64_t> window = op.getWindow())
      from = max(from, sub(add(firstPosition, index(1)), index(*window)));
    return {from, to};
  }

  // Block after block: maxima, then sums. Returns both.
  SmallVector<Value> overKeys() {
    auto [from, to] = seenKeys();
    Value none = constant(-std::numeric_limits<double>::infinity()), zero = constant(0);
    SmallVector<Value> state{none, none, zero, zero};
    state = loop(from, to, kKeys, state, [&](Value begin, ValueRange before) {
      Value end = min(add(begin, index(kKeys)), to);
      readKeys(begin, end);
      multiplyKeys(begin, end);
      shape(begin, end);
      hide(begin, end);
      SmallVector<Value> most(before.take_front(2));
      Value count = sub(end, begin);
      most = loop(index(0), count, 1, most, [&](Value at, ValueRange carried) {
        SmallVector<Value> next;
        for (int64_t part = 0; part < 2; ++part)
          next.push_back(larger(carried[part], load(scores, at, part)));
        return next;
      });
      SmallVector<Value> sums, factors, bases;
      for (int64_t part = 0; part < 2; ++part) {
        // Of a query that has seen no key every power is 0, and not exp(-inf - -inf).
        Value blind = arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OEQ, most[part], none);
        bases.push_back(arith::SelectOp::create(builder, location, blind, zero, most[part]));
        factors.push_back(weight(before[part], bases[part]));
        sums.push_back(make<arith::MulFOp>(before[2 + part], factors[part]));
      }
      sums = loop(index(0), count, 1, sums, [&](Value at, ValueRange carried) {
        SmallVector<Value> next;
        for (int64_t part = 0; part < 2; ++part) {
          Value power = weight(load(scores, at, part), bases[part]);
          store(scores, at, part, power);
          next.push_back(make<arith::AddFOp>(carried[part], power));
        }
        return next;
      });
      Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, from);
      for (int64_t at = 0; at < valueSize; at += rows)
        if (valueSize - at < rows) // what is left after the whole tiles
          multiplyValues(index(at), begin, end, factors, isFirst, valueSize - at);
      loop(index(0), index(valueSize / rows * rows), rows,
           [&](Value at) { multiplyValues(at, begin, end, factors, isFirst, rows); });
      most.append(sums);
      return most;
    });
    return state;
  }

  // Keys and values of a block in f32, if they are not.
  void readKeys(Value begin, Value end) {
    if (isDirect)
      return;
    loop(begin, end, 1, [&](Value at) {
      Value row = sub(at, begin);
      readRow(key, {batch, at, head}, keyBlock, row, size);
      readRow(value, {batch, at, head}, valueBlock, row, valueSize);
    });
  }

  // scores[key, query] = sum over d of key[key, d] * columns[d, query], for tiles of keys. Those behind the end of a tile are
  // computed of the last key, and not looked at.
  void multiplyKeys(Value begin, Value end) {
    loop(begin, end, rows, [&](Value first) {
      SmallVector<Value> at;
      for (int64_t r = 0; r < rows; ++r)
        at.push_back(min(add(first, index(r)), sub(end, index(1))));
      SmallVector<Value> sums(2 * rows, constant(0));
      sums = loop(index(0), index(size), 1, sums, [&](Value d, ValueRange carried) {
        SmallVector<Value> next(carried);
        Value left = load(columns, d, 0), right = load(columns, d, 1);
        for (int64_t r = 0; r < rows; ++r) {
          Value number = isDirect
                             ? memref::LoadOp::create(builder, location, key, ValueRange{batch, at[r], head, d})
                             : memref::LoadOp::create(builder, location, keyBlock, ValueRange{sub(at[r], begin), d});
          Value scalar = wide(number);
          next[2 * r] = vector::FMAOp::create(builder, location, scalar, left, next[2 * r]);
          next[2 * r + 1] = vector::FMAOp::create(builder, location, scalar, right, next[2 * r + 1]);
        }
        return next;
      });
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t part = 0; part < 2; ++part)
          store(scores, add(sub(first, begin), index(r)), part, sums[2 * r + part]);
    });
  }

  // Scores are capped, and then biased by how far the key is from the query.
  void shape(Value begin, Value end) {
    if (!op.getSoftCap() && !slopes)
      return;
    change(begin, end, [&](Value at, int64_t part, Value score) {
      score = capped(score);
      if (slopes) {
        Value keyAt = arith::IndexCastOp::create(builder, location, builder.getI64Type(), add(begin, at));
        Value place = wide(arith::SIToFPOp::create(builder, location, f32, keyAt));
        Value distance = make<arith::SubFOp>(place, load(places, index(part * lanes)));
        score = make<arith::AddFOp>(score, make<arith::MulFOp>(load(slopeRow, index(part * lanes)), distance));
      }
      return score;
    });
  }

  // Scores that a query may not see become minus infinity; a mask of floats is added.
  void hide(Value begin, Value end) {
    if (mask) {
      readMask(begin, end);
      change(begin, end,
             [&](Value at, int64_t part, Value score) { return make<arith::AddFOp>(score, load(masks, at, part)); });
    }
    if (!op.getCausal() && !op.getWindow())
      return;
    Value firstPosition = add(div(firstRow, group), behind),
          lastPosition = add(div(sub(lastRow, index(1)), group), behind);
    Value some = arith::ConstantIntOp::create(builder, location, 0, 1);
    if (op.getCausal())
      some = make<arith::OrIOp>(some, isLess(firstPosition, sub(end, index(1))));
    if (std::optional<int64_t> window = op.getWindow())
      some = make<arith::OrIOp>(some, isLess(begin, sub(add(lastPosition, index(1)), index(*window))));
    auto numbers = VectorType::get({lanes}, builder.getI64Type());
    ifThen(some, [&] {
      change(begin, end, [&](Value at, int64_t part, Value score) {
        Value keyAt = arith::IndexCastOp::create(builder, location, builder.getI64Type(), add(begin, at));
        Value keyAts = vector::BroadcastOp::create(builder, location, numbers, keyAt);
        Value position = vector::LoadOp::create(builder, location, numbers, positions, index(part * lanes));
        Value hidden = constant(-std::numeric_limits<double>::infinity());
        if (op.getCausal())
          score = arith::SelectOp::create(builder, location, isLess(position, keyAts), hidden, score);
        if (std::optional<int64_t> window = op.getWindow()) {
          Value size =
              arith::ConstantOp::create(builder, location, numbers,
                                        DenseElementsAttr::get(numbers, builder.getI64IntegerAttr(*window).getValue()));
          Value isFar = isLess(make<arith::AddIOp>(keyAts, size), make<arith::AddIOp>(position, one(numbers)));
          score = arith::SelectOp::create(builder, location, isFar, hidden, score);
        }
        return score;
      });
    });
  }

  Value one(VectorType type) {
    return arith::ConstantOp::create(builder, location, type,
                                     DenseElementsAttr::get(type, builder.getI64IntegerAttr(1).getValue()));
  }

  void change(Value begin, Value end, llvm::function_ref<Value(Value, int64_t, Value)> fn) {
    loop(index(0), sub(end, begin), 1, [&](Value at) {
      for (int64_t part = 0; part < 2; ++part)
        store(scores, at, part, fn(at, part, load(scores, at, part)));
    });
  }

  // The mask of a block: a row for each key, what is added to the scores.
  void readMask(Value begin, Value end) {
    loop(index(0), index(width), 1, [&](Value lane) {
      auto [at, queryHead] = placeOf(min(add(firstRow, lane), sub(queryRows, index(1))), head);
      loop(begin, end, 1, [&](Value keyAt) {
        memref::StoreOp::create(builder, location, maskAt(batch, queryHead, at, keyAt), masks,
                                ValueRange{sub(keyAt, begin), lane});
      });
    });
  }

  // results[at + r, query] = that * factor + sum over keys of value[key, at + r] * scores[key, query]
  void multiplyValues(Value at, Value begin, Value end, ArrayRef<Value> factors, Value isFirst, int64_t count) {
    SmallVector<Value> sums, places;
    for (int64_t r = 0; r < count; ++r) {
      places.push_back(add(at, index(r)));
      for (int64_t part = 0; part < 2; ++part) {
        Value before = make<arith::MulFOp>(load(results, places[r], part), factors[part]);
        sums.push_back(arith::SelectOp::create(builder, location, isFirst, constant(0), before));
      }
    }
    sums = loop(begin, end, 1, sums, [&](Value keyAt, ValueRange carried) {
      SmallVector<Value> next(carried);
      Value row = sub(keyAt, begin), left = load(scores, row, 0), right = load(scores, row, 1);
      for (int64_t r = 0; r < count; ++r) {
        Value number = isDirect
                           ? memref::LoadOp::create(builder, location, value, ValueRange{batch, keyAt, head, places[r]})
                           : memref::LoadOp::create(builder, location, valueBlock, ValueRange{row, places[r]});
        Value scalar = wide(number);
        next[2 * r] = vector::FMAOp::create(builder, location, scalar, left, next[2 * r]);
        next[2 * r + 1] = vector::FMAOp::create(builder, location, scalar, right, next[2 * r + 1]);
      }
      return next;
    });
    for (int64_t r = 0; r < count; ++r)
      for (int64_t part = 0; part < 2; ++part)
        store(results, places[r], part, sums[2 * r + part]);
  }

  // Divided by the sums, and columns become rows again.
  void writeOutput(ArrayRef<Value> mostAndSums) {
    Value zero = constant(0);
    SmallVector<Value> factors, blind;
    for (int64_t part = 0; part < 2; ++part) {
      Value most = mostAndSums[part], sum = mostAndSums[2 + part];
      blind.push_back(arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OEQ, sum, zero));
      if (sinks) {
        Value less = make<arith::SubFOp>(load(sinkRow, index(part * lanes)), most);
        sum = make<arith::AddFOp>(sum, math::ExpOp::create(builder, location, less));
      }
      factors.push_back(
          make<arith::DivFOp>(constant(1), arith::SelectOp::create(builder, location, blind.back(), constant(1), sum)));
    }
    auto given = [&](Value at, int64_t part) -> Value { // of a query that sees no key, nothing has been computed
      Value values = make<arith::MulFOp>(load(results, at, part), factors[part]);
      return arith::SelectOp::create(builder, location, blind[part], zero, values);
    };
    int64_t whole = valueSize / lanes * lanes;
    for (int64_t part = 0; part < 2; ++part) {
      loop(index(0), index(whole), lanes, [&](Value at) {
        SmallVector<Value> vectors;
        for (int64_t r = 0; r < lanes; ++r)
          vectors.push_back(given(add(at, index(r)), part));
        vectors = transpose(builder, location, vectors);
        for (auto [lane, values] : llvm::enumerate(vectors))
          vector::StoreOp::create(builder, location, values, turned, ValueRange{index(part * lanes + lane), at});
      });
      loop(index(whole), index(valueSize), 1, [&](Value at) {
        Value values = given(at, part);
        for (int64_t lane = 0; lane < lanes; ++lane) {
          Value number = vector::ExtractOp::create(builder, location, values, lane);
          memref::StoreOp::create(builder, location, number, turned, ValueRange{index(part * lanes + lane), at});
        }
      });
    }
    loop(firstRow, lastRow, 1, [&](Value row) {
      auto [at, queryHead] = placeOf(row, head);
      overRow(valueSize, [&](Value column, int64_t count) {
        Value values = readLanes(turned, sub(row, firstRow), column, count);
        writeLanes(output, {batch, at, queryHead}, column, count, values);
      });
    });
  }

  int64_t width, rows;
  bool isDirect = false; // keys and values are f32, and read where they are
  // The place of a task.
  Value batch, head, firstRow, lastRow;
  // Memory of a task: [d, query], [key, query], [element, query], [query, element], and blocks of keys and values.
  Value columns, scores, results, turned, queryBlock, positions, masks, keyBlock, valueBlock;
  Value sinkRow, slopeRow, places; // of each query
};
} // namespace

void buildManyQueries(OpBuilder builder, func::FuncOp function, AttentionOp op, Tile tile) {
  ManyQueries(builder, function, op, tile).emit();
}

} // namespace varve::target::cpu
