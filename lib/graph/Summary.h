// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of a graph's layers.
#pragma once
#include "dialect/Dialect.h"
#include <string>

namespace varve::detail {

/// A table for each graph of a module: path, type, output shape, dtype, parameters, bytes and device of its layers, down to
/// a depth of so many names; and totals. A weight counts in the deepest layer shown that has it by its name.
std::string summarize(mlir::ModuleOp module, int depth);

} // namespace varve::detail
