// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known of the memory that tensors will be, before they are.
#pragma once
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace varve::target::cpu {

/// Whether moving the producer down to its consumer moves a read of memory past a write of it.
bool passesWrite(mlir::Operation *producer, mlir::Operation *consumer);

/// Whether consecutive elements of the last axis will lie side by side.
bool isContiguous(mlir::Value tensor);

/// The same of memory that is there already.
bool isUnitStride(mlir::MemRefType type);

} // namespace varve::target::cpu
