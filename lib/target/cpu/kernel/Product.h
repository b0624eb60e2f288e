// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of products with a weight in panels, and of the packing of their rows.
#pragma once
#include "lib/target/cpu/kernel/Kernels.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace varve::target::cpu {

struct Tile {
  int64_t lanes = 16; // f32 lanes of a vector
  int64_t rows = 8;   // rows of the register tile; its columns are a panel
};

/// Builds (context, input, output) at the builder's place: all sizes dynamic.
mlir::func::FuncOp buildPack(mlir::OpBuilder &builder, llvm::StringRef name, PackOp op, Tile tile);
/// Builds (context, input, packed, weight, finish, record): `finish` is the address of a function that `buildFinish` has
/// built, which gets the record.
mlir::func::FuncOp buildProduct(mlir::OpBuilder &builder, llvm::StringRef name, ProductOp op, Tile tile);
/// Builds (record, sums, first row, panel, count of rows): from the sums of a tile to the output. The record has the memrefs
/// of `recordOf`.
mlir::func::FuncOp buildFinish(mlir::OpBuilder &builder, llvm::StringRef name, ProductOp op, Tile tile);
/// The columns of a panel.
int64_t panelOf(ProductOp op);
/// The types of extra operands and output, sizes and most strides dynamic.
llvm::SmallVector<mlir::MemRefType> recordOf(ProductOp op);

} // namespace varve::target::cpu
