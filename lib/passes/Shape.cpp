// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes that every compilation runs before lowering, in order, and the registration of all.
#include "lib/passes/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace varve::passes {

void buildShapePipeline(OpPassManager &passes, const ShapeOptions &options) {
  passes.addPass(createCheckPlacementPass({options.devices}));
  passes.addPass(createChannelsLastPass({options.panel}));
  passes.addPass(createPackWeightsPass({options.panel, options.bf16Group, options.winograd}));
  passes.addPass(createOutlineLayersPass());
  passes.addPass(createInlineLayersPass());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

namespace generated {
#define GEN_PASS_REGISTRATION
#include "lib/passes/Passes.h.inc"
} // namespace generated

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<int64_t> panel{*this, "panel", llvm::cl::desc("Rows of a panel of a packed weight"),
                        llvm::cl::init(ShapeOptions().panel)};
  Option<int64_t> bf16Group{*this, "bf16-group", llvm::cl::desc("Columns of bf16 side by side in a packed weight"),
                            llvm::cl::init(ShapeOptions().bf16Group)};
  Option<bool> winograd{*this, "winograd", llvm::cl::desc("Kernels of 3x3 in the form of Winograd's F(2x2, 3x3)"),
                        llvm::cl::init(ShapeOptions().winograd)};
  Option<std::string> devices{*this, "devices", llvm::cl::desc("Devices that there are, with commas between them"),
                              llvm::cl::init(ShapeOptions().devices)};
};
} // namespace

void registerVarvePasses() {
  generated::registerVarvePasses();
  PassPipelineRegistration<PipelineOptions>(
      "varve-shape",
      "Makes a recorded program ready to be lowered: checks placement, packs, outlines, dissolves layers, cleans up",
      [](OpPassManager &passes, const PipelineOptions &options) {
        buildShapePipeline(passes, ShapeOptions{.panel = options.panel,
                                                .bf16Group = options.bf16Group,
                                                .winograd = options.winograd,
                                                .devices = options.devices});
      });
}

} // namespace varve::passes
