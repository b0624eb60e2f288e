// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An object file to a shared object, by lld inside the process.
#pragma once
#include "mlir/IR/Diagnostics.h"
#include <string>
#include <vector>

namespace varve::compiler {

/// Diagnoses at `location` what the linker says.
mlir::FailureOr<std::vector<std::byte>> linkShared(const std::string &object, mlir::Location location);

} // namespace varve::compiler
