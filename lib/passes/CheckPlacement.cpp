// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Refuses what cannot run where it was placed, and takes placement away from what can.
#include "lib/passes/LayerPath.h"
#include "lib/passes/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_CHECKPLACEMENTPASS
#include "lib/passes/Passes.h.inc"

namespace {
struct CheckPlacement : impl::CheckPlacementPassBase<CheckPlacement> {
  using CheckPlacementPassBase::CheckPlacementPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<StringRef> present;
    StringRef(devices).split(present, ',');
    for (StringRef device : present)
      if (!ir::isDevice(device)) {
        emitError(module.getLoc()) << "expects devices such as cpu:0 or cuda:1, but got '" << device << "'";
        return signalPassFailure();
      }
    // What is said to be on a mesh, the first of them in the program: graphs before layers, these before weights.
    DenseMap<StringAttr, std::string> users;
    auto use = [&](FlatSymbolRefAttr mesh, const char *what, StringRef name) {
      if (mesh)
        users.try_emplace(mesh.getAttr(), (Twine(what) + " '" + name + "'").str());
    };
    for (auto graph : module.getOps<ir::GraphOp>())
      use(graph.getPlacementAttr(), "graph", graph.getSymName());
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto layer = dyn_cast<ir::LayerOp>(op))
        use(layer.getPlacementAttr(), "layer", pathOf(layer));
      else if (auto function = dyn_cast<func::FuncOp>(op)) // an outlined layer
        use(function->getAttrOfType<FlatSymbolRefAttr>(ir::kPlacementAttr), "function", function.getSymName());
    });
    for (auto weight : module.getOps<ir::WeightOp>())
      if (ir::ShardingAttr sharding = weight.getShardingAttr())
        use(sharding.getMesh(), "weight", weight.getSymName());

    bool failed = false;
    ir::MeshOp first;
    for (auto mesh : module.getOps<ir::MeshOp>()) {
      auto user = users.find(mesh.getSymNameAttr());
      if (user == users.end())
        continue;
      auto fail = [&](const Twine &rule) {
        failed = true;
        emitError(mesh.getLoc()) << rule << ", but got " << mesh.getDeviceText() << " for " << user->second;
      };
      bool known = llvm::all_of(mesh.getDevices().getAsRange<StringAttr>(),
                                [&](StringAttr device) { return llvm::is_contained(present, device.getValue()); });
      if (mesh.getDevices().size() != 1)
        fail("expects one device, since programs are not partitioned over several yet");
      else if (!known)
        fail("expects a device that this build can use, " + llvm::join(present, " or "));
      else if (first && first.getDevices() != mesh.getDevices())
        fail("expects one device for the whole program, " + first.getDeviceText() +
             ", since values are not moved between devices yet");
      else
        first = mesh;
    }
    if (failed)
      return signalPassFailure();
    strip(module);
  }

  static void strip(ModuleOp module) {
    module.walk([](Operation *op) {
      if (auto graph = dyn_cast<ir::GraphOp>(op))
        graph.removePlacementAttr();
      else if (auto layer = dyn_cast<ir::LayerOp>(op))
        layer.removePlacementAttr();
      else if (auto weight = dyn_cast<ir::WeightOp>(op))
        weight.removeShardingAttr();
      else
        op->removeDiscardableAttr(ir::kPlacementAttr);
    });
    for (auto mesh : llvm::make_early_inc_range(module.getOps<ir::MeshOp>()))
      mesh.erase();
  }
};
} // namespace

} // namespace varve::passes
