// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention of a few queries, a step of decoding: the time is that of reading keys and values. A task has a part of the keys,
// with all heads, so that both are read once and in order (as in Dao et al., "Flash-Decoding"); parts are divided by sizes
// alone. Keys of a block, then values, are read as they lie, all heads of a key and then the next key: rows of one head lie far
// from each other, often in few sets of a cache. A tile of queries may so be of several heads. Lanes of a product are elements
// of a head; as many sums as a vector has lanes are turned into one vector of scores. What the parts have found is joined in the
// end, in their order.
#include "lib/target/cpu/kernel/attention/AttentionParts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kTaskProducts = 262144;
constexpr int64_t kChunk = 64; // rows whose scores of a block are in memory

class FewQueries : AttentionParts {
public:
  FewQueries(OpBuilder builder, func::FuncOp function, AttentionOp op, Tile tile)
      : AttentionParts(builder, function, op, tile.lanes), machine(tile), width(FewQueriesScratch::widthOf(op)),
        rows(std::min(lanes, FewQueriesScratch::kTile)), step(lanes / rows) {
    bool isOne = cast<ShapedType>(op.getQuery().getType()).getDimSize(1) == 1;
    isCut = op.getCausal() && !isOne; // of one query, keys that it does not see are in no part
    isWindow = op.getWindow() && !isOne;
  }

  void emit() {
    batches = dim(query, 0);
    itemRows = mul(shared, queryRows);
    Value tile = index(FewQueriesScratch::kTile), align = index(FewQueriesScratch::kAlign);
    itemSlots = mul(ceilDiv(itemRows, tile), tile);
    allSlots = mul(batches, itemSlots);
    padded = mul(ceilDiv(allSlots, align), align);
    slab = mul(allSlots, index(width));
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
      allocate();
      loop(first, last, 1, [&](Value point) { overPart(div(point, used), rem(point, used)); });
    });
    join();
  }

private:
  Value at(Value place) { return vector::LoadOp::create(builder, location, vector, scratch, place); }
  void put(Value place, Value values) { vector::StoreOp::create(builder, location, values, scratch, place); }
  Value rowPlace(Value slabNumber, Value slot, Value column) {
    return add(add(mul(slabNumber, slab), mul(slot, index(width))), column);
  }
  // Batch, head of keys, and row of the queries that share it. Slots behind an item's rows repeat the last one.
  std::array<Value, 3> splitSlot(Value slot) {
    Value inItem = min(rem(slot, itemSlots), sub(itemRows, index(1)));
    return {div(slot, itemSlots), div(inItem, queryRows), rem(inItem, queryRows)};
  }

  // Scaled, in f32, with zeros behind them up to a whole vector.
  void readQueries() {
    Value scale = arith::ConstantOp::create(builder, location, op.getScaleAttr());
    loop(index(0), allSlots, 1, [&](Value slot) {
      auto [batch, head, inHead] = splitSlot(slot);
      auto [place, queryHead] = placeOf(inHead, head);
      overRow(size, [&](Value column, int64_t count) {
        Value values = readLanes(query, {batch, place, queryHead}, column, count);
        put(rowPlace(index(0), slot, column), make<arith::MulFOp>(values, wide(scale)));
      });
    });
  }

  // The memory of a task, on its stack.
  void allocate() {
    Type i32 = builder.getI32Type(), place = builder.getIndexType();
    scores = room({FewQueriesScratch::kBlock * kChunk}, f32);
    factors = room({lanes}, f32);
    heads = room({kChunk}, place);
    if (mask) {
      queryAt = room({kChunk}, place);
      queryHeads = room({kChunk}, place);
    }
    if (isCut || isWindow || slopes)
      positions = room({kChunk}, i32);
    if (slopes)
      slopeRow = room({kChunk}, f32);
  }

  void overPart(Value item, Value part) {
    batch = item;
    firstSlot = mul(batch, itemSlots);
    ownPart = part;
    Value begin = add(from, mul(part, partKeys)), end = min(add(begin, partKeys), keys);
    loop(index(0), itemSlots, rows, [&](Value row) {
      put(add(mostAt, stateOf(row)), constant(-std::numeric_limits<double>::infinity()), rows);
      put(add(sumsAt, stateOf(row)), constant(0), rows);
    });
    loop(index(0), itemSlots, kChunk, [&](Value first) {
      chunk = first;
      chunkEnd = min(add(first, index(kChunk)), itemSlots);
      readRowsOfChunk();
      loop(begin, end, FewQueriesScratch::kBlock, [&](Value first) {
        Value last = min(add(first, index(FewQueriesScratch::kBlock)), end);
        loop(first, last, step,
             [&](Value key) { loop(chunk, chunkEnd, rows, [&](Value row) { multiplyKeys(row, key, first, last); }); });
        loop(chunk, chunkEnd, rows, [&](Value row) { weigh(row, sub(last, first), isEqual(first, begin)); });
        loop(first, last, machine.valueKeys,
             [&](Value some) { overHeads(some, min(add(some, index(machine.valueKeys)), last), first); });
      });
    });
  }

  Value stateOf(Value row) { return add(add(mul(ownPart, padded), firstSlot), row); }

  // What is asked of a row in the loops over keys.
  void readRowsOfChunk() {
    loop(chunk, chunkEnd, 1, [&](Value row) {
      auto [item, head, inHead] = splitSlot(row);
      auto [position, queryHead] = placeOf(inHead, head);
      Value to = sub(row, chunk);
      auto write = [&](Value memory, Value number) {
        if (memory)
          memref::StoreOp::create(builder, location, number, memory, to);
      };
      write(heads, head);
      write(queryAt, position);
      write(queryHeads, queryHead);
      if (positions)
        write(positions, arith::IndexCastOp::create(builder, location, builder.getI32Type(), add(position, behind)));
      if (slopes)
        write(slopeRow, number(slopes, queryHead));
    });
  }

  // The first `count` numbers of a vector.
  void put(Value place, Value values, int64_t count) {
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, count));
    vector::StoreOp::create(builder, location, vector::ShuffleOp::create(builder, location, values, values, order),
                            scratch, place);
  }
  // A tile's numbers, one for each row, in all lanes of the row.
  Value readRows(Value memory, Value place) {
    auto few = VectorType::get({rows}, cast<MemRefType>(memory.getType()).getElementType());
    Value numbers = vector::LoadOp::create(builder, location, few, memory, place);
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < lanes; ++lane)
      order.push_back(lane % rows);
    return vector::ShuffleOp::create(builder, location, numbers, numbers, order);
  }
  // Of all keys' lanes of a row, in each of them.
  Value fold(Value values, llvm::function_ref<Value(Value, Value)> join) {
    for (int64_t step = lanes / 2; step >= rows; step /= 2) {
      SmallVector<int64_t> order;
      for (int64_t lane = 0; lane < lanes; ++lane)
        order.push_back((lane + step) % lanes);
      values = join(values, vector::ShuffleOp::create(builder, location, values, values, order));
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

  static int64_t lineOf(Value memory) {
    return 512 / cast<MemRefType>(memory.getType()).getElementType().getIntOrFloatBitWidth();
  }
  void prefetch(Value memory, ValueRange place) {
    memref::PrefetchOp::create(builder, location, memory, place, /*isWrite=*/false, /*localityHint=*/3,
                               /*isDataCache=*/true);
  }

  // The heads of keys of a tile's rows, and which of them each row has.
  std::pair<SmallVector<Value>, SmallVector<int64_t>> headsOf(Value row) {
    std::optional<int64_t> known = knownRows(op);
    bool isOne = known && *known % rows == 0, areWhole = known && rows % std::max<int64_t>(*known, 1) == 0;
    int64_t each = isOne ? rows : areWhole ? *known : 1;
    std::pair<SmallVector<Value>, SmallVector<int64_t>> result;
    for (int64_t r = 0; r < rows; ++r) {
      if (r % each == 0)
        result.first.push_back(memref::LoadOp::create(builder, location, heads, add(sub(row, chunk), index(r))));
      result.second.push_back(r / each);
    }
    return result;
  }

  // scores[key, row] of a tile and as many keys as make a vector: minus infinity where a query may not see the key.
  void multiplyKeys(Value row, Value first, Value blockFirst, Value last) {
    Type i32 = builder.getI32Type();
    auto narrow = [&](Value number) { return arith::IndexCastOp::create(builder, location, i32, number); };
    SmallVector<Value> keyAt{first};
    for (int64_t k = 1; k < step; ++k)
      keyAt.push_back(min(add(first, index(k)), sub(last, index(1))));
    auto [keyHeads, headOf] = headsOf(row);
    Value slot = add(firstSlot, row);
    auto multiply = [&, &keyHeads = keyHeads, &headOf = headOf](Value column, int64_t count, ValueRange before) {
      SmallVector<Value> next(before), numbers(keyHeads.size() * step);
      for (int64_t r = 0; r < rows; ++r) {
        Value other = at(rowPlace(index(0), add(slot, index(r)), column));
        for (int64_t k = 0; k < step; ++k) {
          Value &number = numbers[headOf[r] * step + k];
          if (!number)
            number = readLanes(key, {batch, keyAt[k], keyHeads[headOf[r]]}, column, count);
          next[k * rows + r] = vector::FMAOp::create(builder, location, number, other, next[k * rows + r]);
        }
      }
      return next;
    };
    auto ask = [&, &keyHeads = keyHeads](Value column) {
      if (machine.keysAhead == 0)
        return;
      Value ahead = add(column, index(machine.keysAhead / 64 * lineOf(key)));
      for (Value at : keyAt)
        for (Value head : keyHeads)
          prefetch(key, {batch, at, head, ahead});
    };
    int64_t whole = size / lanes * lanes, line = lineOf(key), lines = size / line * line;
    SmallVector<Value> sums(lanes, constant(0));
    sums = loop(index(0), index(lines), line, sums, [&](Value column, ValueRange before) {
      ask(column);
      SmallVector<Value> next(before);
      for (int64_t v = 0; v < line; v += lanes)
        next = multiply(add(column, index(v)), lanes, next);
      return next;
    });
    if (lines < size)
      ask(index(lines));
    sums = loop(index(lines), index(whole), lanes, sums,
                [&](Value column, ValueRange before) { return multiply(column, lanes, before); });
    if (whole < size)
      sums = multiply(index(whole), size - whole, sums);

    Value score = capped(sumEach(sums)), none = constant(-std::numeric_limits<double>::infinity());
    Value inChunk = sub(row, chunk);
    auto numbers = VectorType::get({lanes}, i32);
    SmallVector<int32_t> offsets;
    for (int64_t lane = 0; lane < lanes; ++lane)
      offsets.push_back(lane / rows);
    Value keyOf = wide(narrow(first));
    if (step > 1)
      keyOf = make<arith::AddIOp>(keyOf, arith::ConstantOp::create(builder, location, numbers,
                                                                   DenseElementsAttr::get(numbers, ArrayRef(offsets))));
    Value position = positions ? readRows(positions, inChunk) : Value();
    if (slopes) {
      Value distance = make<arith::SubFOp>(arith::SIToFPOp::create(builder, location, vector, keyOf),
                                           arith::SIToFPOp::create(builder, location, vector, position));
      score = make<arith::AddFOp>(score, make<arith::MulFOp>(readRows(slopeRow, inChunk), distance));
    }
    if (mask) {
      SmallVector<Value> added;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        auto ofRow = [&](Value memory) {
          return memref::LoadOp::create(builder, location, memory, add(inChunk, index(lane % rows)));
        };
        added.push_back(maskAt(batch, ofRow(queryHeads), ofRow(queryAt), keyAt[lane / rows]));
      }
      score = make<arith::AddFOp>(score, vector::FromElementsOp::create(builder, location, vector, added));
    }
    if (isCut)
      score = select(isLess(position, keyOf), none, score);
    if (isWindow) {
      Value window = wide(narrow(index(*op.getWindow())));
      score = select(isLess(make<arith::SubIOp>(position, window), keyOf), score, none);
    }
    if (step > 1)
      score = select(isLess(keyOf, wide(narrow(last))), score, none);
    vector::StoreOp::create(builder, location, score, scores, scorePlace(row, sub(first, blockFirst)));
  }

  // Of the first row of a tile.
  Value scorePlace(Value row, Value key) {
    return add(mul(sub(row, chunk), index(FewQueriesScratch::kBlock)), mul(key, index(rows)));
  }

  // A tile's maxima and sums; scores become weights; and what earlier blocks have found is scaled.
  void weigh(Value row, Value count, Value isFirst) {
    Value none = constant(-std::numeric_limits<double>::infinity()), zero = constant(0);
    Value mostPlace = add(mostAt, stateOf(row)), sumPlace = add(sumsAt, stateOf(row));
    auto scoreAt = [&](Value key) {
      return vector::LoadOp::create(builder, location, vector, scores, scorePlace(row, key));
    };
    auto greater = [&](Value a, Value b) { return larger(a, b); };
    Value most = loop(index(0), count, step, none, [&](Value key, ValueRange carried) {
      return SmallVector<Value>{larger(carried[0], scoreAt(key))};
    })[0];
    Value before = readRows(scratch, mostPlace);
    most = larger(before, fold(most, greater));
    put(mostPlace, most, rows);
    // Of a query that has seen no key every power is 0, and not exp(-inf - -inf).
    Value base = select(isEqual(most, none), zero, most), factor = weight(before, base);
    Value sum = loop(index(0), count, step, zero, [&](Value key, ValueRange carried) {
      Value power = weight(scoreAt(key), base);
      vector::StoreOp::create(builder, location, power, scores, scorePlace(row, key));
      return SmallVector<Value>{make<arith::AddFOp>(carried[0], power)};
    })[0];
    sum = fold(sum, [&](Value a, Value b) { return make<arith::AddFOp>(a, b); });
    put(sumPlace, make<arith::AddFOp>(make<arith::MulFOp>(readRows(scratch, sumPlace), factor), sum), rows);
    vector::StoreOp::create(builder, location, factor, factors, index(0));
    loop(index(0), index(rows), 1, [&](Value r) {
      Value place = rowPlace(add(ownPart, index(1)), add(add(firstSlot, row), r), index(0));
      auto fill = [&](llvm::function_ref<Value(Value)> what) {
        loop(place, add(place, index(llvm::alignTo(valueSize, lanes))), lanes,
             [&](Value here) { put(here, what(here)); });
      };
      ifThenElse(
          isFirst, [&] { fill([&](Value) { return zero; }); },
          [&] {
            Value scale = wide(memref::LoadOp::create(builder, location, factors, r));
            fill([&](Value here) { return make<arith::MulFOp>(at(here), scale); });
          });
    });
  }

  // Values of some keys, for each head's rows that are in the chunk.
  void overHeads(Value first, Value last, Value blockFirst) {
    Value end = min(chunkEnd, itemRows);
    int64_t some = lanes == 16 ? 8 : 4; // rows at once, for which registers are enough
    std::optional<int64_t> known = knownRows(op);
    int64_t bytes = valueSize * 64 / lineOf(value) * machine.valueKeys;
    Value headsAhead = min(shared, index(std::max<int64_t>(machine.valuesAhead / bytes, 1)));
    loop(div(chunk, queryRows), ceilDiv(end, queryRows), 1, [&](Value head) {
      // Asks for what is read some heads later, of the next keys after the last head.
      Value next = add(head, headsAhead), isPast = isLess(next, shared);
      Ahead ahead{select(isPast, index(0), index(machine.valueKeys)), select(isPast, next, sub(next, shared))};
      auto group = [&](Value row, int64_t count, bool asks) {
        multiplyValues(head, row, count, first, last, blockFirst, asks && machine.valuesAhead ? &ahead : nullptr);
      };
      Value own = mul(head, queryRows);
      if (known && *known > 0 && kChunk % *known == 0) {
        for (int64_t r = 0; r < *known; r += some)
          group(add(own, index(r)), std::min(some, *known - r), r == 0);
        return;
      }
      Value begin = max(own, chunk), rest = add(begin, wholeSteps(sub(min(add(own, queryRows), end), begin), some));
      loop(begin, rest, some, [&](Value row) { group(row, some, true); });
      loop(rest, min(add(own, queryRows), end), 1, [&](Value row) { group(row, 1, true); });
    });
  }

  struct Ahead {
    Value keys, head;
  };

  // Adds weights times values of some keys to what `count` rows of a head have.
  void multiplyValues(Value head, Value row, int64_t count, Value first, Value last, Value blockFirst,
                      const Ahead *ahead) {
    int64_t chains = lanes == 16 ? 16 : 8, vectors = valueSize / lanes,
            together = std::clamp<int64_t>(vectors, 1, chains / count), whole = vectors / together * together;
    SmallVector<Value> weightsAt;
    for (int64_t r = 0; r < count; ++r) { // of the row's tile, and in it
      Value inChunk = sub(add(row, index(r)), chunk), inTile = rem(inChunk, index(rows));
      weightsAt.push_back(add(mul(sub(inChunk, inTile), index(FewQueriesScratch::kBlock)), inTile));
    }
    auto multiply = [&](Value column, int64_t number, int64_t elements) {
      SmallVector<Value> places, sums;
      for (int64_t r = 0; r < count; ++r)
        for (int64_t v = 0; v < number; ++v) {
          Value slot = add(firstSlot, add(row, index(r)));
          places.push_back(rowPlace(add(ownPart, index(1)), slot, add(column, index(v * lanes))));
          sums.push_back(at(places.back()));
        }
      sums = loop(first, last, 1, sums, [&](Value keyAt, ValueRange carried) {
        SmallVector<Value> next(carried), values;
        if (ahead)
          for (int64_t v = 0; v < number; v += std::max<int64_t>(lineOf(value) / lanes, 1))
            prefetch(value, {batch, add(keyAt, ahead->keys), ahead->head, add(column, index(v * lanes))});
        for (int64_t v = 0; v < number; ++v)
          values.push_back(readLanes(value, {batch, keyAt, head}, add(column, index(v * lanes)), elements));
        Value inBlock = mul(sub(keyAt, blockFirst), index(rows));
        for (int64_t r = 0; r < count; ++r) {
          Value power = wide(memref::LoadOp::create(builder, location, scores, add(weightsAt[r], inBlock)));
          for (int64_t v = 0; v < number; ++v)
            next[r * number + v] = vector::FMAOp::create(builder, location, power, values[v], next[r * number + v]);
        }
        return next;
      });
      for (auto [here, sum] : llvm::zip(places, sums))
        put(here, sum);
    };
    if (vectors)
      loop(index(0), index(whole * lanes), together * lanes, [&](Value column) { multiply(column, together, lanes); });
    if (vectors > whole)
      multiply(index(whole * lanes), vectors - whole, lanes);
    if (int64_t rest = valueSize % lanes)
      multiply(index(vectors * lanes), 1, rest);
  }

  // From the parts to the output. Lanes are rows, then elements.
  void join() {
    Value each = mul(max(used, index(1)), index(lanes * width));
    tasks(ceilDiv(allSlots, index(lanes)), max(div(index(kTaskProducts), each), index(1)),
          [&](Value first, Value last) {
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
        auto [batch, head, inHead] = splitSlot(min(add(firstRow, lane), sub(allSlots, index(1))));
        auto [place, queryHead] = placeOf(inHead, head);
        memref::StoreOp::create(builder, location, number(sinks, queryHead), sinkRow, lane);
      });
      Value sink = vector::LoadOp::create(builder, location, vector, sinkRow, index(0));
      sum = make<arith::AddFOp>(sum, exp(make<arith::SubFOp>(sink, base)));
    }
    Value weight = select(blind, zero, make<arith::DivFOp>(constant(1), sum));
    vector::StoreOp::create(builder, location, weight, weights, index(0));
    loop(firstRow, min(add(firstRow, index(lanes)), allSlots), 1, [&](Value slot) {
      ifThen(isLess(rem(slot, itemSlots), itemRows), [&] { joinRow(slot, sub(slot, firstRow), weights); });
    });
  }

  void joinRow(Value slot, Value lane, Value weights) {
    auto [batch, head, inHead] = splitSlot(slot);
    auto [place, queryHead] = placeOf(inHead, head);
    Value scale = wide(memref::LoadOp::create(builder, location, weights, lane)), zero = constant(0);
    Value isBlind = isEqual(scale, zero); // nothing has been computed of it
    SmallVector<Value> to{batch, place, queryHead};
    overRow(valueSize, [&](Value column, int64_t count) {
      Value mixed = loop(index(0), used, 1, zero, [&](Value part, ValueRange carried) {
        Value factor =
            wide(memref::LoadOp::create(builder, location, scratch, add(add(mostAt, mul(part, padded)), slot)));
        Value found = at(rowPlace(add(part, index(1)), slot, column));
        return SmallVector<Value>{vector::FMAOp::create(builder, location, factor, found, carried[0])};
      })[0];
      writeLanes(output, to, column, count, select(isBlind, zero, make<arith::MulFOp>(mixed, scale)));
    });
  }

  Tile machine;
  int64_t width;        // of a row in scratch
  int64_t rows, step;   // of a tile: queries, and keys
  bool isCut, isWindow; // some query sees fewer keys than another
  // Rows of an item are ordered by head of keys, query and head of those that share it, up to whole tiles: its slots. Scratch
  // has their queries, then what each part makes of their values; then each part's maxima, and its sums.
  Value batches, itemRows, itemSlots, allSlots, padded, slab, mostAt, sumsAt;
  Value from, partKeys, used; // keys from where some query sees them; those of a part; parts that have any
  // Memory of a task: scores of a block, [tile, key, row]; a tile's factors; of each row of a chunk what is asked of it.
  Value scores, factors, heads, queryAt, queryHeads, positions, slopeRow;
  // The place of a task.
  Value batch, ownPart, firstSlot, chunk, chunkEnd;
};
} // namespace

void buildFewQueries(OpBuilder builder, func::FuncOp function, AttentionOp op, Tile tile) {
  FewQueries(builder, function, op, tile).emit();
}

} // namespace varve::target::cpu
