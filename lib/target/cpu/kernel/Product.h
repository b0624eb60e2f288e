// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of products with a weight in panels, and of the packing of rows and of what is no weight.
#pragma once
#include "lib/lower/Lower.h"
#include "lib/target/cpu/kernel/Kernels.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace varve::target::cpu {

struct Tile {
  int64_t lanes = 16; // f32 lanes of a vector
  int64_t rows = 8;   // rows of the register tile; its columns are a panel
  // What products of many rows keep in caches: a block of the weight is some panels of so many steps of k, which some
  // register tiles of rows pass.
  int64_t depth = 256, panels = 4, tiles = 8;
  bool panelStays = false; // in the first-level cache while tiles of rows pass, rather than a tile while panels pass
  int64_t ahead = 0;       // bytes of a weight that a single row asks for ahead
  int64_t streams = 1;     // panels that a single row reads at the same time: 1, 2 or 4
  int64_t unroll = 1;      // steps of k of a register tile that stand one after the other
  // Of attention of a few queries: bytes that it asks for ahead, and the keys whose values all heads take before the next ones.
  int64_t keysAhead = 1024, valuesAhead = 2048, valueKeys = 16;
};

/// The block of a weight [panel][k][row] that is computed after this one. It is asked for while this one is, into the second-level
/// cache: each tile of rows that passes asks for its share of each panel, for both halves of it at the same time: on a Zen 5, two lines of one
/// pair of 128 bytes that were asked for together came no sooner than one.
class LaterBlock {
public:
  /// It begins `from` elements after this one in each panel and has as many steps of k. Of `tiles` that pass, this is one.
  LaterBlock(mlir::OpBuilder &builder, mlir::Location location, mlir::Value weight, mlir::Value from, mlir::Value steps,
             mlir::Value tiles, mlir::Value tile);
  /// For a step of this block, which begins with `begin`.
  void ask(mlir::OpBuilder &builder, mlir::Location location, mlir::Value panel, mlir::Value begin,
           mlir::Value k) const;

private:
  mlir::Value weight, from, half, rest;
};

/// How many columns an op's factors have side by side.
template <typename Op> int64_t groupOf(Op op) { return op.getPairs() ? 2 : 1; }
/// Rows of a weight side by side.
int64_t panelOf(ProductOp op);
int64_t panelOf(ConvolutionOp op);
/// Rows that are packed side by side.
int64_t rowsOf(PackOp op);
/// A layout of any matrix whose rows are contiguous if this one's are.
mlir::StridedLayoutAttr rowsLayout(mlir::Value matrix);

/// An axis of the matrices that are packed.
enum class Axis { none, row, column };
/// Along which their elements lie side by side.
Axis axisOf(PackOp op);
/// The type of the matrices, [batch.., m, k] with all sizes dynamic, and the view of them that an input with a map is.
mlir::MemRefType matricesOf(PackOp op);
mlir::Value viewMatrices(PackOp op);

/// How many parts of a size a dimension has, the last one perhaps smaller.
mlir::OpFoldResult partsOf(mlir::OpBuilder &builder, mlir::Operation *at, const ir::Dim &dim, int64_t size);
/// The body of a new op: the sum and its extra operands, if there are, in the type of the output.
template <class Op> void giveSum(mlir::OpBuilder builder, Op op) {
  mlir::Location location = op.getLoc();
  auto elementOf = [](mlir::Value operand) { return mlir::cast<mlir::ShapedType>(operand.getType()).getElementType(); };
  llvm::SmallVector<mlir::Type> types{builder.getF32Type()};
  for (mlir::Value extra : op.getExtras())
    types.push_back(elementOf(extra));
  mlir::Block *block =
      builder.createBlock(&op.getBody(), {}, types, llvm::SmallVector<mlir::Location>(types.size(), location));
  mlir::Value sum = block->getArgument(0);
  for (mlir::Value extra : block->getArguments().drop_front())
    sum = mlir::arith::AddFOp::create(builder, location, sum,
                                      lower::toFloat(builder, location, extra, builder.getF32Type()));
  YieldOp::create(builder, location, lower::toFloat(builder, location, sum, elementOf(op.getOutput())));
}
/// Products of two activations: both are packed when they are there.
void addMatmulPatterns(const lower::LoweredTypes &types, mlir::RewritePatternSet &patterns, int64_t tileRows,
                       int64_t panel, bool pairs);

/// Builds (context, matrices, output) at the builder's place: all sizes dynamic.
mlir::func::FuncOp buildPack(mlir::OpBuilder &builder, llvm::StringRef name, PackOp op, int64_t lanes);
/// Builds (context, packed, weight, row if the op has it, finish, record, batch if the op has it): `finish` is the address of
/// a function that `buildFinish` has built, which gets the record.
mlir::func::FuncOp buildProduct(mlir::OpBuilder &builder, llvm::StringRef name, ProductOp op, Tile tile);
/// Builds (record, sums, first row, panel, count of rows): from the sums of a tile to the output, a matrix. The record has the
/// memrefs of `recordOf`. Of products, and of convolutions with channels last.
template <class Op> mlir::func::FuncOp buildFinish(mlir::OpBuilder &builder, llvm::StringRef name, Op op, Tile tile);
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
