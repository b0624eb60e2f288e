// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise ops some of whose operands lie the other way round than their results.
#pragma once
#include "lib/target/cpu/loops/Vectorize.h"

namespace varve::target::cpu {

/// The loop along which results are contiguous, and the one along which the turned operands are.
struct TurnedPlan {
  unsigned across, along;
  llvm::SmallVector<unsigned> turned; // numbers of operands
};

/// How an op is computed by blocks that are transposed in registers, if it can be.
std::optional<TurnedPlan> planTurned(mlir::linalg::GenericOp op, int64_t lanes);

/// Replaces the op by parallel loops over such blocks; what is less than one is computed element by element.
void emitTurned(mlir::linalg::GenericOp op, const TurnedPlan &plan, int64_t lanes);

} // namespace varve::target::cpu
