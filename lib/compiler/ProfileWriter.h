// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a profile needs to know of code, in the manifest: which ops each event stands for, and what they cost.
#pragma once
#include "lib/compiler/ManifestWriter.h"
#include "lib/passes/MarkOps.h"

namespace varve::compiler {

/// From the ops that were marked, and the events that the target made of them. Ops that are in one event are one row, and so are
/// events of one op.
Json writeProfile(mlir::ModuleOp module, const passes::OpTable &ops,
                  llvm::ArrayRef<std::pair<mlir::Location, std::string>> remarks);

} // namespace varve::compiler
