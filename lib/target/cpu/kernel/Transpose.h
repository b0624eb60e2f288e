// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors transposed in registers.
#pragma once
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace varve::target::cpu {

/// Rows [count][lanes] to [lanes][count], as `count` vectors again; count a power of two up to the lanes. Each round
/// interleaves the first half of the vectors with the second.
inline llvm::SmallVector<mlir::Value> transpose(mlir::OpBuilder &builder, mlir::Location location,
                                                llvm::SmallVector<mlir::Value> vectors) {
  int64_t count = vectors.size(), lanes = mlir::cast<mlir::VectorType>(vectors.front().getType()).getDimSize(0);
  llvm::SmallVector<mlir::Value> next(count);
  for (int64_t round = 1; round < count; round *= 2) {
    for (int64_t r = 0; r < count; ++r) {
      llvm::SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < lanes; ++lane)
        mask.push_back(lane % 2 * lanes + lane / 2 + r % 2 * (lanes / 2));
      next[r] = mlir::vector::ShuffleOp::create(builder, location, vectors[r / 2], vectors[r / 2 + count / 2], mask);
    }
    std::swap(vectors, next);
  }
  return vectors;
}

} // namespace varve::target::cpu
