// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads modules of the varve dialect, text or bytecode, that someone else may have written.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace varve::compiler {

/// Reads and verifies. Text nested deeper than 256 is refused before it is parsed, since MLIR's parser recurses.
mlir::OwningOpRef<mlir::ModuleOp> readModule(llvm::StringRef text, llvm::StringRef name, mlir::MLIRContext &context);

/// Moves meshes, weights and graphs of `from` into `into`. Meshes of the same devices become one, others get other names where
/// two have one. Fails for two graphs of one name, and for a weight of two types or shardings.
llvm::LogicalResult mergeModule(mlir::ModuleOp into, mlir::ModuleOp from);

} // namespace varve::compiler
