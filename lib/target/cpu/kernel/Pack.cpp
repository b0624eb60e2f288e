// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Groups of rows are transposed in registers, so that the elements of a column lie side by side.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/Product.h"
#include "lib/target/cpu/kernel/Transpose.h"
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
  PackKernel(OpBuilder builder, func::FuncOp function, Tile tile)
      : Loops(builder, function.getLoc()), tile(tile), input(function.getArgument(1)), output(function.getArgument(2)) {
  }

  void emit() {
    rows = memref::DimOp::create(builder, location, input, 0);
    columns = memref::DimOp::create(builder, location, input, 1);
    Value isMany = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ugt, rows, index(1));
    ifThen(isMany, [&] {
      Value groups = ceilDiv(rows, index(tile.rows)), parts = ceilDiv(columns, index(kTaskColumns));
      parallel(mul(groups, parts), index(kTaskElements / kTaskColumns / tile.rows), [&](Value point) {
        Value group = div(point, parts), begin = mul(rem(point, parts), index(kTaskColumns));
        Value end = min(columns, add(begin, index(kTaskColumns)));
        Value row = mul(group, index(tile.rows)), count = min(index(tile.rows), sub(rows, row));
        Value from = begin;
        if (isFast()) {
          Value isWhole = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, count, index(tile.rows));
          Value whole = add(begin, wholeSteps(sub(end, begin), tile.lanes));
          from = arith::SelectOp::create(builder, location, isWhole, whole, begin);
          loop(begin, from, tile.lanes, [&](Value column) { transpose(group, row, column); });
        }
        loop(from, end, 1, [&](Value column) {
          loop(index(0), count, 1, [&](Value r) {
            Value element = memref::LoadOp::create(builder, location, input, ValueRange{add(row, r), column});
            memref::StoreOp::create(builder, location, extended(element), output, ValueRange{group, column, r});
          });
        });
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  bool isFast() {
    SmallVector<int64_t> strides;
    int64_t offset;
    return llvm::isPowerOf2_64(tile.rows) && tile.rows <= tile.lanes &&
           succeeded(cast<MemRefType>(input.getType()).getStridesAndOffset(strides, offset)) && strides.back() == 1;
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

  void transpose(Value group, Value row, Value column) {
    auto type = VectorType::get({tile.lanes}, cast<MemRefType>(input.getType()).getElementType());
    SmallVector<Value> vectors;
    for (int64_t r = 0; r < tile.rows; ++r)
      vectors.push_back(
          extended(vector::LoadOp::create(builder, location, type, input, ValueRange{add(row, index(r)), column})));
    vectors = cpu::transpose(builder, location, vectors);
    for (int64_t r = 0; r < tile.rows; ++r) {
      int64_t place = r * tile.lanes; // in lanes / rows columns of `rows` elements
      vector::StoreOp::create(builder, location, vectors[r], output,
                              ValueRange{group, add(column, index(place / tile.rows)), index(place % tile.rows)});
    }
  }

  Tile tile;
  Value input, output, rows, columns;
};
} // namespace

func::FuncOp buildPack(OpBuilder &builder, StringRef name, PackOp op, Tile tile) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto input = cast<MemRefType>(op.getInput().getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  bool isUnit = succeeded(input.getStridesAndOffset(strides, offset)) && strides.back() == 1;
  auto layout = StridedLayoutAttr::get(context, any, {any, isUnit ? 1 : any});
  SmallVector<Type> types{LLVM::LLVMPointerType::get(context),
                          MemRefType::get({any, any}, input.getElementType(), layout),
                          MemRefType::get({any, any, tile.rows}, builder.getF32Type())};
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  PackKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, tile).emit();
  return function;
}

} // namespace varve::target::cpu
