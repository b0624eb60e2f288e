// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chains of convolutions are computed with the channels as the last dimension: there a window's elements lie side by side, and
// the sums of a vector of channels are stored as they are.
#include "dialect/Dialect.h"
#include "lib/passes/Panels.h"
#include "lib/passes/Passes.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_CHANNELSLASTPASS
#include "lib/passes/Passes.h.inc"

namespace {
RankedTensorType typeOf(Value value) { return dyn_cast<RankedTensorType>(value.getType()); }

// The values that an op reads in the layout of its result.
SmallVector<OpOperand *> imagesOf(Operation *op) {
  SmallVector<OpOperand *> images;
  if (isa<ir::ConvOp, ir::BatchNormOp, ir::MaxPoolOp, ir::AvgPoolOp>(op))
    return {&op->getOpOperand(0)};
  for (OpOperand &operand : op->getOpOperands())
    if (typeOf(operand.get()).getRank() != 0)
      images.push_back(&operand);
  return images;
}

// Of a transposition that makes an image one with channels last, or with channels first.
SmallVector<int64_t> permutationOf(int64_t rank, bool toLast) {
  SmallVector<int64_t> permutation{0};
  for (int64_t axis = 1; axis < rank; ++axis)
    permutation.push_back(toLast ? (axis + 1 < rank ? axis + 1 : 1) : (axis == 1 ? rank - 1 : axis - 1));
  return permutation;
}

// Such a one goes away together with another that is the other way round.
bool isTurn(Operation *op, bool toLast) {
  auto transpose = dyn_cast_or_null<ir::TransposeOp>(op);
  return transpose && transpose.getPermutation() == ArrayRef(permutationOf(transpose.getPermutation().size(), toLast));
}

class Chains {
public:
  Chains(ModuleOp module, int64_t panel) {
    // Weights that will be in panels: nothing else uses them.
    module.walk([&](ir::UseOp use) {
      bool &is = packed.try_emplace(use.getWeightAttr().getAttr(), true).first->second;
      is &= llvm::all_of(use->getUses(), [&](OpOperand &operand) { return isWeightForPanels(operand, panel); });
    });
    module.walk<WalkOrder::PostOrder>([&](Operation *op) { look(op); });
  }

  void apply() {
    SetVector<Value> accepted;
    for (auto [value, chain] : values)
      if (isWorthIt(chain))
        accepted.insert(value);
    for (Value value : accepted)
      turn(value);
    for (Value value : accepted)
      if (Operation *op = value.getDefiningOp(); !isa<ir::LayerOp>(op))
        for (OpOperand *image : imagesOf(op))
          if (!accepted.contains(image->get()))
            image->set(moved(image->get(), /*toLast=*/true));
    for (Value value : accepted)
      for (OpOperand &use : llvm::make_early_inc_range(value.getUses()))
        if (!staysInside(use, accepted) && !isMove(use.getOwner()))
          use.set(moved(value, /*toLast=*/false));
  }

private:
  // The layer's result that an operand of its terminator is, or null.
  static Value handedOut(OpOperand &use) {
    auto layer = isa<ir::OutputOp>(use.getOwner()) ? dyn_cast<ir::LayerOp>(use.getOwner()->getParentOp()) : nullptr;
    return layer ? layer->getResult(use.getOperandNumber()) : Value();
  }

  static bool staysInside(OpOperand &use, const auto &inside) {
    if (Value result = handedOut(use))
      return inside.contains(result);
    Operation *user = use.getOwner();
    return user->getNumResults() == 1 && inside.contains(user->getResult(0)) &&
           llvm::is_contained(imagesOf(user), &use);
  }

  bool isConvolution(Operation *op) {
    auto conv = dyn_cast<ir::ConvOp>(op);
    if (!conv || conv.getChannelsLast())
      return false;
    auto use = conv.getWeight().getDefiningOp<ir::UseOp>();
    return isa_and_nonnull<ir::PanelsAttr>(conv.getWeight().getType().getEncoding()) ||
           (use && packed.lookup(use.getWeightAttr().getAttr()));
  }

  // Puts the op's results into the chain of what they are computed of.
  void look(Operation *op) {
    if (auto layer = dyn_cast<ir::LayerOp>(op)) {
      for (auto [result, given] : llvm::zip(layer.getResults(), layer.getBody().front().getTerminator()->getOperands()))
        if (auto found = values.find(given); found != values.end()) {
          unsigned chain = found->second; // what follows may move it
          values[result] = chain;
        }
      return;
    }
    if (auto tap = dyn_cast<ir::IdentityOp>(op); tap && values.contains(tap.getInput())) {
      tap.getResult().replaceAllUsesWith(tap.getInput()); // what is shown is moved, and not what goes on
      return;
    }
    if (isConvolution(op)) {
      unsigned chain = add(op->getResult(0));
      ++convolutions[chain];
      if (values.contains(op->getOperand(0)))
        chains.unionSets(chain, values[op->getOperand(0)]);
      return;
    }
    bool slides = isa<ir::MaxPoolOp, ir::AvgPoolOp>(op);
    if (!op->hasTrait<ir::Elementwise>() && !isa<ir::BatchNormOp>(op) && !slides)
      return;
    Value result = op->getResult(0);
    SmallVector<unsigned> joined;
    for (OpOperand *image : imagesOf(op)) {
      if (typeOf(image->get()).getRank() != typeOf(result).getRank())
        return;
      bool isWhole = slides || typeOf(image->get()).getShape() == typeOf(result).getShape(); // not broadcast
      if (isWhole && values.contains(image->get()))
        joined.push_back(values[image->get()]);
    }
    if (joined.empty())
      return;
    values[result] = joined[0];
    for (unsigned other : joined)
      chains.unionSets(joined[0], other);
  }

  unsigned add(Value value) {
    unsigned chain = convolutions.size();
    convolutions.push_back(0);
    chains.insert(chain);
    values[value] = chain;
    return chain;
  }

  bool isWorthIt(unsigned chain) {
    if (worth.empty())
      count();
    return worth[chains.getLeaderValue(chain)];
  }

  // Of each chain, whether it has enough convolutions for what would be transposed.
  void count() {
    std::vector<int64_t> all(convolutions.size()), transposed(convolutions.size());
    for (auto [chain, number] : llvm::enumerate(convolutions))
      all[chains.getLeaderValue(chain)] += number;
    DenseSet<std::pair<Value, unsigned>> seen;
    auto cross = [&](Value value, unsigned chain) {
      chain = chains.getLeaderValue(chain);
      if (seen.insert({value, chain}).second)
        ++transposed[chain];
    };
    for (auto [value, chain] : values) {
      if (Operation *op = value.getDefiningOp(); !isa<ir::LayerOp>(op))
        for (OpOperand *image : imagesOf(op))
          if (!values.contains(image->get()) && !isTurn(image->get().getDefiningOp(), /*toLast=*/false))
            cross(image->get(), chain);
      for (OpOperand &use : value.getUses())
        if (!staysInside(use, values) && !isTurn(use.getOwner(), /*toLast=*/true) &&
            !isa<ir::IdentityOp>(use.getOwner()))
          cross(value, chain);
    }
    for (auto [number, crossed] : llvm::zip(all, transposed))
      worth.push_back(number >= 2 * crossed);
  }

  // Makes a value one with channels last.
  static void turn(Value value) {
    RankedTensorType type = typeOf(value);
    ir::Dims dims = ir::dimsOf(type);
    ir::Dim channels = dims[1];
    dims.erase(dims.begin() + 1);
    dims.push_back(channels);
    value.setType(ir::tensorOf(dims, type.getElementType()));
    llvm::TypeSwitch<Operation *>(value.getDefiningOp())
        .Case<ir::ConvOp, ir::BatchNormOp, ir::MaxPoolOp, ir::AvgPoolOp>([](auto op) { op.setChannelsLast(true); });
  }

  bool isMove(Operation *op) { return llvm::is_contained(llvm::make_second_range(moves), op); }

  // The value in the other layout, computed where it is.
  Value moved(Value value, bool toLast) {
    Operation *&move = moves[value];
    if (!move) {
      OpBuilder builder(value.getContext());
      builder.setInsertionPointAfterValue(value);
      move = ir::TransposeOp::create(builder, value.getLoc(), value, permutationOf(typeOf(value).getRank(), toLast));
    }
    return move->getResult(0);
  }

  DenseMap<StringAttr, bool> packed;
  llvm::MapVector<Value, unsigned> values; // with channels last if their chain is
  llvm::EquivalenceClasses<unsigned> chains;
  std::vector<int64_t> convolutions; // of a chain, before it was joined with others
  std::vector<bool> worth;
  llvm::MapVector<Value, Operation *> moves;
};

struct ChannelsLast : impl::ChannelsLastPassBase<ChannelsLast> {
  using ChannelsLastPassBase::ChannelsLastPassBase;
  void runOnOperation() override { Chains(getOperation(), panel).apply(); }
};
} // namespace

} // namespace varve::passes
