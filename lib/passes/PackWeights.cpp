// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores the weights of matrix products in panels, where nothing but matrix products and row lookups reads them; and those of
// convolutions with enough channels.
#include "dialect/Dialect.h"
#include "lib/passes/Panels.h"
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

// From how many tiles of an image on Winograd's kernel is faster than the direct one, whose weight has 9/16 of the bytes.
constexpr int64_t kWinogradTiles = 9;

bool isForWinograd(ir::ConvOp conv) {
  RankedTensorType weight = conv.getWeight().getType();
  FailureOr<ir::Windows> windows = conv.windows();
  auto isAll = [](ArrayRef<int64_t> list, int64_t value) {
    return llvm::all_of(list, [&](int64_t entry) { return entry == value; });
  };
  if (!conv.getChannelsLast() || conv.getGroups() != 1 || !weight.getElementType().isF32() || failed(windows) ||
      windows->rank() != 2 || !isAll(windows->kernel, 3) || !isAll(windows->strides, 1) ||
      !isAll(windows->dilations, 1))
    return false;
  int64_t tiles = 1;
  for (int64_t size : conv.getType().getShape().slice(1, 2))
    tiles =
        ShapedType::isDynamic(size) || ShapedType::isDynamic(tiles) ? ShapedType::kDynamic : tiles * ((size + 1) / 2);
  return ir::hasWinogradChannels(weight.getDimSize(1)) && (ShapedType::isDynamic(tiles) || tiles >= kWinogradTiles);
}

// Of few output channels, or with channels first of few input channels, a kernel that reads the input without unfolding it, and the
// weight as it is, is faster (the sweep is in tools/bench/README.md).
constexpr int64_t kFewOutputs = 32, kFewInputs = 4, kOutputsOfFew = 64;

struct PackWeights : impl::PackWeightsPassBase<PackWeights> {
  using PackWeightsPassBase::PackWeightsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto emit = [&] { return emitError(module.getLoc()); };
    auto panels = ir::PanelsAttr::getChecked(emit, &getContext(), int64_t(panel), int64_t(1));
    auto halves = ir::PanelsAttr::getChecked(emit, &getContext(), int64_t(panel), int64_t(bf16Group));
    if (!panels || !halves)
      return signalPassFailure();
    auto transformed = ir::PanelsAttr::getChecked(emit, &getContext(), int64_t(panel), int64_t(1), true);
    auto ofBlocks = ir::PanelsAttr::get(&getContext(), runtime::blocks::panel_rows, 1);
    DenseMap<StringAttr, SmallVector<ir::UseOp>> uses;
    module.walk([&](ir::UseOp use) { uses[use.getWeightAttr().getAttr()].push_back(use); });
    for (auto weight : module.getOps<ir::WeightOp>()) {
      auto type = cast<RankedTensorType>(weight.getType());
      bool inBlocks = has_panels(ir::encodingOf(type.getElementType()));
      if (type.getRank() < 2 || type.getEncoding() || (!inBlocks && !isa<FloatType>(type.getElementType())))
        continue;
      ArrayRef<ir::UseOp> mine = uses[weight.getSymNameAttr()];
      bool multiplied = false, isWinograd = winograd && type.getRank() == 4;
      bool others = llvm::any_of(mine, [&](ir::UseOp use) {
        return llvm::any_of(use->getUses(), [&](OpOperand &operand) {
          if (type.getRank() > 2) {
            bool conv = isWeightForPanels(operand, panel);
            if (conv) {
              auto owner = cast<ir::ConvOp>(operand.getOwner());
              multiplied |= owner.getChannelsLast() || !isOfFewInputs(owner);
              isWinograd &= isForWinograd(owner);
            }
            return !conv;
          }
          bool linear = isWeightOfLinear(operand);
          multiplied |= linear;
          return !linear && !isRowLookup(operand);
        });
      });
      if (others || !multiplied)
        continue;
      ir::PanelsAttr layout = inBlocks                                                ? ofBlocks
                              : isWinograd                                            ? transformed
                              : type.getRank() == 2 && type.getElementType().isBF16() ? halves
                                                                                      : panels;
      auto packed = RankedTensorType::get(type.getShape(), type.getElementType(), layout);
      weight.setType(packed);
      for (ir::UseOp use : mine)
        use.getResult().setType(packed);
    }
  }
};
} // namespace

// A panel of two groups would see the input of one.
bool isWeightForPanels(OpOperand &operand, int64_t panel) {
  auto conv = dyn_cast<ir::ConvOp>(operand.getOwner());
  if (!conv || &conv.getWeightMutable() != &operand)
    return false;
  int64_t groups = conv.getGroups(), channels = conv.getWeight().getType().getDimSize(0) / groups;
  return channels >= kFewOutputs && (groups == 1 || channels % panel == 0);
}

bool isOfFewInputs(ir::ConvOp conv) {
  RankedTensorType weight = conv.getWeight().getType();
  return weight.getDimSize(1) <= kFewInputs && weight.getDimSize(0) / conv.getGroups() <= kOutputsOfFew &&
         llvm::all_of(conv.windows()->strides, [](int64_t stride) { return stride <= 2; });
}

} // namespace varve::passes
