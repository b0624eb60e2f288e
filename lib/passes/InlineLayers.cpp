// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Dissolves layers. Outer ones go first, so that every op moves once however deep it lies.
#include "lib/passes/LayerPath.h"
#include "lib/passes/Passes.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_INLINELAYERSPASS
#include "lib/passes/Passes.h.inc"

namespace {
void dissolve(ir::LayerOp layer) {
  Block &body = layer.getBody().front();
  Operation *output = body.getTerminator();
  layer->replaceAllUsesWith(output->getOperands());
  output->erase();
  layer->getBlock()->getOperations().splice(layer->getIterator(), body.getOperations());
  layer->erase();
}

// What a print or a tap shows has the path of the layers around it.
template <typename Op> void addPath(Op op) {
  if (std::string path = joinPath(pathAround(op), op.getLayer().value_or("")); !path.empty())
    op.setLayer(path);
}

struct InlineLayers : impl::InlineLayersPassBase<InlineLayers> {
  void runOnOperation() override {
    SmallVector<ir::LayerOp> layers; // outer before inner
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto layer = dyn_cast<ir::LayerOp>(op))
        layers.push_back(layer);
      if (auto print = dyn_cast<ir::PrintOp>(op))
        addPath(print);
      else if (auto identity = dyn_cast<ir::IdentityOp>(op); identity && identity.getTag())
        addPath(identity);
    });
    llvm::for_each(layers, dissolve);
  }
};
} // namespace

} // namespace varve::passes
