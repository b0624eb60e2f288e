// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of products with a weight in panels, and of the packing of their rows.
#pragma once
#include "lib/target/cpu/kernel/Kernels.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace varve::target::cpu {

struct Tile {
  int64_t lanes = 16; // f32 lanes of a vector
  int64_t rows = 8;   // rows of the register tile; its columns are a panel
  // What products of many rows keep in caches: a block of the weight is some panels of so many steps of k, which some
  // register tiles of rows pass.
  int64_t depth = 512, panels = 4, tiles = 8;
  bool panelStays = false; // in the first-level cache while tiles of rows pass, rather than a tile while panels pass
};

/// How many columns an op's factors have side by side.
template <typename Op> int64_t groupOf(Op op) { return op.getPairs() ? 2 : 1; }
/// Rows of a weight side by side.
int64_t panelOf(ProductOp op);
int64_t panelOf(ConvolutionOp op);
/// A layout of any matrix whose rows are contiguous if this one's are.
mlir::StridedLayoutAttr rowsLayout(mlir::Value matrix);

/// Builds (context, input, output) at the builder's place: all sizes dynamic.
mlir::func::FuncOp buildPack(mlir::OpBuilder &builder, llvm::StringRef name, PackOp op, Tile tile);
/// Builds (context, input, packed, weight, finish, record): `finish` is the address of a function that `buildFinish` has
/// built, which gets the record.
mlir::func::FuncOp buildProduct(mlir::OpBuilder &builder, llvm::StringRef name, ProductOp op, Tile tile);
/// Builds (record, sums, first row, panel, count of rows): from the sums of a tile to the output. The record has the memrefs
/// of `recordOf`.
mlir::func::FuncOp buildFinish(mlir::OpBuilder &builder, llvm::StringRef name, ProductOp op, Tile tile);
/// The types of the extra operands and the output of an op with a body, sizes and most strides dynamic: elements along the
/// output's last axis lie side by side.
llvm::SmallVector<mlir::MemRefType> recordOf(mlir::ValueRange extras, mlir::ArrayAttr maps, mlir::Value output);
template <class Op> llvm::SmallVector<mlir::MemRefType> recordOf(Op op) {
  return recordOf(op.getExtras(), op.getMaps(), op.getOutput());
}
/// The memrefs of a record, in a function that got it.
llvm::SmallVector<mlir::Value> readRecord(mlir::OpBuilder &builder, mlir::Location location, mlir::Value record,
                                          llvm::ArrayRef<mlir::MemRefType> of);
/// A vector of what lies at a place of memory; no mask: all lanes.
mlir::Value loadLanes(mlir::OpBuilder &builder, mlir::Location location, mlir::Value memory, mlir::ValueRange place,
                      mlir::Value mask, Tile tile);

} // namespace varve::target::cpu
