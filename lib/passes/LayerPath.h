// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Paths of layers: the names of a layer and of those around it, as in `model.layers.0.mlp`.
#pragma once
#include "dialect/Dialect.h"

namespace varve::passes {

/// Two parts of a path with a dot between them, if both are there.
std::string joinPath(llvm::StringRef outer, llvm::StringRef inner);
/// The path of the layers around an op, relative to its graph or function; empty outside of layers.
std::string pathAround(mlir::Operation *op);
/// The path of a layer, relative to its graph or function.
std::string pathOf(ir::LayerOp layer);

} // namespace varve::passes
