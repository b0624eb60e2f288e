// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that take linalg to code for a CPU.
#pragma once
#include "lib/target/cpu/kernel/Kernels.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace varve::target::cpu {

#define GEN_PASS_DECL
#include "lib/target/cpu/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/target/cpu/Passes.h.inc"

} // namespace varve::target::cpu
