// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The dialects and interfaces that compilation needs.
#pragma once
#include "mlir/IR/DialectRegistry.h"

namespace varve::compiler {

/// Ours and those upstream ones that the passes use, with their bufferisation and LLVM interfaces.
const mlir::DialectRegistry &registry();
/// Adds them to a registry.
void registerDialects(mlir::DialectRegistry &registry);
/// Registers all passes of ours, and the pipelines `varve-lower-to-linalg` and `varve-cpu`, for the tools.
void registerPasses();

} // namespace varve::compiler
