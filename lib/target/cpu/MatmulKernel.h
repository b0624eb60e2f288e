// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The kernel of products with a weight in panels: y[m, p, l] += sum over k of x[m, k] * w[p, k, l].
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace varve::target::cpu {

struct MatmulTile {
  int64_t lanes = 16; // f32 lanes of a vector
  int64_t rows = 8;   // rows of the register tile; its columns are a panel
  int64_t panel = 32; // columns of a panel
};

/// Builds the kernel at the builder's place: (context, x, w, y) with x f32, w `element`, y f32, all sizes dynamic.
mlir::func::FuncOp buildMatmulKernel(mlir::OpBuilder &builder, mlir::Location location, llvm::StringRef name,
                                     mlir::Type element, MatmulTile tile);

} // namespace varve::target::cpu
