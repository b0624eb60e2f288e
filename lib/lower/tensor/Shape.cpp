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

// Copies each element from the place of the input that the function makes of its own. The lowered op's checks and rule
// keep the places inside.
Value copyFrom(OpBuilder &builder, Operation *at, Value input, RankedTensorType result,
               llvm::function_ref<void(OpBuilder &, Location, MutableArrayRef<Value>)> move) {
  Dims dims = ir::dimsOf(result);
  return compute(builder, at, dims, storageOf(result.getElementType()), {}, {},
                 [&](OpBuilder &b, Location l, ValueRange) -> Value {
                   SmallVector<Value> place;
                   for (size_t loop = 0; loop < dims.size(); ++loop)
                     place.push_back(linalg::IndexOp::create(b, l, loop));
                   move(b, l, place);
                   return tensor::ExtractOp::create(b, l, input, place);
                 });
}

struct LowerFlip : OpConversionPattern<ir::FlipOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::FlipOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType());
    SmallVector<int64_t> axes = *ir::normalizeAxes(std::nullopt, op.getAxes(), dims.size());
    SmallVector<std::pair<int64_t, Value>> lasts;
    for (int64_t axis : axes)
      lasts.emplace_back(axis, sizeOf(rewriter, op, ir::exprOf(dims[axis]) - DimExpr(1)));
    rewriter.replaceOp(op, copyFrom(rewriter, op, adaptor.getInput(), op.getType(),
                                    [&](OpBuilder &b, Location l, MutableArrayRef<Value> place) {
                                      for (auto [axis, last] : lasts)
                                        place[axis] = arith::SubIOp::create(b, l, last, place[axis]);
                                    }));
    return success();
  }
};

struct LowerPad : OpConversionPattern<ir::PadOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::PadOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Dims from = ir::dimsOf(op.getInput().getType()), dims = ir::dimsOf(op.getType());
    SmallVector<DimExpr> lows = llvm::map_to_vector(op.getLow().getNames(), [](StringAttr n) { return ir::exprOf(n); });
    if (op.getMode() == "constant") {
      Value scalar = tensor::ExtractOp::create(rewriter, op.getLoc(), adaptor.getValue(), ValueRange());
      Value around = filledTensor(rewriter, op, dims, scalar);
      Dims starts;
      for (const DimExpr &low : lows)
        starts.push_back(ir::dimOf(low, getContext()));
      SmallVector<OpFoldResult> ones(dims.size(), rewriter.getIndexAttr(1));
      rewriter.replaceOp(op, isEmpty(from) ? around
                                           : tensor::InsertSliceOp::create(rewriter, op.getLoc(), adaptor.getInput(),
                                                                           around, sizesOf(rewriter, op, starts),
                                                                           sizesOf(rewriter, op, from), ones)
                                                 .getResult());
      return success();
    }
    bool isMirror = op.getMode() == "reflect";
    SmallVector<Value> offsets, lasts;
    for (auto [low, dim] : llvm::zip(lows, from)) {
      offsets.push_back(sizeOf(rewriter, op, low));
      lasts.push_back(sizeOf(rewriter, op, ir::exprOf(dim) - DimExpr(1)));
    }
    Value zero = arith::ConstantIndexOp::create(rewriter, op.getLoc(), 0);
    auto move = [&](OpBuilder &b, Location l, MutableArrayRef<Value> place) {
      for (auto [axis, index] : llvm::enumerate(place)) {
        if (from[axis] == dims[axis])
          continue;
        Value at = arith::SubIOp::create(b, l, index, offsets[axis]), last = lasts[axis];
        if (isMirror) { // |at|, and as far before the last place as it is behind it
          at = arith::MaxSIOp::create(b, l, at, arith::SubIOp::create(b, l, zero, at));
          at = arith::MinSIOp::create(b, l, at,
                                      arith::SubIOp::create(b, l, arith::AddIOp::create(b, l, last, last), at));
        } else {
          at = arith::MaxSIOp::create(b, l, arith::MinSIOp::create(b, l, at, last), zero);
        }
        index = at;
      }
    };
    rewriter.replaceOp(op, copyFrom(rewriter, op, adaptor.getInput(), op.getType(), move));
    return success();
  }
};
} // namespace

void addShapePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerReshape, LowerTranspose, LowerBroadcast, LowerSlice, LowerConcat, LowerSplit, LowerFlip, LowerPad>(
      types, patterns.getContext());
}

} // namespace varve::lower
