// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A view with gaps is copied where contiguous memory is called for. Bufferisation casts it there if sizes are unknown: it
// takes the unknown strides of both for the same (22.1).
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_COPYSTRIDEDPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// The sizes of a memref, by those of what it is a view of: `memref.dim` does not look through all views.
SmallVector<OpFoldResult> sizesOf(OpBuilder &builder, Location location, Value memref) {
  if (auto view = memref.getDefiningOp<memref::SubViewOp>()) {
    llvm::SmallBitVector dropped = view.getDroppedDims();
    SmallVector<OpFoldResult> sizes;
    for (auto [axis, size] : llvm::enumerate(view.getMixedSizes()))
      if (!dropped.test(axis))
        sizes.push_back(size);
    return sizes;
  }
  if (auto view = memref.getDefiningOp<memref::ExpandShapeOp>())
    return view.getMixedOutputShape();
  if (auto view = memref.getDefiningOp<memref::CollapseShapeOp>()) {
    SmallVector<OpFoldResult> sizes, from = sizesOf(builder, location, view.getSrc());
    for (const ReassociationIndices &group : view.getReassociationIndices()) {
      OpFoldResult product = builder.getIndexAttr(1);
      for (int64_t axis : group)
        product = getConstantIntValue(product) == 1
                      ? from[axis]
                      : OpFoldResult(arith::MulIOp::create(
                                         builder, location, getValueOrCreateConstantIndexOp(builder, location, product),
                                         getValueOrCreateConstantIndexOp(builder, location, from[axis]))
                                         .getResult());
      sizes.push_back(product);
    }
    return sizes;
  }
  return memref::getMixedSizes(builder, location, memref);
}

struct CopyStrided : impl::CopyStridedPassBase<CopyStrided> {
  using CopyStridedPassBase::CopyStridedPassBase;
  void runOnOperation() override {
    SmallVector<memref::CastOp> casts;
    getOperation().walk([&](memref::CastOp op) {
      auto from = dyn_cast<MemRefType>(op.getSource().getType()), to = dyn_cast<MemRefType>(op.getType());
      if (from && to && !from.getLayout().isIdentity() && to.getLayout().isIdentity())
        casts.push_back(op);
    });
    for (memref::CastOp op : casts) {
      OpBuilder builder(op);
      auto type = cast<MemRefType>(op.getType());
      SmallVector<OpFoldResult> whole = sizesOf(builder, op.getLoc(), op.getSource());
      SmallVector<Value> sizes;
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        if (type.isDynamicDim(axis))
          sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(), whole[axis]));
      Value copy = memref::AllocOp::create(builder, op.getLoc(), type, sizes, builder.getI64IntegerAttr(64));
      memref::CopyOp::create(builder, op.getLoc(), op.getSource(), copy);
      op.replaceAllUsesWith(copy);
      op.erase();
    }
  }
};
} // namespace

} // namespace varve::target::cpu
