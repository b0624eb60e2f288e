// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The manifest of a program (see lib/runtime/executable/Manifest.h), from its module, when its prints, lookups and calls have been
// numbered and before it is lowered.
#pragma once
#include "lib/target/cpu/Target.h"

namespace varve::compiler {

/// Fails with a diagnostic where two graphs declare one state differently.
mlir::FailureOr<std::string> writeManifest(mlir::ModuleOp module, const target::cpu::Target &target);

} // namespace varve::compiler
