// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Resampling: each element from its neighbours in the input, in f32, at the places that PyTorch finds.
#include "lib/lower/nn/Windows.h"
#include <cmath>

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

  // Of an antialiased result: how far its kernel reaches, and the kernel at `at` elements from its first. What lies beyond the
  // kernel or the input weighs 0, and stands for the input's last element.
  Value reach(Value step) { return mul(arith::MaximumFOp::create(b, l, step, constant(1)), constant(radius())); }
  std::pair<Value, Value> wide(OpBuilder &inside, Location location, unsigned loop, unsigned tap, Value step,
                               Value size) {
    b = inside, l = location;
    last = arith::SubIOp::create(b, l, size, index(1));
    Value half = constant(0.5), support = reach(step);
    Value middle = mul(add(asFloat(linalg::IndexOp::create(b, l, loop)), half), step);
    Value from = arith::MaxSIOp::create(b, l, truncated(add(sub(middle, support), half)), index(0));
    Value to = arith::MinSIOp::create(b, l, truncated(add(add(middle, support), half)), size);
    Value at = arith::AddIOp::create(b, l, from, linalg::IndexOp::create(b, l, tap).getResult());
    Value distance = math::AbsFOp::create(b, l, add(sub(asFloat(at), middle), half));
    distance = div(distance, arith::MaximumFOp::create(b, l, step, constant(1)));
    auto below = [&](double most) {
      return arith::CmpFOp::create(b, l, arith::CmpFPredicate::OLT, distance, constant(most)).getResult();
    };
    auto choose = [&](Value condition, Value yes, Value no) {
      return arith::SelectOp::create(b, l, condition, yes, no).getResult();
    };
    bool isLinear = op.getMode() == "linear";
    Value weight = isLinear ? sub(constant(1), distance) : choose(below(1), near(distance), far(distance));
    Value isIn = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, at, to);
    isIn = arith::AndIOp::create(b, l, isIn, below(radius()));
    return {clamp(at), choose(isIn, weight, constant(0))};
  }
  // The most elements that a kernel can meet; none if that depends on sizes that are not known.
  std::optional<int64_t> most(const Dim &from, const Dim &to, std::optional<double> scale) {
    double step = 0;
    if (scale && !op.getAlignCorners())
      step = 1 / *scale;
    else if (from.name || to.name)
      return {};
    else if (!op.getAlignCorners())
      step = static_cast<double>(from.size) / static_cast<double>(to.size);
    else if (to.size > 1)
      step = static_cast<double>(from.size - 1) / static_cast<double>(to.size - 1);
    double most = 2 * std::ceil(radius() * std::max(step, 1.0) + 1e-3) + 1; // steps are rounded
    return from.name ? most : std::min<double>(most, static_cast<double>(from.size));
  }

private:
  double radius() { return op.getMode() == "linear" ? 1 : 2; }
  Value asFloat(Value place) {
    return arith::SIToFPOp::create(b, l, b.getF32Type(), arith::IndexCastOp::create(b, l, b.getI64Type(), place));
  }
  Value truncated(Value x) {
    return arith::IndexCastOp::create(b, l, b.getIndexType(), arith::FPToSIOp::create(b, l, b.getI64Type(), x));
  }
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
  double factor() { return op.getAntialias() ? -0.5 : -0.75; }
  Value near(Value x) {
    Value inner = sub(mul(constant(factor() + 2), x), constant(factor() + 3));
    return add(mul(mul(inner, x), x), constant(1));
  }
  Value far(Value x) {
    Value inner = add(mul(sub(mul(constant(factor()), x), constant(5 * factor())), x), constant(8 * factor()));
    return sub(mul(inner, x), constant(4 * factor()));
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
    if (op.getAntialias()) {
      rewriter.replaceOp(op, antialiased(op, adaptor.getInput(), rewriter));
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

  // One axis after the other, the last one first, as PyTorch does: sums of the elements that the kernel meets.
  static Value antialiased(ir::ResizeOp op, Value input, OpBuilder &builder) {
    Dims from = ir::dimsOf(op.getInput().getType()), dims = from, result = ir::dimsOf(op.getType());
    std::optional<ArrayRef<double>> scales = op.getScales();
    Type f32 = builder.getF32Type();
    Value value = input;
    for (unsigned axis = dims.size(); axis-- > 2;) {
      Sampler sampler(builder, op);
      std::optional<double> scale = scales ? std::optional((*scales)[axis - 2]) : std::nullopt;
      Value step = sampler.step(from[axis], result[axis], scale), size = sizeOf(builder, op, from[axis]);
      std::optional<int64_t> most = sampler.most(from[axis], result[axis], scale);
      Dim taps = most ? Dim{*most, {}} : from[axis];
      Value total = reduce(builder, op, Join::sum, {result[axis], taps}, {1}, f32, windowShape(builder, op, taps),
                           mapOf(builder, 2, {1}), [&](OpBuilder &b, Location l, ValueRange) {
                             return sampler.wide(b, l, 0, 1, step, size).second;
                           });
      dims[axis] = result[axis];
      Dims loops(dims);
      loops.push_back(taps);
      unsigned tap = dims.size();
      value =
          reduce(builder, op, Join::sum, loops, {int64_t(tap)}, f32, {windowShape(builder, op, taps), total},
                 {mapOf(builder, tap + 1, {tap}), mapOf(builder, tap + 1, {axis})},
                 [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                   auto [at, weight] = sampler.wide(b, l, axis, tap, step, size);
                   SmallVector<Value> place;
                   for (unsigned loop = 0; loop < tap; ++loop)
                     place.push_back(loop == axis ? at : linalg::IndexOp::create(b, l, loop).getResult());
                   Value element = toFloat(b, l, tensor::ExtractOp::create(b, l, value, place), f32);
                   return arith::MulFOp::create(b, l, arith::DivFOp::create(b, l, weight, v[1]).getResult(), element);
                 });
    }
    return convert(builder, op, value, result, op.getType().getElementType());
  }
};
} // namespace

void addResizePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerResize>(types, patterns.getContext());
}

} // namespace varve::lower
