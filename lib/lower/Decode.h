// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elements of weights in blocks: what a block's bytes stand for, as arithmetic on scalars. The places inside of a block are a
// nest of loops of which the last is contiguous in memory, so a computation over all of them is one over vectors.
#pragma once
#include "lib/lower/Lower.h"

namespace varve::lower {

/// Reads a weight of an encoding, lowered to bytes.
class Decoder {
public:
  /// `bytes` is [.., blocks, bytes of a block], or [.., elements] where a block is one byte; in panels of so many rows it is
  /// [panels, blocks, rows * bytes of a block].
  Decoder(mlir::OpBuilder &builder, mlir::Location location, mlir::Value bytes, Encoding encoding, int64_t panel = 0);

  /// The sizes of the loops over all elements of the last axis, in their order: blocks, then those inside of a block.
  llvm::ArrayRef<int64_t> loops() const { return sizes; }
  /// The element in f32: `rows` are its indices before the last axis, `place` one for each of the loops.
  mlir::Value element(mlir::OpBuilder &builder, mlir::Location location, mlir::ValueRange rows,
                      mlir::ValueRange place) const;

private:
  Encoding encoding;
  int64_t panel;
  mlir::Value bytes;
  mlir::Value quants, bits; // views of a block's parts, as the loops walk over them
  llvm::SmallVector<int64_t> sizes;
};

/// The elements of a lowered weight in blocks as a new tensor in f32; `dims` are those of its varve type.
mlir::Value decode(mlir::OpBuilder &builder, mlir::Operation *at, mlir::Value bytes, llvm::ArrayRef<ir::Dim> dims,
                   Encoding encoding, int64_t panel = 0);
/// The rows of a panel of the type, 0 if it has none.
int64_t panelOf(mlir::RankedTensorType type);

/// Says that there is no kernel for the encoding, so that `op` computes more slowly than it could.
void remarkDecoded(mlir::Operation *op, Encoding encoding);

} // namespace varve::lower
