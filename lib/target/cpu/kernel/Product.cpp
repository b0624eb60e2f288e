// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", with the right-hand side
// packed when it was bound. One row reads each panel as one stream, or some panels side by side; more rows share a block of panels in cache.
// Each element of the sum is one chain of sums in the order of k within a block of k, whatever the number of threads. Finish.cpp
// does what is done with the sums, while they are in the first-level cache.
#include "lib/target/cpu/kernel/Product.h"
#include "lib/runtime/tensor/BlockPanels.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/memory/Memory.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own
constexpr int64_t kUnroll =
    4; // steps of k of a single row; chains of sums of all its panels: latency of a multiply-add

constexpr int64_t kRowElements = 1 << 19; // of rows that pass some panels before the next ones do
constexpr int64_t kFew = 3;               // rows, of which two panels' sums fit 16 registers

class ProductKernel : Loops {
public:
  ProductKernel(OpBuilder builder, func::FuncOp function, ProductOp op, Tile tile)
      : Loops(builder, function.getLoc()), tile(tile), panel(panelOf(op)), group(groupOf(op)),
        packed(function.getArgument(1)), weight(function.getArgument(2)), f32(builder.getF32Type()) {
    unsigned next = 3;
    if (op.getRow())
      input = function.getArgument(next++);
    finish = function.getArgument(next++);
    record = function.getArgument(next++);
    if (!op.getRow()) {
      batch = function.getArgument(next++);
      rows = function.getArgument(next++);
    }
    element = cast<MemRefType>(weight.getType()).getElementType();
    vectors = panel / tile.lanes;
  }

  void emit() {
    panels = memref::DimOp::create(builder, location, weight, 0);
    if (input) {
      isUnit = isUnitStride(cast<MemRefType>(input.getType()));
      rows = memref::DimOp::create(builder, location, input, 0);
      columns = memref::DimOp::create(builder, location, input, 1);
      depth = ceilDiv(columns, index(group));
      batch = index(1);
      Value isRow = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, rows, index(1));
      auto several = [&] {
        if (tile.streams == 1)
          return blocks();
        Value isFew = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ult, sub(rows, index(2)),
                                            index(std::min(kFew, tile.rows) - 1)); // not of no rows
        ifThenElse(isFew, [&] { few(); }, [&] { blocks(); });
      };
      ifThenElse(isRow, [&] { single(); }, several);
    } else {
      depth = memref::DimOp::create(builder, location, weight, 1);
      panels = div(panels, max(batch, index(1)));
      blocks();
    }
    func::ReturnOp::create(builder, location);
  }

private:
  VectorType vectorOf(Type type) { return VectorType::get({tile.lanes}, type); }

  // How many units of so many products make a task.
  Value grain(Value products) { return max(div(index(kTaskProducts), max(products, index(1))), index(1)); }

  // Memory of a task for the sums of so many tiles.
  Value sumsOf(int64_t tiles) {
    return memref::AllocaOp::create(builder, location, MemRefType::get({tiles, tile.rows, panel}, f32),
                                    builder.getI64IntegerAttr(64));
  }

  SmallVector<Value> loadWeights(Value panelNumber, Value k) {
    SmallVector<Value> result;
    for (int64_t v = 0; v < vectors; ++v) {
      auto type = VectorType::get({tile.lanes * group}, element);
      Value values = vector::LoadOp::create(builder, location, type, weight,
                                            ValueRange{panelNumber, k, index(v * tile.lanes * group)});
      if (group == 1 && element != f32)
        values = arith::ExtFOp::create(builder, location, vectorOf(f32), values);
      result.push_back(values);
    }
    return result;
  }

  // Each step of k is whole lines, or a part of one. Numbers that are converted take
  // so many instructions that the machine itself does not read far enough ahead.
  void askAhead(Value panelNumber, Value k, int64_t steps) {
    int64_t bytes = element.getIntOrFloatBitWidth() / 8, line = 64 / bytes, row = panel * group;
    if (tile.ahead && element != f32)
      for (int64_t at = 0; at < steps * row; at += line)
        memref::PrefetchOp::create(builder, location, weight,
                                   ValueRange{panelNumber, k, index(tile.ahead / bytes + at)},
                                   /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
  }

  // A factor of a row in every lane: a float, or a pair of them as one integer.
  Value wide(Value factor) {
    Value lanes = vector::BroadcastOp::create(builder, location, vectorOf(factor.getType()), factor);
    return group == 1 ? lanes
                      : vector::BitCastOp::create(builder, location, VectorType::get({tile.lanes * 2}, element), lanes);
  }

  // sums[r][v] += rows[r] * weight[panel, k, v]
  void accumulate(ArrayRef<Value> factors, Value panelNumber, Value k, MutableArrayRef<Value> sums) {
    SmallVector<Value> weights = loadWeights(panelNumber, k);
    for (auto [r, factor] : llvm::enumerate(factors)) {
      Value row = wide(factor);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = sums[r * vectors + v];
        if (group == 1)
          sum = vector::FMAOp::create(builder, location, row, weights[v], sum);
        else
          sum = LLVM::CallIntrinsicOp::create(builder, location, vectorOf(f32),
                                              builder.getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512"),
                                              ValueRange{sum, row, weights[v]})
                    .getResult(0);
      }
    }
  }

  Value asPair(Value vector) {
    Value one = vector::BitCastOp::create(builder, location, VectorType::get({1}, builder.getI32Type()), vector);
    return vector::ExtractOp::create(builder, location, one, 0);
  }

  // Of a single row, which is not packed.
  Value factorOf(Value k) {
    Value zero = index(0);
    if (group == 1)
      return extended(memref::LoadOp::create(builder, location, input, ValueRange{zero, k}));
    auto type = VectorType::get({2}, element);
    Value column = mul(k, index(2));
    if (isUnit)
      return asPair(vector::LoadOp::create(builder, location, type, input, ValueRange{zero, column}));
    Value first = memref::LoadOp::create(builder, location, input, ValueRange{zero, column});
    Value second = memref::LoadOp::create(builder, location, input, ValueRange{zero, add(column, index(1))});
    return asPair(vector::FromElementsOp::create(builder, location, type, ValueRange{first, second}));
  }

  // Of its last column, which has none beside it.
  Value lastFactor(Value k) {
    Value last = memref::LoadOp::create(builder, location, input, ValueRange{index(0), mul(k, index(2))});
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(element));
    return asPair(
        vector::FromElementsOp::create(builder, location, VectorType::get({2}, element), ValueRange{last, zero}));
  }

  void callFinish(Value sums, Value slot, Value firstRow, Value panelNumber, Value count) {
    Type i64 = builder.getI64Type();
    auto number = [&](Value value) -> Value { return arith::IndexCastOp::create(builder, location, i64, value); };
    Value bytes = mul(slot, index(tile.rows * panel * static_cast<int64_t>(sizeof(float))));
    Value address = add(memref::ExtractAlignedPointerAsIndexOp::create(builder, location, sums), bytes);
    Value place = LLVM::IntToPtrOp::create(builder, location, finish.getType(), number(address));
    callAddress(builder, location, finish, {record, place, number(firstRow), number(panelNumber), number(count)});
  }

  // Of rows that are packed.
  SmallVector<Value> factorsOf(Value rowGroup, Value k, int64_t count) {
    SmallVector<Value> factors;
    for (int64_t r = 0; r < count; ++r) {
      SmallVector<Value> at{rowGroup, k, index(r * group)};
      factors.push_back(
          group == 1 ? memref::LoadOp::create(builder, location, packed, at).getResult()
                     : asPair(vector::LoadOp::create(builder, location, VectorType::get({2}, element), packed, at)));
    }
    return factors;
  }

  // `count` rows of one panel, over k in [begin, end).
  void tileOf(Value sums, Value slot, Value rowGroup, Value panelNumber, Value begin, Value end, int64_t count,
              const LaterBlock &later) {
    auto place = [&](int64_t number) {
      return SmallVector<Value>{slot, index(number / vectors), index(number % vectors * tile.lanes)};
    };
    Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, index(0));
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(f32)));
    SmallVector<Value> values;
    for (int64_t number = 0; number < count * vectors; ++number) {
      Value before = vector::LoadOp::create(builder, location, vectorOf(f32), sums, place(number));
      values.push_back(arith::SelectOp::create(builder, location, isFirst, zero, before));
    }
    int64_t together = count == tile.rows ? tile.unroll : 1; // the others are few, and code takes time to compile
    values = unrolled(
        begin, end, together, values,
        [&](Value k, MutableArrayRef<Value> into) { accumulate(factorsOf(rowGroup, k, count), panelNumber, k, into); },
        [&](Value k) {
          if (count == tile.rows)
            later.ask(builder, location, panelNumber, begin, k);
        });
    for (auto [number, value] : llvm::enumerate(values))
      vector::StoreOp::create(builder, location, value, sums, place(number));
  }

  // One row: every panel is read once, from its first byte to its last, some of them at the same time.
  void single() {
    int64_t streams = tile.streams;
    Value products = mul(depth, index(panel));
    tasks(panels, max(grain(products), index(streams)), [&](Value first, Value last) {
      Value sums = sumsOf(1);
      Value whole = add(first, wholeSteps(sub(last, first), streams));
      loop(first, whole, streams, [&](Value panelNumber) { singleOf(panelNumber, streams, sums); });
      if (streams > 1)
        loop(whole, last, 1, [&](Value panelNumber) { singleOf(panelNumber, 1, sums); });
    });
  }

  // Panels from one on. Each has the same chains of sums whatever panels are beside it.
  void singleOf(Value firstPanel, int64_t streams, Value memory) {
    Value zero = index(0), full = div(columns, index(group)), whole = wholeSteps(full, kUnroll);
    Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(f32)));
    int64_t chains = kUnroll / tile.streams;
    SmallVector<Value> numbers;
    for (int64_t s = 0; s < streams; ++s)
      numbers.push_back(add(firstPanel, index(s)));
    SmallVector<Value> sums(streams * chains * vectors, none); // [panel][chain][vector]
    sums = loop(zero, whole, kUnroll, sums, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried);
      for (Value number : numbers)
        askAhead(number, k, kUnroll);
      for (int64_t u = 0; u < kUnroll; ++u) {
        Value at = add(k, index(u));
        Value factor = factorOf(at);
        for (int64_t s = 0; s < streams; ++s)
          accumulate(factor, numbers[s], at, MutableArrayRef(next).slice((s * chains + u % chains) * vectors, vectors));
      }
      return next;
    });
    SmallVector<Value> rest; // the first chain of each panel
    for (int64_t s = 0; s < streams; ++s)
      llvm::append_range(rest, ArrayRef(sums).slice(s * chains * vectors, vectors));
    auto single = [&](Value factor, Value k, ValueRange carried) {
      SmallVector<Value> next(carried);
      for (int64_t s = 0; s < streams; ++s)
        accumulate(factor, numbers[s], k, MutableArrayRef(next).slice(s * vectors, vectors));
      return next;
    };
    rest = loop(whole, full, 1, rest, [&](Value k, ValueRange carried) { return single(factorOf(k), k, carried); });
    if (group == 2) // at most once
      rest = loop(full, depth, 1, rest, [&](Value k, ValueRange carried) { return single(lastFactor(k), k, carried); });
    for (int64_t s = 0; s < streams; ++s) {
      for (int64_t v = 0; v < vectors; ++v) {
        Value sum = rest[s * vectors + v];
        for (int64_t chain = 1; chain < chains; ++chain)
          sum = arith::AddFOp::create(builder, location, sum, sums[(s * chains + chain) * vectors + v]);
        vector::StoreOp::create(builder, location, sum, memory, ValueRange{zero, zero, index(v * tile.lanes)});
      }
      callFinish(memory, zero, zero, numbers[s], index(1));
    }
  }

  // Two or three rows read two panels at the same time. Sums are the same chains as those of more rows.
  void few() {
    int64_t streams = 2;
    Value products = mul(depth, index(kFew * panel));
    tasks(panels, max(grain(products), index(streams)), [&](Value first, Value last) {
      Value sums = sumsOf(streams), whole = add(first, wholeSteps(sub(last, first), streams));
      cases(rows, {2}, [&](std::optional<int64_t> known) {
        int64_t count = known.value_or(kFew);
        loop(first, whole, streams, [&](Value panelNumber) { fewOf(sums, panelNumber, streams, count); });
        loop(whole, last, 1, [&](Value panelNumber) { fewOf(sums, panelNumber, 1, count); });
      });
    });
  }

  void fewOf(Value memory, Value firstPanel, int64_t streams, int64_t count) {
    Value zero = index(0), whole = wholeSteps(depth, kUnroll);
    Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(f32)));
    SmallVector<Value> numbers, sums(streams * count * vectors, none); // [panel][row][vector]
    for (int64_t s = 0; s < streams; ++s)
      numbers.push_back(add(firstPanel, index(s)));
    auto step = [&](Value k, MutableArrayRef<Value> next) {
      SmallVector<Value> factors = factorsOf(zero, k, count);
      for (int64_t s = 0; s < streams; ++s)
        accumulate(factors, numbers[s], k, next.slice(s * count * vectors, count * vectors));
    };
    sums = loop(zero, whole, kUnroll, sums, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried);
      for (Value number : numbers)
        askAhead(number, k, kUnroll);
      for (int64_t u = 0; u < kUnroll; ++u)
        step(add(k, index(u)), next);
      return next;
    });
    sums = loop(whole, depth, 1, sums, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried);
      step(k, next);
      return next;
    });
    for (int64_t s = 0; s < streams; ++s) {
      for (int64_t number = 0; number < count * vectors; ++number)
        vector::StoreOp::create(builder, location, sums[s * count * vectors + number], memory,
                                ValueRange{index(s), index(number / vectors), index(number % vectors * tile.lanes)});
      callFinish(memory, index(s), zero, numbers[s], index(count));
    }
  }

  Value extended(Value scalar) {
    return scalar.getType() == f32 ? scalar : arith::ExtFOp::create(builder, location, f32, scalar).getResult();
  }

  // Many rows: a task is a block of panels for a block of rows. Sums wait between blocks of k in the task's memory. Of no
  // columns at all the sums are 0, and the finish is still called.
  void blocks() {
    Value blockRows = index(tile.rows * tile.tiles), groups = ceilDiv(panels, index(tile.panels));
    Value products = mul(min(rows, blockRows), mul(depth, index(tile.panels * panel)));
    // Few rows read the weight once, from its first byte to its last.
    Value isFew = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, rows, index(tile.rows));
    Value step = arith::SelectOp::create(builder, location, isFew, max(depth, index(1)), index(tile.depth));
    Value isOne = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, depth, step);
    Value slots = arith::SelectOp::create(builder, location, isOne, index(0), index(1));
    SmallVector<int64_t> fewer = llvm::to_vector(llvm::seq<int64_t>(1, tile.rows));
    Value rowBlocks = ceilDiv(rows, blockRows), each = mul(groups, rowBlocks),
          rowGroups = ceilDiv(rows, index(tile.rows));
    // As many rows as stay in the last cache pass some panels before the next ones come from memory.
    Value together = max(div(index(kRowElements), mul(max(depth, index(1)), mul(blockRows, index(group)))), index(1));
    tasks(mul(batch, each), grain(products), [&](Value first, Value last) {
      Value sums = sumsOf(tile.panels * tile.tiles);
      loop(first, last, 1, [&](Value number) {
        Value matrix = div(number, each), point = rem(number, each);
        Value rowsBefore = mul(matrix, rows), groupsBefore = mul(matrix, rowGroups), panelsBefore = mul(matrix, panels);
        Value firstBlock = mul(div(point, mul(together, groups)), together);
        Value passing = min(together, sub(rowBlocks, firstBlock)), local = sub(point, mul(firstBlock, groups));
        Value firstPanel = mul(div(local, passing), index(tile.panels)),
              lastPanel = min(panels, add(firstPanel, index(tile.panels)));
        Value ownBlock = rem(local, passing);
        Value firstRow = mul(add(firstBlock, ownBlock), blockRows), lastRow = min(rows, add(firstRow, blockRows));
        loop(index(0), max(ceilDiv(depth, step), index(1)), 1, [&](Value block) {
          Value begin = mul(block, step), end = min(depth, add(begin, step));
          Value isLast = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, end, depth);
          // The next block is that of the same panels, or the first one of these for the next rows or, after the last rows, of the
          // next panels.
          Value width = index(panel * group), length = sub(end, begin);
          Value isLastBlock =
              arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, add(ownBlock, index(1)), passing);
          Value beyond = arith::SelectOp::create(builder, location, isLastBlock, index(tile.panels), index(0));
          Value next = mul(sub(mul(beyond, depth), begin), width);
          next = arith::SelectOp::create(builder, location, isLast, next, mul(length, width));
          Value tiles = ceilDiv(sub(lastRow, firstRow), index(tile.rows));
          auto one = [&](Value row, Value panelNumber) {
            Value count = min(index(tile.rows), sub(lastRow, row)), before = div(sub(row, firstRow), index(tile.rows));
            LaterBlock later(builder, location, weight, next, length, tiles, before);
            Value rowGroup = add(groupsBefore, div(row, index(tile.rows)));
            Value slot = add(mul(before, index(tile.panels)), sub(panelNumber, firstPanel));
            slot = mul(slot, slots);
            cases(count, fewer, [&](std::optional<int64_t> known) {
              tileOf(sums, slot, rowGroup, add(panelsBefore, panelNumber), begin, end, known.value_or(tile.rows),
                     later);
            });
            ifThen(isLast, [&] { callFinish(sums, slot, add(rowsBefore, row), panelNumber, count); });
          };
          auto panelsOfBlock = [&](auto inside) { loop(firstPanel, lastPanel, 1, inside); };
          auto rowsOfBlock = [&](auto inside) { loop(firstRow, lastRow, tile.rows, inside); };
          if (tile.panelStays)
            panelsOfBlock([&](Value number) { rowsOfBlock([&](Value row) { one(row, number); }); });
          else
            rowsOfBlock([&](Value row) { panelsOfBlock([&](Value number) { one(row, number); }); });
        });
      });
    });
  }

  Tile tile;
  int64_t panel, group, vectors;
  Value packed, weight, input, finish, record; // input: or null
  Type element, f32;
  bool isUnit = false;
  Value batch, rows, columns, depth,
      panels; // depth: steps of k, of `group` columns each; rows and panels: of one matrix
};
} // namespace

LaterBlock::LaterBlock(OpBuilder &builder, Location location, Value weight, Value from, Value steps, Value tiles,
                       Value tile)
    : weight(weight) {
  Loops loops(builder, location);
  Value width = memref::DimOp::create(builder, location, weight, 2);
  half = loops.ceilDiv(width, loops.max(loops.mul(tiles, loops.index(2)), loops.index(1)));
  rest = loops.mul(steps, half);
  this->from = loops.add(from, loops.mul(loops.mul(tile, rest), loops.index(2)));
}

void LaterBlock::ask(OpBuilder &builder, Location location, Value panel, Value begin, Value k) const {
  Loops loops(builder, location);
  Value place = loops.add(from, loops.mul(loops.sub(k, begin), half));
  for (Value at : {place, loops.add(place, rest)})
    memref::PrefetchOp::create(builder, location, weight, ValueRange{panel, begin, at},
                               /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
}

int64_t panelOf(ProductOp op) {
  return op.getEncoding() ? runtime::blocks::panel_rows
                          : cast<ShapedType>(op.getWeight().getType()).getDimSize(2) / groupOf(op);
}

int64_t panelOf(ConvolutionOp op) { return cast<ShapedType>(op.getWeight().getType()).getDimSize(2); }

func::FuncOp buildProduct(OpBuilder &builder, StringRef name, ProductOp op, Tile tile) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto elementOf = [](Value value) { return cast<MemRefType>(value.getType()).getElementType(); };
  Type pointer = LLVM::LLVMPointerType::get(context);
  SmallVector<Type> types{pointer, MemRefType::get({any, any, tile.rows * groupOf(op)}, elementOf(op.getPacked())),
                          MemRefType::get({any, any, panelOf(op) * groupOf(op)}, elementOf(op.getWeight()))};
  if (op.getRow())
    types.push_back(MemRefType::get({any, any}, elementOf(op.getRow()), rowsLayout(op.getRow())));
  types.append({pointer, pointer});
  types.append(op.getBatch().size(), builder.getIndexType());
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  ProductKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, tile).emit();
  return function;
}

} // namespace varve::target::cpu
