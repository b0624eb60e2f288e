// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops on the same rows, computed row by row.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace varve::target::cpu {

inline bool isParallel(mlir::linalg::LinalgOp op, unsigned loop) {
  return op.getIteratorTypesArray()[loop] == mlir::utils::IteratorType::parallel;
}

/// Which of the first `rows` loops an index is, if it is one.
inline std::optional<unsigned> rowLoop(mlir::AffineExpr expr, unsigned rows) {
  auto dim = mlir::dyn_cast<mlir::AffineDimExpr>(expr);
  return dim && dim.getPosition() < rows ? std::optional(dim.getPosition()) : std::nullopt;
}

/// Whether what is written to one may be read from the other.
bool mayBeSame(mlir::Value a, mlir::Value b);

/// Replaces ops, in their order and with nothing between them that matters, by one parallel loop over rows, which their first
/// `rows` loops are. What one row writes no other may use.
void emitRows(llvm::ArrayRef<mlir::linalg::LinalgOp> ops, unsigned rows);

/// On an op of one loop: the operands of which it asks for what lies one row further.
constexpr llvm::StringLiteral kNextRow = "varve_cpu.next_row";

} // namespace varve::target::cpu
