// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cumulative ops walk along their axis, for each place of the other dimensions, with one running value.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dims;

namespace {
template <class Op, Join join> struct LowerCumulative : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Location location = op.getLoc();
    Dims dims = ir::dimsOf(op.getType());
    Type element = storageOf(op.getType().getElementType()), carrier = computeType(element);
    int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), dims.size());
    Value into = emptyTensor(rewriter, op, dims, element);
    Value size = sizeOf(rewriter, op, dims[axis]);
    Dims others = ir::withoutAxes(dims, axis, /*keepDims=*/false);
    Value zero = arith::ConstantIndexOp::create(rewriter, location, 0),
          one = arith::ConstantIndexOp::create(rewriter, location, 1);
    auto convert = [&](OpBuilder &b, Location l, Value scalar, Type to) {
      return isa<FloatType>(to) ? toFloat(b, l, scalar, to) : scalar;
    };
    Value result = serialLoops(rewriter, op, others, into, [&](OpBuilder &b, Location l, ValueRange outer, Value into) {
      Value start = neutralOf(b, l, join, carrier);
      auto along = scf::ForOp::create(
          b, l, zero, size, one, ValueRange{into, start}, [&](OpBuilder &b, Location l, Value i, ValueRange carried) {
            SmallVector<Value> place(outer);
            place.insert(place.begin() + axis, i);
            Value next = convert(b, l, tensor::ExtractOp::create(b, l, adaptor.getInput(), place), carrier);
            Value value = joinScalars(b, l, join, carried[1], next);
            Value stored = convert(b, l, value, element);
            scf::YieldOp::create(b, l, {tensor::InsertOp::create(b, l, stored, carried[0], place).getResult(), value});
          });
      return along.getResult(0);
    });
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void addCumulativePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerCumulative<ir::CumsumOp, Join::sum>, LowerCumulative<ir::CumprodOp, Join::product>>(
      types, patterns.getContext());
}

} // namespace varve::lower
