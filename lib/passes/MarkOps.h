// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops with numbers, and what is known of each: from here a profile finds its way from code back to ops.
#pragma once
#include "dialect/DimExpr.h"
#include "lib/passes/Costs.h"
#include "mlir/IR/BuiltinOps.h"

namespace varve::passes {

/// A value, or what shows the same memory, with the bytes of it.
struct Traffic {
  int64_t value;
  ir::DimExpr bytes;
};

struct MarkedOp {
  std::string name, layer, location; // the layer relative to the call site of the function that the op is in
  std::string whyNoKernel;           // "": nothing about the op says so
  ir::DimExpr flops;
  std::vector<Traffic> reads, gives;
};

struct OpTable {
  std::vector<MarkedOp> ops;
  /// For each value, the ops that read it; -1 stands for what has no number.
  std::vector<std::vector<int64_t>> readers;
  /// What stands in FLOPs by name.
  std::vector<Least> least;
};

/// Puts a number on the location of each op that computes.
OpTable markOps(mlir::ModuleOp module);

} // namespace varve::passes
