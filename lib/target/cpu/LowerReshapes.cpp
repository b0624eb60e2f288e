// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// memref.expand_shape becomes memref.reinterpret_cast. Upstream's expand-strided-metadata crashes where two sizes of one
// group are dynamic (22.1), though the op names every size.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_LOWERRESHAPESPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
struct LowerReshapes : impl::LowerReshapesPassBase<LowerReshapes> {
  using LowerReshapesPassBase::LowerReshapesPassBase;
  void runOnOperation() override {
    SmallVector<memref::ExpandShapeOp> ops;
    getOperation().walk([&](memref::ExpandShapeOp op) { ops.push_back(op); });
    for (memref::ExpandShapeOp op : ops)
      lower(op);
  }

  static void lower(memref::ExpandShapeOp op) {
    OpBuilder builder(op);
    Location location = op.getLoc();
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, location, op.getSrc());
    SmallVector<OpFoldResult> from = metadata.getConstifiedMixedStrides(), sizes = op.getMixedOutputShape();
    SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
    for (auto [axis, group] : llvm::enumerate(op.getReassociationIndices())) {
      OpFoldResult stride = from[axis];
      for (int64_t into : llvm::reverse(group)) {
        strides[into] = stride;
        stride = multiply(builder, location, stride, sizes[into]);
      }
    }
    Value result = memref::ReinterpretCastOp::create(builder, location, op.getResultType(), metadata.getBaseBuffer(),
                                                     metadata.getConstifiedMixedOffset(), sizes, strides);
    op.replaceAllUsesWith(result);
    op.erase();
  }

  static OpFoldResult multiply(OpBuilder &builder, Location location, OpFoldResult a, OpFoldResult b) {
    std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(b);
    if (x && y)
      return builder.getIndexAttr(*x * *y);
    return arith::MulIOp::create(builder, location, getValueOrCreateConstantIndexOp(builder, location, a),
                                 getValueOrCreateConstantIndexOp(builder, location, b))
        .getResult();
  }
};
} // namespace

} // namespace varve::target::cpu
