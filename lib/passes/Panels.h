// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which convolutions have their weight in panels.
#pragma once
#include "dialect/Dialect.h"

namespace varve::passes {

/// Whether an operand is the weight of a convolution that has a kernel for panels of so many rows.
bool isWeightForPanels(mlir::OpOperand &operand, int64_t panel);
/// Whether such a convolution, with channels first, is faster with the weight as it lies.
bool isOfFewInputs(ir::ConvOp conv);

} // namespace varve::passes
