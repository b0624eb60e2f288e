// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Groups of rows, so that the elements of a column lie side by side: rows that are contiguous are transposed in registers,
// columns that are contiguous are copied.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/Product.h"
#include "lib/target/cpu/kernel/Transpose.h"
#include "lib/target/cpu/memory/Memory.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kTaskColumns = 512;    // columns that are packed at a time: of 8 rows in f32, 16 KiB read and written
constexpr int64_t kTaskElements = 32768; // elements that are worth a task of their own

class PackKernel : Loops {
public:
  PackKernel(OpBuilder builder, func::FuncOp function, PackOp op, int64_t lanes)
      : Loops(builder, function.getLoc()), lanes(lanes), tile(rowsOf(op)), group(groupOf(op)), contiguous(axisOf(op)),
        isRowPacked(op.getMap().has_value()), input(function.getArgument(1)), output(function.getArgument(2)) {}

  void emit() {
    int64_t batch = cast<MemRefType>(input.getType()).getRank() - 2;
    rows = memref::DimOp::create(builder, location, input, batch);
    all = memref::DimOp::create(builder, location, input, batch + 1);
    columns = ceilDiv(all, index(group));
    if (isRowPacked)
      matrices(batch);
    else
      ifThen(arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ugt, rows, index(1)),
             [&] { matrices(batch); });
    func::ReturnOp::create(builder, location);
  }

private:
  void matrices(int64_t batch) {
    Value rowGroups = ceilDiv(rows, index(tile)), parts = ceilDiv(columns, index(kTaskColumns));
    Value total = mul(rowGroups, parts);
    SmallVector<Value> sizes;
    for (int64_t axis = 0; axis < batch; ++axis) {
      sizes.push_back(memref::DimOp::create(builder, location, input, axis));
      total = mul(total, sizes.back());
    }
    parallel(total, index(kTaskElements / kTaskColumns / tile), [&](Value point) {
      Value begin = mul(rem(point, parts), index(kTaskColumns)), end = min(columns, add(begin, index(kTaskColumns)));
      slot = div(point, parts); // of the group in the output
      firstRow = mul(rem(slot, rowGroups), index(tile));
      count = min(index(tile), sub(rows, firstRow));
      Value rest = div(slot, rowGroups);
      matrix.assign(batch, Value());
      for (int64_t axis = batch; axis-- > 0; rest = axis ? div(rest, sizes[axis]) : rest)
        matrix[axis] = axis ? rem(rest, sizes[axis]) : rest;
      part(begin, end);
    });
  }

  // Columns [begin, end) of a group of rows.
  void part(Value begin, Value end) {
    Value from = begin;
    if (isTransposed()) {
      // A last column without another beside it is left over, and so is one where a store reaches behind the columns.
      Value last = min(end, div(all, index(group)));
      if (overlaps())
        last = max(sub(last, index(1)), begin);
      from = add(begin, wholeSteps(sub(last, begin), lanes));
      loop(begin, from, lanes, [&](Value column) {
        for (int64_t row = 0; row < tile; row += lanes)
          transpose(row, column);
      });
    } else if (contiguous == Axis::row) {
      Value isWhole = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, count, index(tile));
      from = arith::SelectOp::create(builder, location, isWhole, max(min(end, div(all, index(group))), begin), begin);
      loop(begin, from, 1, [&](Value column) {
        for (int64_t row = 0; row < tile; row += step())
          copy(row, column);
      });
    }
    loop(from, end, 1, [&](Value column) {
      loop(index(0), count, 1, [&](Value row) {
        for (int64_t g = 0; g < group; ++g)
          memref::StoreOp::create(builder, location,
                                  element(add(firstRow, row), add(mul(column, index(group)), index(g))), output,
                                  ValueRange{slot, column, add(mul(row, index(group)), index(g))});
      });
    });
  }

  bool isPower() { return llvm::isPowerOf2_64(tile); }
  // Each column is stored with some rows too many, which the next column's store overwrites.
  bool overlaps() { return tile < lanes && !isPower(); }
  bool isTransposed() {
    return contiguous == Axis::column &&
           (tile % lanes == 0 || (tile < lanes && (isPower() || int64_t(llvm::PowerOf2Ceil(tile)) == lanes)));
  }
  // Rows that are copied at a time.
  int64_t step() { return tile % lanes == 0 ? lanes : tile; }

  SmallVector<Value> at(Value row, Value column) {
    SmallVector<Value> place(matrix);
    place.append({row, column});
    return place;
  }

  // As it is packed; zero behind the last column.
  Value element(Value row, Value column) {
    if (group == 1)
      return extended(memref::LoadOp::create(builder, location, input, at(row, column)));
    Value isInside = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ult, column, all);
    Value found = memref::LoadOp::create(builder, location, input, at(row, min(column, sub(all, index(1)))));
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(found.getType()));
    return arith::SelectOp::create(builder, location, isInside, found, zero);
  }

  Value extended(Value value) {
    Type f32 = builder.getF32Type();
    if (getElementTypeOrSelf(value) == f32)
      return value;
    Type wide = f32;
    if (auto vector = dyn_cast<VectorType>(value.getType()))
      wide = vector.clone(f32);
    return arith::ExtFOp::create(builder, location, wide, value);
  }

  // Up to `lanes` rows of the group, in as many columns. Pairs are moved as integers. Instead of rows behind the last one, that
  // one is read.
  void transpose(int64_t row, Value column) {
    auto type = VectorType::get({lanes * group}, elementOfInput());
    auto whole = VectorType::get({lanes}, builder.getI32Type());
    SmallVector<Value> vectors;
    int64_t most = overlaps() ? lanes : std::min(tile, lanes);
    for (int64_t r = 0; r < most; ++r) {
      Value from = min(add(firstRow, index(row + std::min(r, tile - 1))), sub(rows, index(1)));
      Value loaded = vector::LoadOp::create(builder, location, type, input, at(from, mul(column, index(group))));
      vectors.push_back(group == 1 ? extended(loaded)
                                   : vector::BitCastOp::create(builder, location, whole, loaded).getResult());
    }
    vectors = cpu::transpose(builder, location, vectors);
    for (int64_t r = 0; r < most; ++r) {
      int64_t place = r * lanes; // in lanes / most columns of `most` elements
      Value part = vectors[r];
      if (group != 1)
        part = vector::BitCastOp::create(builder, location, type, part);
      vector::StoreOp::create(builder, location, part, output,
                              ValueRange{slot, add(column, index(place / most)), index((row + place % most) * group)});
    }
  }

  // Some rows of a column, or of two.
  void copy(int64_t row, Value column) {
    auto type = VectorType::get({step()}, elementOfInput());
    SmallVector<Value> vectors;
    for (int64_t g = 0; g < group; ++g) {
      Value from = add(mul(column, index(group)), index(g));
      vectors.push_back(vector::LoadOp::create(builder, location, type, input, at(add(firstRow, index(row)), from)));
    }
    Value copied = vectors.front();
    if (group == 1) {
      copied = extended(copied);
    } else {
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < step(); ++lane)
        mask.append({lane, step() + lane});
      copied = vector::ShuffleOp::create(builder, location, vectors[0], vectors[1], mask);
    }
    vector::StoreOp::create(builder, location, copied, output, ValueRange{slot, column, index(row * group)});
  }

  Type elementOfInput() { return cast<MemRefType>(input.getType()).getElementType(); }

  int64_t lanes, tile, group;
  Axis contiguous;
  bool isRowPacked;
  Value input, output, rows;
  Value all, columns; // of the input, and of the output
  // Where the code that is being built is.
  Value slot, firstRow, count;
  SmallVector<Value> matrix;
};
} // namespace

StridedLayoutAttr rowsLayout(Value matrix) {
  int64_t any = ShapedType::kDynamic;
  return StridedLayoutAttr::get(matrix.getContext(), any,
                                {any, isUnitStride(cast<MemRefType>(matrix.getType())) ? 1 : any});
}

int64_t rowsOf(PackOp op) { return cast<ShapedType>(op.getOutput().getType()).getDimSize(2) / groupOf(op); }

Axis axisOf(PackOp op) {
  if (!isUnitStride(cast<MemRefType>(op.getInput().getType())))
    return Axis::none;
  if (!op.getMap())
    return Axis::column;
  auto last = dyn_cast<AffineDimExpr>(op.getMap()->getResults().back());
  int64_t batch = op.getBatch().size(), position = last ? last.getPosition() : 0;
  return !last || position < batch ? Axis::none : position == batch ? Axis::row : Axis::column;
}

MemRefType matricesOf(PackOp op) {
  int64_t any = ShapedType::kDynamic, rank = op.getBatch().size() + 2;
  SmallVector<int64_t> sizes(rank, any), strides(rank, any);
  if (Axis axis = axisOf(op); axis != Axis::none)
    strides[axis == Axis::row ? rank - 2 : rank - 1] = 1;
  return MemRefType::get(sizes, cast<MemRefType>(op.getInput().getType()).getElementType(),
                         StridedLayoutAttr::get(op.getContext(), any, strides));
}

Value viewMatrices(PackOp op) {
  OpBuilder builder(op);
  Location location = op.getLoc();
  int64_t batch = op.getBatch().size();
  auto memory = memref::ExtractStridedMetadataOp::create(builder, location, op.getInput());
  SmallVector<OpFoldResult> sizes = getAsOpFoldResult(op.getBatch());
  SmallVector<OpFoldResult> strides(batch, builder.getIndexAttr(0)); // a matrix that is read again
  sizes.resize(batch + 2, builder.getIndexAttr(1));
  strides.resize(batch + 2, builder.getIndexAttr(1));
  SmallVector<OpFoldResult> from = memory.getConstifiedMixedStrides(), of = memory.getConstifiedMixedSizes();
  for (auto [axis, expr] : llvm::enumerate(op.getMap()->getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      strides[dim.getPosition()] = from[axis];
      sizes[dim.getPosition()] = of[axis];
    }
  // As unknown, so that one kernel does for all.
  auto unknown = [&](SmallVector<OpFoldResult> &numbers, ArrayRef<int64_t> known) {
    for (auto [number, fixed] : llvm::zip(numbers, known))
      if (auto constant = getConstantIntValue(number); constant && ShapedType::isDynamic(fixed))
        number = arith::ConstantIndexOp::create(builder, location, *constant).getResult();
  };
  MemRefType type = matricesOf(op);
  unknown(sizes, type.getShape());
  unknown(strides, cast<StridedLayoutAttr>(type.getLayout()).getStrides());
  OpFoldResult offset = memory.getConstifiedMixedOffset();
  if (auto constant = getConstantIntValue(offset))
    offset = arith::ConstantIndexOp::create(builder, location, *constant).getResult();
  return memref::ReinterpretCastOp::create(builder, location, type, memory.getBaseBuffer(), offset, sizes, strides);
}

func::FuncOp buildPack(OpBuilder &builder, StringRef name, PackOp op, int64_t lanes) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  Type packed = cast<MemRefType>(op.getOutput().getType()).getElementType();
  SmallVector<Type> types{LLVM::LLVMPointerType::get(context), matricesOf(op),
                          MemRefType::get({any, any, rowsOf(op) * groupOf(op)}, packed)};
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  PackKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, lanes).emit();
  return function;
}

} // namespace varve::target::cpu
