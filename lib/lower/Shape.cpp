// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that give elements another place. Reshape, slice and split are views; the others copy.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::DimExpr;
using ir::Dims;

namespace {
// A copy in which each element is the one that the map finds in the input.
Value copy(OpBuilder &builder, Operation *at, Value input, RankedTensorType result, AffineMap map) {
  return compute(builder, at, ir::dimsOf(result), storageOf(result.getElementType()), input, map,
                 [](OpBuilder &, Location, ValueRange v) { return v[0]; });
}

struct LowerReshape : OpConversionPattern<ir::ReshapeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ReshapeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, reshape(rewriter, op, adaptor.getInput(), ir::dimsOf(op.getInput().getType()), ir::dimsOf(op.getType())));
    return success();
  }
};

struct LowerTranspose : OpConversionPattern<ir::TransposeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::TransposeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    SmallVector<unsigned> order(op.getPermutation());
    AffineMap map = inversePermutation(AffineMap::getPermutationMap(order, getContext()));
    // Without dimensions there is nothing to invert.
    rewriter.replaceOp(op,
                       order.empty() ? adaptor.getInput() : copy(rewriter, op, adaptor.getInput(), op.getType(), map));
    return success();
  }
};

struct LowerBroadcast : OpConversionPattern<ir::BroadcastOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::BroadcastOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    AffineMap map = broadcastMap(rewriter, ir::dimsOf(op.getInput().getType()), ir::dimsOf(op.getType()));
    rewriter.replaceOp(op, copy(rewriter, op, adaptor.getInput(), op.getType(), map));
    return success();
  }
};

struct LowerSlice : OpConversionPattern<ir::SliceOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::SliceOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    SmallVector<DimExpr> starts;
    for (auto [name, dim] : llvm::zip(op.getStarts().getNames(), ir::dimsOf(op.getInput().getType()))) {
      DimExpr start = ir::exprOf(name);
      starts.push_back(start.constant().value_or(0) < 0 ? start + ir::exprOf(dim) : start);
    }
    rewriter.replaceOp(op, slice(rewriter, op, adaptor.getInput(), starts, ir::dimsOf(op.getType()), op.getSteps()));
    return success();
  }
};

struct LowerConcat : OpConversionPattern<ir::ConcatOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ConcatOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType());
    int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), dims.size());
    Value result = emptyTensor(rewriter, op, dims, storageOf(op.getType().getElementType()));
    SmallVector<OpFoldResult> ones(dims.size(), rewriter.getIndexAttr(1));
    DimExpr offset;
    for (auto [input, lowered] : llvm::zip(op.getInputs(), adaptor.getInputs())) {
      Dims own = ir::dimsOf(cast<RankedTensorType>(input.getType()));
      if (isEmpty(own))
        continue;
      SmallVector<OpFoldResult> offsets(dims.size(), rewriter.getIndexAttr(0));
      offsets[axis] = sizesOf(rewriter, op, ir::dimOf(offset, getContext()))[0];
      result = tensor::InsertSliceOp::create(rewriter, op.getLoc(), lowered, result, offsets,
                                             sizesOf(rewriter, op, own), ones);
      offset = offset + ir::exprOf(own[axis]);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LowerSplit : OpConversionPattern<ir::SplitOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::SplitOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), op.getInput().getType().getRank());
    SmallVector<DimExpr> offsets(op.getInput().getType().getRank());
    SmallVector<Value> pieces;
    for (Type type : op.getResultTypes()) {
      Dims dims = ir::dimsOf(cast<RankedTensorType>(type));
      pieces.push_back(slice(rewriter, op, adaptor.getInput(), offsets, dims));
      offsets[axis] = offsets[axis] + ir::exprOf(dims[axis]);
    }
    rewriter.replaceOp(op, pieces);
    return success();
  }
};
} // namespace

void addShapePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerReshape, LowerTranspose, LowerBroadcast, LowerSlice, LowerConcat, LowerSplit>(
      types, patterns.getContext());
}

} // namespace varve::lower
