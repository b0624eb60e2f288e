// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The scalar meaning of each elementwise op: what one element of the result is.
#pragma once
#include "dialect/Dialect.h"

namespace varve::lower {

/// Builds the op's computation on scalars of the operands' element types (i1 as i1, ui8 as i8; f16 and bf16 are computed
/// in f32 and rounded once). Null for an op that is not elementwise.
mlir::Value scalarOf(mlir::Operation *op, mlir::OpBuilder &builder, mlir::ValueRange operands);

/// Converts a scalar between element types of the dialect, as varve.cast does.
mlir::Value castScalar(mlir::OpBuilder &builder, mlir::Location location, mlir::Value scalar, mlir::Type from,
                       mlir::Type to);

} // namespace varve::lower
