// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise ops move into the bodies of the products and convolutions that they alone read: what they read is then loaded when the sums are
// at hand, and the product itself is never stored.
#include "dialect/Place.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/memory/Memory.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_FUSEKERNELSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
using Groups = SmallVector<ReassociationIndices, 4>;

ProductOp withExtras(OpBuilder &builder, Location location, ProductOp op, ValueRange extras, Value output,
                     ArrayAttr maps) {
  return ProductOp::create(builder, location, output.getType(), op.getPacked(), op.getWeight(), op.getRow(),
                           op.getBatch(), extras, output, maps, op.getPairs(), op.getEncodingAttr());
}
ConvolutionOp withExtras(OpBuilder &builder, Location location, ConvolutionOp op, ValueRange extras, Value output,
                         ArrayAttr maps) {
  return ConvolutionOp::create(builder, location, output.getType(), op.getInput(), op.getWeight(), op.getDepth(),
                               op.getHeight(), op.getWidth(), op.getRoom(), extras, output, op.getKernel(),
                               op.getStrides(), op.getDilations(), op.getPadding(), op.getGroups(),
                               op.getChannelsLast(), op.getWinograd(), maps);
}

template <class Op> class Fuser {
public:
  Fuser(Op product, linalg::GenericOp generic, tensor::ExpandShapeOp expand)
      : product(product), generic(generic), expand(expand), builder(generic) {}

  bool run() {
    unsigned rank = generic.getNumLoops();
    if (generic.getNumReductionLoops() || generic.getNumDpsInits() != 1 || generic->getNumResults() != 1 ||
        generic->getBlock() != product->getBlock() || !generic.getRegionOutputArgs()[0].use_empty() ||
        !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity())
      return false;
    if (expand)
      groups = expand.getReassociationIndices();
    else
      for (unsigned axis = 0; axis < rank; ++axis)
        groups.push_back({axis});
    for (Operation &op : generic.getBody()->without_terminator())
      if (!OpTrait::hasElementwiseMappableTraits(&op) || op.getNumRegions() ||
          llvm::any_of(op.getOperands(), [&](Value value) { return isOutside(value) && !isConstant(value); }))
        return false;
    Value given = generic.getBody()->getTerminator()->getOperand(0);
    if (isOutside(given) && !isConstant(given))
      return false;
    Value read = expand ? expand.getResult() : product.getResult();
    for (OpOperand *operand : generic.getDpsInputOperands()) {
      AffineMap map = generic.getMatchingIndexingMap(operand);
      if (operand->get() == read) {
        if (!map.isIdentity())
          return false;
        continue;
      }
      auto type = dyn_cast<RankedTensorType>(operand->get().getType());
      std::optional<Extra> own = type ? extraOf(operand, map) : std::nullopt;
      if (!own || (own->map.isFunctionOfDim(groups.size() - 1) && !isContiguous(operand->get())))
        return false;
      extras.push_back(*own);
    }
    if (passesWrite(product, generic))
      return false;
    fuse(read);
    return true;
  }

private:
  bool isOutside(Value value) { return value.getParentBlock() != generic.getBody(); }
  static bool isConstant(Value value) {
    Operation *op = value.getDefiningOp();
    return op && op->hasTrait<OpTrait::ConstantLike>();
  }

  // An operand of the generic op, where it is read in the product's axes, and which of its axes are one there.
  struct Extra {
    OpOperand *operand;
    AffineMap map;
    Groups axes;
  };

  // Nothing if it cannot be said so: it has all axes, or of each that it has the whole, beside ones of size 1.
  std::optional<Extra> extraOf(OpOperand *operand, AffineMap map) {
    MLIRContext *context = builder.getContext();
    if (map.isIdentity())
      return Extra{operand, AffineMap::getMultiDimIdentityMap(groups.size(), context), groups};
    SmallVector<AffineExpr> places;
    Groups axes;
    ReassociationIndices ones; // before the first axis
    for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
      if (isa<AffineConstantExpr>(expr)) { // of size 1
        (axes.empty() ? ones : axes.back()).push_back(axis);
        continue;
      }
      auto *group = llvm::find_if(groups, [&](const ReassociationIndices &each) {
        return expr == builder.getAffineDimExpr(each.back()) && isAlone(each);
      });
      AffineExpr place = builder.getAffineDimExpr(group - groups.begin());
      if (group == groups.end() || (!places.empty() && cast<AffineDimExpr>(places.back()).getPosition() >=
                                                           cast<AffineDimExpr>(place).getPosition()))
        return std::nullopt;
      places.push_back(place);
      axes.push_back(std::exchange(ones, {}));
      axes.back().push_back(axis);
    }
    return Extra{operand, AffineMap::get(groups.size(), 0, places, context), axes};
  }

  bool isAlone(ArrayRef<int64_t> group) {
    return llvm::all_of(group.drop_back(), [&](int64_t axis) { return expand.getResultType().getDimSize(axis) == 1; });
  }

  Value flat(Value tensor, const Groups &axes) {
    if (cast<RankedTensorType>(tensor.getType()).getRank() == static_cast<int64_t>(axes.size()))
      return tensor;
    return tensor::CollapseShapeOp::create(builder, generic.getLoc(), tensor, axes);
  }

  // What the fused op writes: of the product's own shape if it is new, since elsewhere memory under another shape is not seen to be
  // that of a destination.
  Value output() {
    Value init = generic.getDpsInits()[0];
    auto own = product.getOutput().template getDefiningOp<tensor::EmptyOp>();
    if (!own || !init.getDefiningOp<tensor::EmptyOp>())
      return flat(init, groups);
    return tensor::EmptyOp::create(builder, generic.getLoc(), own.getMixedSizes(), getElementTypeOrSelf(init));
  }

  void fuse(Value read) {
    Location location = generic.getLoc();
    SmallVector<Value> operands(product.getExtras());
    SmallVector<Attribute> maps(product.getMaps().begin(), product.getMaps().end());
    for (const Extra &extra : extras) {
      operands.push_back(flat(extra.operand->get(), extra.axes));
      maps.push_back(AffineMapAttr::get(extra.map));
    }
    Op fused = withExtras(builder, ir::withMarksOf(location, product.getLoc()), product, operands, output(),
                          builder.getArrayAttr(maps));
    Region &body = fused.getBody();
    body.takeBody(product.getBody());
    Block &block = body.front();
    auto old = cast<YieldOp>(block.getTerminator());
    OpBuilder inner(old);
    IRMapping map;
    for (const Extra &extra : extras)
      map.map(generic.getMatchingBlockArgument(extra.operand),
              block.addArgument(cast<ShapedType>(extra.operand->get().getType()).getElementType(), location));
    for (OpOperand *operand : generic.getDpsInputOperands())
      if (operand->get() == read)
        map.map(generic.getMatchingBlockArgument(operand), old.getValue());
    auto need = [&](Value value) {
      if (isOutside(value) && !map.contains(value))
        map.map(value, inner.clone(*value.getDefiningOp())->getResult(0));
    };
    for (Operation &op : generic.getBody()->without_terminator()) {
      llvm::for_each(op.getOperands(), need);
      inner.clone(op, map);
    }
    Value given = generic.getBody()->getTerminator()->getOperand(0);
    need(given);
    YieldOp::create(inner, location, map.lookupOrDefault(given));
    old.erase();

    Value result = fused.getResult();
    if (result.getType() != generic.getResult(0).getType())
      result = tensor::ExpandShapeOp::create(builder, location, generic.getResult(0).getType(), result, groups,
                                             expand.getMixedOutputShape());
    generic.getResult(0).replaceAllUsesWith(result);
    generic.erase();
    if (expand)
      expand.erase();
    product.erase();
  }

  Op product;
  linalg::GenericOp generic;
  tensor::ExpandShapeOp expand;
  OpBuilder builder;
  Groups groups;
  SmallVector<Extra> extras;
};

// Matrices that were only laid out anew, as by a transposition, are packed from where they came from.
void readSource(PackOp pack) {
  while (std::optional<AffineMap> of = pack.getMap()) {
    auto copy = pack.getInput().getDefiningOp<linalg::GenericOp>();
    if (!copy || copy.getNumDpsInputs() != 1 || copy.getNumDpsInits() != 1 || copy.getNumReductionLoops() ||
        !copy.getMatchingIndexingMap(copy.getDpsInitOperand(0)).isIdentity() ||
        copy.getBody()->getTerminator()->getOperand(0) != copy.getBody()->getArgument(0))
      return;
    AffineMap from = copy.getMatchingIndexingMap(copy.getDpsInputOperand(0));
    if (from.getNumResults() == 0 || !from.isProjectedPermutation(/*allowZeroInResults=*/true) ||
        passesWrite(copy, pack))
      return;
    AffineMap map = from.compose(*of);
    unsigned batch = pack.getBatch().size();
    auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
    if (!map.isFunctionOfDim(batch) || !map.isFunctionOfDim(batch + 1) || !last || last.getPosition() < batch)
      return; // rows that are repeated, or elements that lie apart along both axes
    pack.getInputMutable().assign(copy.getDpsInputs()[0]);
    pack.setMap(map);
    pack->setLoc(ir::withMarksOf(pack.getLoc(), copy.getLoc()));
    if (copy.use_empty())
      copy.erase();
  }
}

struct FuseKernels : impl::FuseKernelsPassBase<FuseKernels> {
  using FuseKernelsPassBase::FuseKernelsPassBase;
  void runOnOperation() override {
    getOperation().walk([](PackOp op) { readSource(op); });
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp generic : generics)
      fuse(generic);
  }

  // Into the last of the products that the op reads, so that what else it reads is there.
  static void fuse(linalg::GenericOp generic) {
    SmallVector<std::pair<Operation *, tensor::ExpandShapeOp>> candidates;
    for (Value input : generic.getDpsInputs()) {
      auto expand = input.getDefiningOp<tensor::ExpandShapeOp>();
      Operation *product = (expand ? expand.getSrc() : input).getDefiningOp();
      if (isa_and_nonnull<ProductOp, ConvolutionOp>(product) && product->getBlock() == generic->getBlock() &&
          product->hasOneUse() && input.hasOneUse())
        candidates.push_back({product, expand});
    }
    llvm::sort(candidates, [](auto &a, auto &b) { return b.first->isBeforeInBlock(a.first); });
    for (auto [product, expand] : candidates) {
      bool isFused = llvm::TypeSwitch<Operation *, bool>(product).Case<ProductOp, ConvolutionOp>(
          [&, expand = expand](auto each) { return Fuser(each, generic, expand).run(); });
      if (isFused)
        return;
    }
  }
};
} // namespace

} // namespace varve::target::cpu
