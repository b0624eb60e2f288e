// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention of a few queries, a step of decoding: the time is that of reading keys and values. A task has a part of the keys,
// with all heads, so that both are read once and in order (as in Dao et al., "Flash-Decoding"); parts are divided by sizes
// alone. Lanes of a product are elements of a head; sums of so many pairs of a query and a key as a vector has lanes are
// turned into one vector of scores. What the parts have found is joined in the end, in their order.
#include "lib/target/cpu/kernel/attention/AttentionParts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kTaskProducts = 262144;
constexpr int64_t kMostRows = 8; // of a tile, if a vector has so many lanes

class FewQueries : AttentionParts {
public:
  FewQueries(OpBuilder builder, func::FuncOp function, AttentionOp op, int64_t lanes)
      : AttentionParts(builder, function, op, lanes), width(FewQueriesScratch::widthOf(op)) {}

  void emit() {
    batches = dim(query, 0);
    itemRows = mul(shared, queryRows);
    allRows = mul(batches, itemRows);
    padded = mul(ceilDiv(allRows, index(FewQueriesScratch::kAlign)), index(FewQueriesScratch::kAlign));
    slab = mul(allRows, index(width));
    mostAt = mul(slab, add(parts, index(1)));
    sumsAt = add(mostAt, mul(parts, padded));
    from = index(0);
    if (std::optional<int64_t> window = op.getWindow())
      from = min(max(from, sub(add(behind, index(1)), index(*window))), keys);
    Value seen = sub(keys, from), block = index(FewQueriesScratch::kBlock);
    partKeys = max(mul(ceilDiv(ceilDiv(seen, parts), block), block), block);
    used = ceilDiv(seen, partKeys);

    readQueries();
    tasks(mul(batches, used), index(1), [&](Value first, Value last) {
      scores = room({FewQueriesScratch::kBlock * kMostRows + lanes}, f32);
      loop(first, last, 1, [&](Value point) { overPart(div(point, used), rem(point, used)); });
    });
    join();
  }

private:
  using Each = llvm::function_ref<void(Value)>;

  Value at(Value place) { return vector::LoadOp::create(builder, location, vector, scratch, place); }
  void put(Value place, Value values) { vector::StoreOp::create(builder, location, values, scratch, place); }
  Value rowPlace(Value slabNumber, Value row, Value column) {
    return add(add(mul(slabNumber, slab), mul(row, index(width))), column);
  }
  // Batch, head of keys, and row of the queries that share it.
  std::array<Value, 3> splitRow(Value row) {
    Value inItem = rem(row, itemRows);
    return {div(row, itemRows), div(inItem, queryRows), rem(inItem, queryRows)};
  }

  // Scaled, in f32, with zeros behind them up to a whole vector.
  void readQueries() {
    Value scale = arith::ConstantOp::create(builder, location, op.getScaleAttr());
    loop(index(0), allRows, 1, [&](Value row) {
      auto [batch, head, inHead] = splitRow(row);
      auto [place, queryHead] = placeOf(inHead, head);
      overRow(size, [&](Value column, int64_t count) {
        Value values = readLanes(query, {batch, place, queryHead}, column, count);
        put(rowPlace(index(0), row, column), make<arith::MulFOp>(values, wide(scale)));
      });
    });
  }

  void overPart(Value batch, Value part) {
    Value begin = add(from, mul(part, partKeys)), end = min(add(begin, partKeys), keys);
    Value none =
        arith::ConstantOp::create(builder, location, builder.getF32FloatAttr(-std::numeric_limits<float>::infinity()));
    Value zero = arith::ConstantOp::create(builder, location, builder.getF32FloatAttr(0));
    Value states = add(mul(part, padded), mul(batch, itemRows));
    loop(index(0), itemRows, 1, [&](Value row) {
      memref::StoreOp::create(builder, location, none, scratch, add(add(mostAt, states), row));
      memref::StoreOp::create(builder, location, zero, scratch, add(add(sumsAt, states), row));
    });
    loop(begin, end, FewQueriesScratch::kBlock, [&](Value first) {
      Value last = min(add(first, index(FewQueriesScratch::kBlock)), end);
      loop(index(0), shared, 1, [&](Value head) {
        Place place{batch, part, head, first, last, isEqual(first, begin)};
        // Tiles of as many rows as possible, then of half as many.
        int64_t most = std::min(lanes, kMostRows);
        std::optional<int64_t> known = knownRows(op);
        if (!known || *known >= most)
          loop(index(0), wholeSteps(queryRows, most), most, [&](Value row) { tile(place, row, most); });
        for (int64_t rows = most / 2; rows > 0; rows /= 2) {
          auto rest = [&] { tile(place, wholeSteps(queryRows, 2 * rows), rows); };
          if (!known)
            ifThen(isLess(index(rows - 1), rem(queryRows, index(2 * rows))), rest);
          else if (*known % (2 * rows) >= rows)
            rest();
        }
      });
    });
  }

  struct Place {
    Value batch, part, head, first, last, isFirst;
  };

  // `numbers[r]` in all lanes of row r.
  Value spread(ArrayRef<Value> numbers) {
    if (numbers.size() == 1)
      return wide(numbers[0]);
    auto few = VectorType::get({static_cast<int64_t>(numbers.size())}, numbers[0].getType());
    return spread(vector::FromElementsOp::create(builder, location, few, numbers).getResult());
  }
  Value spread(Value few) {
    int64_t rows = cast<VectorType>(few.getType()).getDimSize(0);
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < lanes; ++lane)
      order.push_back(lane % rows);
    return vector::ShuffleOp::create(builder, location, few, few, order);
  }
  Value readRows(Value place, int64_t rows) {
    auto few = VectorType::get({rows}, f32);
    return spread(vector::LoadOp::create(builder, location, few, scratch, place).getResult());
  }
  void writeRows(Value place, int64_t rows, Value values) {
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rows));
    vector::StoreOp::create(builder, location, vector::ShuffleOp::create(builder, location, values, values, order),
                            scratch, place);
  }
  // Of all keys' lanes of a row, in each of them.
  template <typename Op> Value fold(Value values, int64_t rows) {
    for (int64_t step = lanes / 2; step >= rows; step /= 2) {
      SmallVector<int64_t> order;
      for (int64_t lane = 0; lane < lanes; ++lane)
        order.push_back((lane + step) % lanes);
      values = make<Op>(values, vector::ShuffleOp::create(builder, location, values, values, order));
    }
    return values;
  }

  // As many vectors as lanes to one with the sum of each. A round joins pairs of vectors: the halves of what is summed, of
  // one and of the other, side by side.
  Value sumEach(ArrayRef<Value> sums) {
    auto orderOf = [&](int64_t joined, int64_t half) {
      SmallVector<int64_t> order;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        if (joined == 2) // of two pairs at a time, for which there is an instruction
          order.push_back(lane / 4 * 4 + lane % 2 * 2 + half + lane % 4 / 2 * lanes);
        else
          order.push_back(lane / joined * joined + lane % (joined / 2) + half * (joined / 2) +
                          lane / (joined / 2) % 2 * lanes);
      }
      return order;
    };
    // Which vector's sum each lane gets.
    SmallVector<SmallVector<int64_t>> from;
    for (int64_t v = 0; v < lanes; ++v)
      from.emplace_back(lanes, v);
    for (int64_t joined = lanes; joined > 1; joined /= 2) {
      SmallVector<int64_t> order = orderOf(joined, 0);
      for (int64_t v = 0; v < joined / 2; ++v) {
        SmallVector<int64_t> next;
        for (int64_t place : order)
          next.push_back(from[place < lanes ? v : v + joined / 2][place % lanes]);
        from[v] = next;
      }
    }
    SmallVector<Value> vectors(lanes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      vectors[from[0][lane]] = sums[lane];
    for (int64_t joined = lanes; joined > 1; joined /= 2)
      for (int64_t v = 0; v < joined / 2; ++v) {
        Value a = vectors[v], b = vectors[v + joined / 2];
        vectors[v] = make<arith::AddFOp>(vector::ShuffleOp::create(builder, location, a, b, orderOf(joined, 0)),
                                         vector::ShuffleOp::create(builder, location, a, b, orderOf(joined, 1)));
      }
    return vectors[0];
  }

  // Of `rows` queries and a block of keys: scores, then maxima and sums, then the values' part.
  void tile(const Place &place, Value row, int64_t rows) {
    Value allRow = add(add(mul(place.batch, itemRows), mul(place.head, queryRows)), row);
    Value state = add(mul(place.part, padded), allRow);
    Value none = constant(-std::numeric_limits<double>::infinity()), zero = constant(0);
    int64_t step = lanes / rows;
    Value most = fold<arith::MaximumFOp>(multiplyKeys(place, row, allRow, rows), rows);
    Value before = readRows(add(mostAt, state), rows);
    most = make<arith::MaximumFOp>(before, most);
    writeRows(add(mostAt, state), rows, most);
    // Of a query that has seen no key every power is 0, and not exp(-inf - -inf).
    Value base = select(isEqual(most, none), zero, most);
    Value factor = exp(make<arith::SubFOp>(before, base));
    Value sum = loop(index(0), sub(place.last, place.first), step, zero, [&](Value key, ValueRange carried) {
      Value at = mul(key, index(rows));
      Value score = vector::LoadOp::create(builder, location, vector, scores, at);
      Value power = exp(make<arith::SubFOp>(score, base));
      vector::StoreOp::create(builder, location, power, scores, at);
      return SmallVector<Value>{make<arith::AddFOp>(carried[0], power)};
    })[0];
    sum = fold<arith::AddFOp>(sum, rows);
    sum = make<arith::AddFOp>(make<arith::MulFOp>(readRows(add(sumsAt, state), rows), factor), sum);
    writeRows(add(sumsAt, state), rows, sum);

    SmallVector<Value> factors;
    for (int64_t r = 0; r < rows; ++r)
      factors.push_back(wide(vector::ExtractOp::create(builder, location, factor, r)));
    int64_t chains = lanes == 16 ? 16 : 8, vectors = valueSize / lanes;
    int64_t count = std::clamp<int64_t>(vectors, 1, std::max<int64_t>(chains / rows, 1)),
            whole = vectors / count * count;
    if (vectors)
      loop(index(0), index(whole * lanes), count * lanes,
           [&](Value column) { multiplyValues(place, allRow, column, count, lanes, factors); });
    if (vectors > whole)
      multiplyValues(place, allRow, index(whole * lanes), vectors - whole, lanes, factors);
    if (int64_t rest = valueSize % lanes)
      multiplyValues(place, allRow, index(vectors * lanes), 1, rest, factors);
  }

  // Rows of a head lie far from each other, which no machine's own prefetching foresees.
  void prefetchRow(Value memory, Value batch, Value at, Value head, int64_t length) {
    auto element = cast<MemRefType>(memory.getType()).getElementType();
    int64_t line = 64 * 8 / element.getIntOrFloatBitWidth();
    for (int64_t column = 0; column < length; column += line)
      memref::PrefetchOp::create(builder, location, memory, ValueRange{batch, at, head, index(column)},
                                 /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
  }

  // scores[key, row] of a block, minus infinity where a query may not see the key; returns the maxima of each lane.
  Value multiplyKeys(const Place &place, Value row, Value allRow, int64_t rows) {
    int64_t step = lanes / rows;
    SmallVector<Value> queryAt, positions, heads, limits, lower, slope;
    Type i32 = builder.getI32Type();
    auto narrow = [&](Value number) { return arith::IndexCastOp::create(builder, location, i32, number); };
    for (int64_t r = 0; r < rows; ++r) {
      auto [position, queryHead] = placeOf(add(row, index(r)), place.head);
      queryAt.push_back(position);
      heads.push_back(queryHead);
      Value absolute = add(position, behind), limit = place.last;
      if (op.getCausal())
        limit = min(limit, add(absolute, index(1)));
      limits.push_back(narrow(limit));
      positions.push_back(narrow(absolute));
      if (std::optional<int64_t> window = op.getWindow())
        lower.push_back(narrow(sub(absolute, index(*window))));
      if (slopes)
        slope.push_back(number(slopes, queryHead));
    }
    Value limit = spread(limits), isAfter = op.getWindow() ? spread(lower) : Value();
    Value slopeOf, positionOf;
    if (slopes) {
      slopeOf = spread(slope);
      positionOf = arith::SIToFPOp::create(builder, location, vector, spread(positions));
    }
    auto numbers = VectorType::get({lanes}, i32);
    SmallVector<int32_t> offsets;
    for (int64_t lane = 0; lane < lanes; ++lane)
      offsets.push_back(lane / rows);
    Value offset =
        arith::ConstantOp::create(builder, location, numbers, DenseElementsAttr::get(numbers, ArrayRef(offsets)));
    Value none = constant(-std::numeric_limits<double>::infinity()), zero = constant(0);
    Value nextHead = add(place.head, index(1)), isLastHead = isEqual(nextHead, shared);
    return loop(place.first, place.last, step, none, [&](Value first, ValueRange carried) {
      SmallVector<Value> keyAt;
      for (int64_t k = 0; k < step; ++k)
        keyAt.push_back(min(add(first, index(k)), sub(place.last, index(1))));
      for (Value at : keyAt) {
        prefetchRow(value, place.batch, at, place.head, valueSize);
        // Keys of the next head, or of the next block.
        Value behind = min(add(at, index(FewQueriesScratch::kBlock)), sub(keys, index(1)));
        prefetchRow(key, place.batch, select(isLastHead, behind, at), select(isLastHead, index(0), nextHead), size);
      }
      auto multiply = [&](Value column, int64_t count, ValueRange before) {
        SmallVector<Value> next(before), factors;
        for (int64_t k = 0; k < step; ++k)
          factors.push_back(readLanes(key, {place.batch, keyAt[k], place.head}, column, count));
        for (int64_t r = 0; r < rows; ++r) {
          Value other = at(rowPlace(index(0), add(allRow, index(r)), column));
          for (int64_t k = 0; k < step; ++k)
            next[k * rows + r] = vector::FMAOp::create(builder, location, factors[k], other, next[k * rows + r]);
        }
        return next;
      };
      int64_t whole = size / lanes * lanes;
      SmallVector<Value> sums(lanes, zero);
      sums = loop(index(0), index(whole), lanes, sums,
                  [&](Value column, ValueRange before) { return multiply(column, lanes, before); });
      if (whole < size)
        sums = multiply(index(whole), size - whole, sums);
      Value score = capped(sumEach(sums));
      Value keyOf = make<arith::AddIOp>(wide(narrow(first)), offset);
      if (slopes) {
        Value distance = make<arith::SubFOp>(arith::SIToFPOp::create(builder, location, vector, keyOf), positionOf);
        score = make<arith::AddFOp>(score, make<arith::MulFOp>(slopeOf, distance));
      }
      if (mask) {
        SmallVector<Value> added;
        for (int64_t lane = 0; lane < lanes; ++lane)
          added.push_back(maskAt(place.batch, heads[lane % rows], queryAt[lane % rows], keyAt[lane / rows]));
        score = make<arith::AddFOp>(score, vector::FromElementsOp::create(builder, location, vector, added));
      }
      score = select(isLess(keyOf, limit), score, none);
      if (isAfter)
        score = select(isLess(isAfter, keyOf), score, none);
      vector::StoreOp::create(builder, location, score, scores, mul(sub(first, place.first), index(rows)));
      return SmallVector<Value>{make<arith::MaximumFOp>(carried[0], score)};
    })[0];
  }

  // The part's sums of values, of `count` vectors of their elements: times the factors, and those of the block are added.
  void multiplyValues(const Place &place, Value allRow, Value column, int64_t count, int64_t elements,
                      ArrayRef<Value> factors) {
    int64_t rows = factors.size();
    SmallVector<Value> sums, places;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < count; ++v) {
        Value here = rowPlace(add(place.part, index(1)), add(allRow, index(r)), add(column, index(v * lanes)));
        places.push_back(here);
        sums.push_back(select(place.isFirst, constant(0), make<arith::MulFOp>(at(here), factors[r])));
      }
    sums = loop(place.first, place.last, 1, sums, [&](Value keyAt, ValueRange carried) {
      SmallVector<Value> next(carried), values;
      for (int64_t v = 0; v < count; ++v)
        values.push_back(readLanes(value, {place.batch, keyAt, place.head}, add(column, index(v * lanes)), elements));
      Value first = mul(sub(keyAt, place.first), index(rows));
      for (int64_t r = 0; r < rows; ++r) {
        Value power = wide(memref::LoadOp::create(builder, location, scores, add(first, index(r))));
        for (int64_t v = 0; v < count; ++v)
          next[r * count + v] = vector::FMAOp::create(builder, location, power, values[v], next[r * count + v]);
      }
      return next;
    });
    for (auto [here, sum] : llvm::zip(places, sums))
      put(here, sum);
  }

  // From the parts to the output. Lanes are rows, then elements.
  void join() {
    Value each = mul(max(used, index(1)), index(lanes * width));
    tasks(ceilDiv(allRows, index(lanes)), max(div(index(kTaskProducts), each), index(1)), [&](Value first, Value last) {
      Value weights = room({lanes}, f32), sinkRow = sinks ? room({lanes}, f32) : Value();
      loop(first, last, 1, [&](Value number) { joinRows(mul(number, index(lanes)), weights, sinkRow); });
    });
  }

  void joinRows(Value firstRow, Value weights, Value sinkRow) {
    Value none = constant(-std::numeric_limits<double>::infinity()), zero = constant(0);
    auto stateOf = [&](Value begin, Value part) { return add(add(begin, mul(part, padded)), firstRow); };
    Value most = loop(index(0), used, 1, none, [&](Value part, ValueRange carried) {
      return SmallVector<Value>{make<arith::MaximumFOp>(carried[0], at(stateOf(mostAt, part)))};
    })[0];
    Value base = select(isEqual(most, none), zero, most);
    Value sum = loop(index(0), used, 1, zero, [&](Value part, ValueRange carried) {
      Value factor = exp(make<arith::SubFOp>(at(stateOf(mostAt, part)), base));
      put(stateOf(mostAt, part), factor);
      Value found = make<arith::MulFOp>(at(stateOf(sumsAt, part)), factor);
      return SmallVector<Value>{make<arith::AddFOp>(carried[0], found)};
    })[0];
    Value blind = isEqual(sum, zero);
    if (sinks) {
      loop(index(0), index(lanes), 1, [&](Value lane) {
        auto [batch, head, inHead] = splitRow(min(add(firstRow, lane), sub(allRows, index(1))));
        auto [place, queryHead] = placeOf(inHead, head);
        memref::StoreOp::create(builder, location, number(sinks, queryHead), sinkRow, lane);
      });
      Value sink = vector::LoadOp::create(builder, location, vector, sinkRow, index(0));
      sum = make<arith::AddFOp>(sum, exp(make<arith::SubFOp>(sink, base)));
    }
    Value weight = select(blind, zero, make<arith::DivFOp>(constant(1), sum));
    vector::StoreOp::create(builder, location, weight, weights, index(0));
    loop(firstRow, min(add(firstRow, index(lanes)), allRows), 1, [&](Value row) {
      auto [batch, head, inHead] = splitRow(row);
      auto [place, queryHead] = placeOf(inHead, head);
      Value scale = wide(memref::LoadOp::create(builder, location, weights, sub(row, firstRow)));
      Value isBlind = isEqual(scale, zero); // nothing has been computed of it
      overRow(valueSize, [&](Value column, int64_t count) {
        Value mixed = loop(index(0), used, 1, zero, [&](Value part, ValueRange carried) {
          Value factor =
              wide(memref::LoadOp::create(builder, location, scratch, add(add(mostAt, mul(part, padded)), row)));
          Value found = at(rowPlace(add(part, index(1)), row, column));
          return SmallVector<Value>{vector::FMAOp::create(builder, location, factor, found, carried[0])};
        })[0];
        mixed = select(isBlind, zero, make<arith::MulFOp>(mixed, scale));
        writeLanes(output, {batch, place, queryHead}, column, count, mixed);
      });
    });
  }

  int64_t width; // of a row in scratch
  // Rows are ordered by batch, head of keys, query and head of those that share it. Scratch has their queries, then what each
  // part makes of their values; then each part's maxima, and its sums.
  Value batches, itemRows, allRows, padded, slab, mostAt, sumsAt;
  Value from, partKeys, used; // keys from where some query sees them; those of a part; parts that have any
  Value scores;
};
} // namespace

void buildFewQueries(OpBuilder builder, func::FuncOp function, AttentionOp op, int64_t lanes) {
  FewQueries(builder, function, op, lanes).emit();
}

} // namespace varve::target::cpu
