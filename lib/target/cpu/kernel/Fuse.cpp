// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise ops move into the bodies of the products that they alone read: what they read is then loaded when the sums are
// at hand, and the product itself is never stored.
#include "lib/target/cpu/Memory.h"
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_FUSEKERNELSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
using Groups = SmallVector<ReassociationIndices, 4>;

class Fuser {
public:
  Fuser(ProductOp product, linalg::GenericOp generic, tensor::ExpandShapeOp expand)
      : product(product), generic(generic), expand(expand), builder(generic) {}

  bool run() {
    unsigned rank = generic.getNumLoops();
    if (generic.getNumReductionLoops() || generic.getNumDpsInits() != 1 || generic->getNumResults() != 1 ||
        generic->getBlock() != product->getBlock() || !generic.getRegionOutputArgs()[0].use_empty() ||
        !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity())
      return false;
    groups = expand ? Groups(expand.getReassociationIndices()) : Groups{{0}, {1}};
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
      std::optional<AffineMap> own = type ? mapOf(map, rank) : std::nullopt;
      if (!own || (own->isFunctionOfDim(1) && !isContiguous(operand->get())))
        return false;
      extras.push_back({operand, *own});
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

  // Where an operand of the generic op is read, as a map of (m, n); nothing if it cannot be said so.
  std::optional<AffineMap> mapOf(AffineMap map, unsigned rank) {
    MLIRContext *context = builder.getContext();
    if (map.isIdentity())
      return AffineMap::getMultiDimIdentityMap(2, context);
    if (map.getNumResults() == 0)
      return AffineMap::get(2, 0, context);
    if (map.getNumResults() != 1)
      return std::nullopt;
    // The columns alone, or the rows alone, if they are one axis beside ones of size 1.
    for (auto [number, group] : llvm::enumerate(groups))
      if (map.getResult(0) == builder.getAffineDimExpr(group.back()) && isAlone(group))
        return AffineMap::get(2, 0, builder.getAffineDimExpr(number));
    return std::nullopt;
  }

  bool isAlone(ArrayRef<int64_t> group) {
    return llvm::all_of(group.drop_back(), [&](int64_t axis) { return expand.getResultType().getDimSize(axis) == 1; });
  }

  Value flat(Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!expand || type.getRank() != static_cast<int64_t>(generic.getNumLoops()) || type.getRank() == 2)
      return tensor;
    return tensor::CollapseShapeOp::create(builder, generic.getLoc(), tensor, groups);
  }

  void fuse(Value read) {
    Location location = generic.getLoc();
    SmallVector<Value> operands(product.getExtras());
    SmallVector<Attribute> maps(product.getMaps().begin(), product.getMaps().end());
    for (auto [operand, map] : extras) {
      operands.push_back(map.isIdentity() ? flat(operand->get()) : operand->get());
      maps.push_back(AffineMapAttr::get(map));
    }
    Value output = flat(generic.getDpsInits()[0]);
    auto fused =
        ProductOp::create(builder, location, output.getType(), product.getInput(), product.getPacked(),
                          product.getWeight(), operands, output, builder.getArrayAttr(maps), product.getEncodingAttr());
    Region &body = fused.getBody();
    body.takeBody(product.getBody());
    Block &block = body.front();
    auto old = cast<YieldOp>(block.getTerminator());
    OpBuilder inner(old);
    IRMapping map;
    for (auto [number, extra] : llvm::enumerate(extras))
      map.map(generic.getMatchingBlockArgument(extra.first),
              block.addArgument(cast<ShapedType>(extra.first->get().getType()).getElementType(), location));
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

  ProductOp product;
  linalg::GenericOp generic;
  tensor::ExpandShapeOp expand;
  OpBuilder builder;
  Groups groups;
  SmallVector<std::pair<OpOperand *, AffineMap>> extras;
};

struct FuseKernels : impl::FuseKernelsPassBase<FuseKernels> {
  using FuseKernelsPassBase::FuseKernelsPassBase;
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) { generics.push_back(op); });
    for (linalg::GenericOp generic : generics)
      fuse(generic);
  }

  // Into the last of the products that the op reads, so that what else it reads is there.
  static void fuse(linalg::GenericOp generic) {
    SmallVector<std::pair<ProductOp, tensor::ExpandShapeOp>> candidates;
    for (Value input : generic.getDpsInputs()) {
      auto expand = input.getDefiningOp<tensor::ExpandShapeOp>();
      auto product = (expand ? expand.getSrc() : input).getDefiningOp<ProductOp>();
      if (product && product->getBlock() == generic->getBlock() && product->hasOneUse() && input.hasOneUse())
        candidates.push_back({product, expand});
    }
    llvm::sort(candidates, [](auto &a, auto &b) { return b.first->isBeforeInBlock(a.first); });
    for (auto [product, expand] : candidates)
      if (Fuser(product, generic, expand).run())
        return;
  }
};
} // namespace

} // namespace varve::target::cpu
