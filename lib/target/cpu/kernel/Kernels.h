// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The dialect varve_cpu: computations that a CPU has a kernel for. Lowering makes them of varve ops, elementwise ops that
// follow move into them, and when tensors have become memory each is a call of a kernel that is generated for it.
#pragma once
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "lib/target/cpu/kernel/KernelsDialect.h.inc"

#define GET_OP_CLASSES
#include "lib/target/cpu/kernel/Kernels.h.inc"

namespace varve::target::cpu {

/// Registers how the ops of varve_cpu become ops on memrefs.
void registerKernelBufferization(mlir::DialectRegistry &registry);

} // namespace varve::target::cpu
