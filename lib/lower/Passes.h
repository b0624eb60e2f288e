// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that take a program out of the varve dialect.
#pragma once
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

namespace varve::lower {

#define GEN_PASS_DECL
#include "lib/lower/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/lower/Passes.h.inc"

} // namespace varve::lower
