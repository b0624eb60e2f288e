// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions become one linalg.generic over all their axes; floats are joined in f32 and rounded once.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// The type in which elements are joined.
Type carrierOf(Type element) { return isa<FloatType>(element) ? computeType(element) : storageOf(element); }

Value carry(OpBuilder &b, Location l, Value scalar, Type carrier) {
  return isa<FloatType>(carrier) ? toFloat(b, l, scalar, carrier) : scalar;
}

Join joinOf(Join join, Type element) {
  if (!element.isUnsignedInteger())
    return join;
  return join == Join::maximum ? Join::unsignedMaximum : join == Join::minimum ? Join::unsignedMinimum : join;
}

// All elements of a tensor along the axes, joined.
Value reduceAll(OpBuilder &builder, Operation *at, Join join, Value tensor, RankedTensorType type,
                ArrayRef<int64_t> axes) {
  Type carrier = carrierOf(type.getElementType());
  return reduce(builder, at, joinOf(join, type.getElementType()), ir::dimsOf(type), axes, carrier, tensor,
                builder.getMultiDimIdentityMap(type.getRank()),
                [&](OpBuilder &b, Location l, ValueRange v) { return carry(b, l, v[0], carrier); });
}

template <class Op, Join join> struct LowerReduce : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getInput().getType();
    SmallVector<int64_t> axes = *ir::normalizeAxes(std::nullopt, op.getAxes(), type.getRank());
    Dims dims = ir::dimsOf(type), kept = ir::withoutAxes(dims, axes, /*keepDims=*/false);
    Value value = reduceAll(rewriter, op, join, adaptor.getInput(), type, axes);
    Type element = type.getElementType();
    if constexpr (std::is_same_v<Op, ir::ReduceMeanOp>) {
      ir::DimExpr number(1);
      for (int64_t axis : axes)
        number = number * ir::exprOf(dims[axis]);
      Value count = floatSize(rewriter, op, ir::dimOf(number, op.getContext()));
      value = compute(rewriter, op, kept, element, value, rewriter.getMultiDimIdentityMap(kept.size()),
                      [&](OpBuilder &b, Location l, ValueRange v) {
                        return toFloat(b, l, arith::DivFOp::create(b, l, v[0], count), element);
                      });
    } else if (isa<FloatType>(element)) {
      value = convert(rewriter, op, value, kept, element);
    }
    rewriter.replaceOp(op, reshape(rewriter, op, value, kept, ir::dimsOf(op.getType())));
    return success();
  }
};

// First the extreme, then the least place that has it: two reductions whose values are single numbers.
template <class Op, Join join> struct LowerArg : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getInput().getType();
    Dims dims = ir::dimsOf(type);
    int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), type.getRank());
    Type carrier = carrierOf(type.getElementType()), i64 = rewriter.getI64Type();
    Value most = reduceAll(rewriter, op, join, adaptor.getInput(), type, axis);
    AffineMap all = rewriter.getMultiDimIdentityMap(type.getRank());
    auto isMost = [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value x = carry(b, l, v[0], carrier);
      if (!isa<FloatType>(carrier))
        return arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, x, v[1]);
      Value equal = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, x, v[1]);
      Value nan = arith::CmpFOp::create(b, l, arith::CmpFPredicate::UNO, x, x); // then the extreme is NaN too
      return arith::OrIOp::create(b, l, equal, nan);
    };
    Value place = reduce(rewriter, op, Join::minimum, dims, axis, i64, {adaptor.getInput(), most},
                         {all, all.dropResult(axis)}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                           Value index = linalg::IndexOp::create(b, l, axis);
                           index = arith::IndexCastOp::create(b, l, i64, index);
                           Value none = arith::ConstantIntOp::create(b, l, std::numeric_limits<int64_t>::max(), 64);
                           return arith::SelectOp::create(b, l, isMost(b, l, v), index, none);
                         });
    Dims kept = ir::withoutAxes(dims, axis, /*keepDims=*/false);
    rewriter.replaceOp(op, reshape(rewriter, op, place, kept, ir::dimsOf(op.getType())));
    return success();
  }
};
} // namespace

void addReducePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerReduce<ir::ReduceSumOp, Join::sum>, LowerReduce<ir::ReduceMeanOp, Join::sum>,
               LowerReduce<ir::ReduceMaxOp, Join::maximum>, LowerReduce<ir::ReduceMinOp, Join::minimum>,
               LowerReduce<ir::ReduceProdOp, Join::product>, LowerArg<ir::ArgmaxOp, Join::maximum>,
               LowerArg<ir::ArgminOp, Join::minimum>>(types, patterns.getContext());
}

} // namespace varve::lower
