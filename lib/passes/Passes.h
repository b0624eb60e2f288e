// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes from varve to varve, and the pipeline of those that every compilation runs.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace varve::passes {

#define GEN_PASS_DECL
#include "lib/passes/Passes.h.inc"

/// On a call of an outlined layer: the full path of the layer.
inline constexpr llvm::StringLiteral kLayerAttr = "varve.layer";

struct ShapeOptions {
  int64_t panel = PackWeightsPassOptions().panel, bf16Group = PackWeightsPassOptions().bf16Group;
  bool winograd = PackWeightsPassOptions().winograd;
  std::string devices = CheckPlacementPassOptions().devices;
};

/// Makes a recorded program ready to be lowered: checks where it runs, packs weights, outlines equal layers, dissolves the others, cleans up.
void buildShapePipeline(mlir::OpPassManager &passes, const ShapeOptions &options = {});

/// Registers the passes, and the pipeline as `varve-shape`.
void registerVarvePasses();

} // namespace varve::passes
