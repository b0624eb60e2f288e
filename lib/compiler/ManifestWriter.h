// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The manifest of a program (see lib/runtime/executable/Manifest.h), from its module, when its prints, lookups and calls have been
// numbered and before it is lowered.
#pragma once
#include "dialect/DimExpr.h"
#include "lib/target/cpu/Target.h"
#include <nlohmann/json.hpp>

namespace varve::compiler {

using Json = nlohmann::ordered_json;

/// Fails with a diagnostic where two graphs declare one state differently.
mlir::FailureOr<Json> writeManifest(mlir::ModuleOp module, const target::cpu::Target &target);

/// An expression in the manifest's form.
Json exprOf(const ir::DimExpr &expr);

/// A message at the place that a location says: "message", "layer" and "location".
Json messageAt(mlir::Location location, llvm::StringRef message);

/// A name from elsewhere may be no UTF-8, of which JSON else throws.
std::string textOf(const Json &json);

} // namespace varve::compiler
