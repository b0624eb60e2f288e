// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Resampling: each element from its neighbours in the input, in f32, at the places that PyTorch finds.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// Neighbours along one axis: where they are, and what they weigh.
struct Taps {
  SmallVector<Value, 4> places, weights;
};

class Sampler {
public:
  Sampler(OpBuilder &builder, ir::ResizeOp op) : b(builder), l(op.getLoc()), op(op) {}

  // How far apart in the input neighbours of the result are, as f32.
  Value step(const Dim &from, const Dim &to, std::optional<double> scale) {
    if (op.getAlignCorners()) {
      Value one = constant(1), last = sub(floatSize(b, op, to), one);
      Value several = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGT, last, constant(0));
      Value quotient = div(sub(floatSize(b, op, from), one), arith::MaximumFOp::create(b, l, last, one));
      return arith::SelectOp::create(b, l, several, quotient, constant(0));
    }
    if (scale)
      return constant(1 / *scale);
    return div(floatSize(b, op, from), floatSize(b, op, to));
  }

  Taps taps(OpBuilder &inside, Location location, unsigned loop, Value step, Value size) {
    b = inside, l = location;
    Value number = linalg::IndexOp::create(b, l, loop);
    number = arith::SIToFPOp::create(b, l, b.getF32Type(), arith::IndexCastOp::create(b, l, b.getI64Type(), number));
    Value half = constant(0.5);
    last = arith::SubIOp::create(b, l, size, index(1));
    StringRef mode = op.getMode();
    if (mode.starts_with("nearest")) {
      Value place = mode == "nearest" ? mul(number, step) : mul(add(number, half), step);
      return {{clamp(floorIndex(place))}, {}};
    }
    Value place = op.getAlignCorners() ? mul(number, step) : sub(mul(add(number, half), step), half);
    return mode == "linear" ? linear(place) : cubic(place);
  }

private:
  Taps linear(Value place) {
    place = arith::MaximumFOp::create(b, l, place, constant(0));
    Value low = clamp(floorIndex(place)), high = clamp(arith::AddIOp::create(b, l, low, index(1)));
    Value whole = arith::SIToFPOp::create(b, l, b.getF32Type(), arith::IndexCastOp::create(b, l, b.getI64Type(), low));
    Value part = arith::MinimumFOp::create(b, l, sub(place, whole), constant(1));
    return {{low, high}, {sub(constant(1), part), part}};
  }
  Taps cubic(Value place) {
    Value floor = math::FloorOp::create(b, l, place), part = sub(place, floor), first = floorIndex(place);
    Taps taps;
    for (int64_t offset = -1; offset < 3; ++offset)
      taps.places.push_back(clamp(arith::AddIOp::create(b, l, first, index(offset))));
    Value one = constant(1), rest = sub(one, part);
    taps.weights = {far(add(part, one)), near(part), near(rest), far(add(rest, one))};
    return taps;
  }
  // The kernel within 1 of its middle, and from 1 to 2.
  static constexpr double kA = -0.75;
  Value near(Value x) {
    Value inner = sub(mul(constant(kA + 2), x), constant(kA + 3));
    return add(mul(mul(inner, x), x), constant(1));
  }
  Value far(Value x) {
    Value inner = add(mul(sub(mul(constant(kA), x), constant(5 * kA)), x), constant(8 * kA));
    return sub(mul(inner, x), constant(4 * kA));
  }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, l, value); }
  Value constant(double value) { return floatConstant(b, l, value, b.getF32Type()); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, l, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, l, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, l, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, l, x, y); }
  Value floorIndex(Value x) {
    Value whole = arith::FPToSIOp::create(b, l, b.getI64Type(), math::FloorOp::create(b, l, x).getResult());
    return arith::IndexCastOp::create(b, l, b.getIndexType(), whole);
  }
  Value clamp(Value place) {
    return arith::MaxSIOp::create(b, l, arith::MinSIOp::create(b, l, place, last).getResult(), index(0));
  }

  OpBuilder b;
  Location l;
  ir::ResizeOp op;
  Value last;
};

struct LowerResize : OpConversionPattern<ir::ResizeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ResizeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims from = ir::dimsOf(op.getInput().getType()), dims = ir::dimsOf(op.getType());
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType();
    if (isEmpty(dims)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, dims, element));
      return success();
    }
    Sampler sampler(rewriter, op);
    SmallVector<Value> steps, sizes;
    for (unsigned axis = 2; axis < dims.size(); ++axis) {
      std::optional<ArrayRef<double>> scales = op.getScales();
      steps.push_back(sampler.step(from[axis], dims[axis], scales ? std::optional((*scales)[axis - 2]) : std::nullopt));
      sizes.push_back(sizeOf(rewriter, op, from[axis]));
    }
    rewriter.replaceOp(op, compute(rewriter, op, dims, element, {}, {}, [&](OpBuilder &b, Location l, ValueRange) {
                         SmallVector<Taps> taps;
                         for (auto [axis, step] : llvm::enumerate(steps))
                           taps.push_back(sampler.taps(b, l, axis + 2, step, sizes[axis]));
                         SmallVector<Value> place{linalg::IndexOp::create(b, l, 0), linalg::IndexOp::create(b, l, 1)};
                         // The weighted sum along an axis of those along the axes behind it.
                         std::function<Value(unsigned)> sample = [&](unsigned axis) -> Value {
                           if (axis == taps.size())
                             return toFloat(b, l, tensor::ExtractOp::create(b, l, adaptor.getInput(), place), f32);
                           Value sum;
                           for (auto [number, at] : llvm::enumerate(taps[axis].places)) {
                             place.push_back(at);
                             Value value = sample(axis + 1);
                             place.pop_back();
                             if (taps[axis].weights.empty())
                               return value;
                             value = arith::MulFOp::create(b, l, value, taps[axis].weights[number]);
                             sum = sum ? arith::AddFOp::create(b, l, sum, value).getResult() : value;
                           }
                           return sum;
                         };
                         return toFloat(b, l, sample(0), element);
                       }));
    return success();
  }
};
} // namespace

void addResizePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerResize>(types, patterns.getContext());
}

} // namespace varve::lower
