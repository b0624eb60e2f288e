// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an op costs, as expressions of the named dimensions: for profiles, which compare it with what a machine can do.
#pragma once
#include "dialect/Dialect.h"

namespace varve::passes {

/// The lesser of an expression and a number, which is a name in other expressions: what a window leaves.
struct Least {
  std::string name;
  ir::DimExpr of;
  int64_t most = 0;
};

/// Multiplications, additions and functions (one each) of elements, as a textbook counts them, whatever the code does. Attention
/// with a causal mask or a window counts what is seen, by names that are added to `least` where they are not in it. 0 of what
/// only moves elements.
ir::DimExpr flopsOf(mlir::Operation *op, std::vector<Least> &least);

/// The bytes of so many elements as they are stored.
ir::DimExpr bytesOf(mlir::Type element, const ir::DimExpr &count);
/// The bytes of a tensor.
ir::DimExpr bytesOf(mlir::RankedTensorType type);
/// The bytes of an operand that the op reads: of a lookup's table only the rows that it looks up.
ir::DimExpr bytesRead(mlir::Operation *op, unsigned operand);

/// Why a product of this op may have no kernel; "" if nothing about the op says so.
std::string whyNoKernel(mlir::Operation *op);

} // namespace varve::passes
