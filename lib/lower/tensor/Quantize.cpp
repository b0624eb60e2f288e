// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights in blocks become numbers; Decode.h knows how.
#include "lib/lower/Decode.h"

using namespace mlir;

namespace varve::lower {

namespace {
struct LowerDequantize : OpConversionPattern<ir::DequantizeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::DequantizeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, decode(rewriter, op, adaptor.getInput(), ir::dimsOf(op.getType()),
                                  ir::encodingOf(op.getInput().getType().getElementType()),
                                  panelOf(op.getInput().getType())));
    return success();
  }
};
} // namespace

void addQuantizePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerDequantize>(types, patterns.getContext());
}

} // namespace varve::lower
