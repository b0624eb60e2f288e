// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What reads of memory keep ops on tensors from moving.
#pragma once
#include "mlir/IR/Operation.h"

namespace varve::target::cpu {

/// Whether moving the producer down to its consumer moves a read of memory past a write of it.
bool passesWrite(mlir::Operation *producer, mlir::Operation *consumer);

} // namespace varve::target::cpu
