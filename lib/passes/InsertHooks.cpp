// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prints the results of layers that a glob selects.
#include "lib/passes/LayerPath.h"
#include "lib/passes/Passes.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_INSERTHOOKSPASS
#include "lib/passes/Passes.h.inc"

namespace {
bool isPrintable(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && !isa_and_present<ir::PanelsAttr>(tensor.getEncoding()) && ir::isNamed(tensor) &&
         ir::isElement(tensor.getElementType());
}

struct InsertHooks : impl::InsertHooksPassBase<InsertHooks> {
  using InsertHooksPassBase::InsertHooksPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (kind != "print" && kind != "statistics") {
      emitError(module.getLoc()) << "expects kind print or statistics, but got '" << kind << "'";
      return signalPassFailure();
    }
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(layers);
    if (!glob) {
      emitError(module.getLoc()) << "expects a glob that layers' paths match, but got '" << layers
                                 << "': " << llvm::toString(glob.takeError());
      return signalPassFailure();
    }
    int64_t matched = 0;
    for (auto graph : module.getOps<ir::GraphOp>())
      graph.walk([&](ir::LayerOp layer) {
        if (!glob->match(pathOf(layer)))
          return;
        ++matched;
        insert(layer);
      });
    if (matched == 0)
      emitWarning(module.getLoc()) << "expects a layer whose path matches '" << layers << "', but got none";
  }

  void insert(ir::LayerOp layer) {
    Operation *output = layer.getBody().front().getTerminator();
    OpBuilder builder(output);
    StringRef style = kind == "print" ? "compact" : "statistics";
    for (auto [index, value] : llvm::enumerate(output->getOperands())) {
      if (!isPrintable(value.getType()))
        continue;
      std::string label = output->getNumOperands() == 1 ? "output" : "output." + std::to_string(index);
      ir::PrintOp::create(builder, layer.getLoc(), value, label, style, /*layer=*/StringAttr());
    }
  }
};
} // namespace

} // namespace varve::passes
