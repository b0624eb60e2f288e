// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The kernel of attention.
#pragma once
#include "lib/target/cpu/kernel/Product.h"

namespace varve::target::cpu {

/// The types of its operands: all sizes dynamic but those of a head, all strides but the last.
llvm::SmallVector<mlir::Type> typesOf(AttentionOp op);
/// Builds (context, query, key, value, mask, sinks and slopes if there are, output): sizes dynamic but for those of a head.
mlir::func::FuncOp buildAttention(mlir::OpBuilder &builder, llvm::StringRef name, AttentionOp op, Tile tile);

} // namespace varve::target::cpu
