// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of pooling with channels last.
#pragma once
#include "lib/target/cpu/kernel/Product.h"

namespace varve::target::cpu {

/// Builds (context, input, output, kernel.., strides.., dilations.., padding.., padding behind..), each for
/// depth, height and width: the numbers are those of `numbersOf`.
mlir::func::FuncOp buildPool(mlir::OpBuilder &builder, llvm::StringRef name, PoolOp op, int64_t lanes);
llvm::SmallVector<mlir::Value> numbersOf(mlir::OpBuilder &builder, PoolOp op);

/// Makes pooling with channels last ops of varve_cpu.
void addPoolKernelPatterns(const lower::LoweredTypes &types, mlir::RewritePatternSet &patterns);

} // namespace varve::target::cpu
