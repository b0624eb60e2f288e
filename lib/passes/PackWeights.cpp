// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores the weights of matrix products in panels, where nothing but matrix products and row lookups reads them.
#include "dialect/Dialect.h"
#include "lib/passes/Passes.h"
#include "lib/runtime/tensor/BlockPanels.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "lib/passes/Passes.h.inc"

namespace {
bool isWeightOfLinear(OpOperand &operand) {
  auto linear = dyn_cast<ir::LinearOp>(operand.getOwner());
  return linear && &linear.getWeightMutable() == &operand;
}

bool isRowLookup(OpOperand &operand) {
  auto gather = dyn_cast<ir::GatherOp>(operand.getOwner());
  // The verifier takes an axis that counts from the end for a packed weight too.
  return gather && &gather.getInputMutable() == &operand && (gather.getAxis() == 0 || gather.getAxis() == -2);
}

struct PackWeights : impl::PackWeightsPassBase<PackWeights> {
  using PackWeightsPassBase::PackWeightsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto panels = ir::PanelsAttr::getChecked([&] { return emitError(module.getLoc()); }, &getContext(), int64_t(panel));
    if (!panels)
      return signalPassFailure();
    auto ofBlocks = ir::PanelsAttr::get(&getContext(), runtime::blocks::panel_rows);
    DenseMap<StringAttr, SmallVector<ir::UseOp>> uses;
    module.walk([&](ir::UseOp use) { uses[use.getWeightAttr().getAttr()].push_back(use); });
    for (auto weight : module.getOps<ir::WeightOp>()) {
      auto type = cast<RankedTensorType>(weight.getType());
      bool inBlocks = runtime::blocks::panel_layout(ir::encodingOf(type.getElementType())).has_value();
      if (type.getRank() != 2 || type.getEncoding() || (!inBlocks && !isa<FloatType>(type.getElementType())))
        continue;
      ArrayRef<ir::UseOp> mine = uses[weight.getSymNameAttr()];
      bool multiplied = false;
      bool others = llvm::any_of(mine, [&](ir::UseOp use) {
        return llvm::any_of(use->getUses(), [&](OpOperand &operand) {
          bool linear = isWeightOfLinear(operand);
          multiplied |= linear;
          return !linear && !isRowLookup(operand);
        });
      });
      if (others || !multiplied)
        continue;
      auto packed = RankedTensorType::get(type.getShape(), type.getElementType(), inBlocks ? ofBlocks : panels);
      weight.setType(packed);
      for (ir::UseOp use : mine)
        use.getResult().setType(packed);
    }
  }
};
} // namespace

} // namespace varve::passes
