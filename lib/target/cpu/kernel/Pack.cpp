// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Groups of rows are transposed in registers, so that the elements of a column lie side by side.
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
  PackKernel(OpBuilder builder, func::FuncOp function, PackOp op, Tile tile)
      : Loops(builder, function.getLoc()), tile(tile), group(groupOf(op)), input(function.getArgument(1)),
        output(function.getArgument(2)) {}

  void emit() {
    rows = memref::DimOp::create(builder, location, input, 0);
    all = memref::DimOp::create(builder, location, input, 1);
    columns = ceilDiv(all, index(group));
    Value isMany = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ugt, rows, index(1));
    ifThen(isMany, [&] {
      Value rowGroups = ceilDiv(rows, index(tile.rows)), parts = ceilDiv(columns, index(kTaskColumns));
      parallel(mul(rowGroups, parts), index(kTaskElements / kTaskColumns / tile.rows), [&](Value point) {
        Value rowGroup = div(point, parts), begin = mul(rem(point, parts), index(kTaskColumns));
        Value end = min(columns, add(begin, index(kTaskColumns)));
        Value row = mul(rowGroup, index(tile.rows)), count = min(index(tile.rows), sub(rows, row));
        Value from = begin;
        if (isFast()) {
          Value isWhole = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, count, index(tile.rows));
          // A last column without another beside it is left over, and so is one where a store reaches behind the columns.
          Value last = min(end, div(all, index(group)));
          if (!isPower())
            last = max(sub(last, index(1)), begin);
          Value whole = add(begin, wholeSteps(sub(last, begin), tile.lanes));
          from = isPower() ? arith::SelectOp::create(builder, location, isWhole, whole, begin) : whole;
          loop(begin, from, tile.lanes, [&](Value column) { transpose(rowGroup, row, column); });
        }
        loop(from, end, 1, [&](Value column) {
          loop(index(0), count, 1, [&](Value r) {
            for (int64_t g = 0; g < group; ++g)
              memref::StoreOp::create(builder, location, element(add(row, r), add(mul(column, index(group)), index(g))),
                                      output, ValueRange{rowGroup, column, add(mul(r, index(group)), index(g))});
          });
        });
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  bool isPower() { return llvm::isPowerOf2_64(tile.rows); }

  bool isFast() {
    return (isPower() ? tile.rows <= tile.lanes : static_cast<int64_t>(llvm::PowerOf2Ceil(tile.rows)) == tile.lanes) &&
           isUnitStride(cast<MemRefType>(input.getType()));
  }

  // As it is packed; zero behind the last column.
  Value element(Value row, Value column) {
    if (group == 1)
      return extended(memref::LoadOp::create(builder, location, input, ValueRange{row, column}));
    Value isInside = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ult, column, all);
    Value found = memref::LoadOp::create(builder, location, input, ValueRange{row, min(column, sub(all, index(1)))});
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

  // Pairs are moved as integers. Of a number of rows that is no power of two, each column is stored with some rows too many,
  // which the next column's store overwrites.
  void transpose(Value rowGroup, Value row, Value column) {
    auto type = VectorType::get({tile.lanes * group}, cast<MemRefType>(input.getType()).getElementType());
    auto whole = VectorType::get({tile.lanes}, builder.getI32Type());
    SmallVector<Value> vectors;
    int64_t most = isPower() ? tile.rows : tile.lanes;
    for (int64_t r = 0; r < most; ++r) {
      Value from = add(row, index(std::min(r, tile.rows - 1)));
      if (!isPower())
        from = min(from, sub(rows, index(1)));
      Value loaded =
          vector::LoadOp::create(builder, location, type, input, ValueRange{from, mul(column, index(group))});
      vectors.push_back(group == 1 ? extended(loaded)
                                   : vector::BitCastOp::create(builder, location, whole, loaded).getResult());
    }
    vectors = cpu::transpose(builder, location, vectors);
    for (int64_t r = 0; r < most; ++r) {
      int64_t place = r * tile.lanes; // in lanes / most columns of `most` elements
      Value part = vectors[r];
      if (group != 1)
        part = vector::BitCastOp::create(builder, location, type, part);
      vector::StoreOp::create(builder, location, part, output,
                              ValueRange{rowGroup, add(column, index(place / most)), index(place % most * group)});
    }
  }

  Tile tile;
  int64_t group;
  Value input, output, rows;
  Value all, columns; // of the input, and of the output
};
} // namespace

StridedLayoutAttr rowsLayout(Value matrix) {
  int64_t any = ShapedType::kDynamic;
  return StridedLayoutAttr::get(matrix.getContext(), any,
                                {any, isUnitStride(cast<MemRefType>(matrix.getType())) ? 1 : any});
}

func::FuncOp buildPack(OpBuilder &builder, StringRef name, PackOp op, Tile tile) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto elementOf = [](Value value) { return cast<MemRefType>(value.getType()).getElementType(); };
  SmallVector<Type> types{LLVM::LLVMPointerType::get(context),
                          MemRefType::get({any, any}, elementOf(op.getInput()), rowsLayout(op.getInput())),
                          MemRefType::get({any, any, tile.rows * groupOf(op)}, elementOf(op.getOutput()))};
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  PackKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, tile).emit();
  return function;
}

} // namespace varve::target::cpu
