// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products become linalg.generic with f32 accumulators; the target finds them by their shape.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// input [.., in] * weight [out, in]^T: over all rows at once; the weight is read in the layout it was packed in.
struct LowerLinear : OpConversionPattern<ir::LinearOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::LinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), resultDims = ir::dimsOf(op.getType());
    Dim rows = ir::dimOf(ir::productOf(ArrayRef(dims).drop_back()), getContext()), columns = dims.back();
    Dim out = resultDims.back();
    Value input = reshape(rewriter, op, adaptor.getInput(), dims, {rows, columns});
    input = convert(rewriter, op, input, {rows, columns}, rewriter.getF32Type());

    auto panels = dyn_cast_or_null<ir::PanelsAttr>(op.getWeight().getType().getEncoding());
    Value product;
    if (panels) { // (m, panel, k, lane): x[m, k], w[panel, k, lane], y[m, panel, lane]
      int64_t lanes = panels.getRows(), count = llvm::divideCeil(out.size, lanes);
      Dim panelDim{count, {}}, laneDim{lanes, {}}, padded{count * lanes, {}};
      product = contract(rewriter, op, {rows, panelDim, columns, laneDim}, /*axis=*/2, input,
                         mapOf(rewriter, 4, {0, 2}), adaptor.getWeight(), mapOf(rewriter, 4, {1, 2, 3}));
      product = reshape(rewriter, op, product, {rows, panelDim, laneDim}, {rows, padded});
      if (padded.size != out.size)
        product = slice(rewriter, op, product, {0, 0}, {rows, out});
    } else {
      product = contract(rewriter, op, {rows, out, columns}, /*axis=*/2, input, mapOf(rewriter, 3, {0, 2}),
                         adaptor.getWeight(), mapOf(rewriter, 3, {1, 2}));
    }
    product = convert(rewriter, op, product, {rows, out}, op.getType().getElementType());
    rewriter.replaceOp(op, reshape(rewriter, op, product, {rows, out}, resultDims));
    return success();
  }
};

struct LowerMatmul : OpConversionPattern<ir::MatmulOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::MatmulOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType()), loops = dims;
    unsigned rank = dims.size(); // (batch.., m, n, k)
    loops.push_back(ir::dimsOf(op.getLhs().getType()).back());
    auto matrixMap = [&](RankedTensorType type, unsigned row, unsigned column) {
      Dims own = ir::dimsOf(type);
      AffineMap batch = broadcastMap(rewriter, ArrayRef(own).drop_back(2), ArrayRef(dims).drop_back(2));
      SmallVector<AffineExpr> exprs(batch.getResults());
      exprs.push_back(rewriter.getAffineDimExpr(row));
      exprs.push_back(rewriter.getAffineDimExpr(column));
      return AffineMap::get(rank + 1, 0, exprs, getContext());
    };
    Value product =
        contract(rewriter, op, loops, /*axis=*/rank, adaptor.getLhs(), matrixMap(op.getLhs().getType(), rank - 2, rank),
                 adaptor.getRhs(), matrixMap(op.getRhs().getType(), rank, rank - 1));
    rewriter.replaceOp(op, convert(rewriter, op, product, dims, op.getType().getElementType()));
    return success();
  }
};
} // namespace

void addContractPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerLinear, LowerMatmul>(types, patterns.getContext());
}

} // namespace varve::lower
