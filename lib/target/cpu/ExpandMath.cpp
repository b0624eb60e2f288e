// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions become polynomials, on scalars and vectors alike, since generated code links no libm. exp, sin and cos are
// ours; tanh, erf and log are upstream's.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <numbers>

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_EXPANDMATHPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// f32 arithmetic on scalars or vectors of one type.
class Floats {
public:
  Floats(PatternRewriter &b, Location l, Type type) : b(b), l(l), type(type) {}
  Value constant(double value) {
    Attribute scalar = b.getFloatAttr(b.getF32Type(), value);
    return splat(scalar, type);
  }
  Value integer(int64_t value) { return splat(b.getI32IntegerAttr(value), intType()); }
  Type intType() { return typeOf(b.getI32Type()); }
  Type typeOf(Type element) {
    auto vector = dyn_cast<VectorType>(type);
    return vector ? Type(VectorType::get(vector.getShape(), element)) : element;
  }
  Value fma(Value x, Value y, Value z) { return math::FmaOp::create(b, l, x, y, z); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, l, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, l, x, y); }
  Value compare(arith::CmpFPredicate p, Value x, Value y) { return arith::CmpFOp::create(b, l, p, x, y); }
  Value select(Value c, Value x, Value y) { return arith::SelectOp::create(b, l, c, x, y); }
  Value round(Value x) { return math::RoundEvenOp::create(b, l, x); }
  Value toInt(Value x) { return arith::FPToSIOp::create(b, l, intType(), x); }
  Value bits(Value x) { return arith::BitcastOp::create(b, l, intType(), x); }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, l, type, x); }
  // Horner's rule, highest coefficient first.
  Value polynomial(Value x, ArrayRef<double> coefficients) {
    Value sum = constant(coefficients.front());
    for (double coefficient : coefficients.drop_front())
      sum = fma(sum, x, constant(coefficient));
    return sum;
  }
  PatternRewriter &b;
  Location l;
  Type type;

private:
  Value splat(Attribute scalar, Type of) {
    if (auto vector = dyn_cast<VectorType>(of))
      return arith::ConstantOp::create(b, l, DenseElementsAttr::get(vector, scalar));
    return arith::ConstantOp::create(b, l, cast<TypedAttr>(scalar));
  }
};

bool isF32(Type type) { return getElementTypeOrSelf(type).isF32(); }

// exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln 2 / 2; exp(r) by its series to the sixth power. The scale is
// applied in two steps, so that results in the subnormal range and near the greatest float come out right.
Value expOf(Floats &f, Value x) {
  Value clamped = arith::MinimumFOp::create(
      f.b, f.l, arith::MaximumFOp::create(f.b, f.l, x, f.constant(-104)).getResult(), f.constant(89));
  Value n = f.round(f.mul(clamped, f.constant(std::numbers::log2e)));
  // ln 2 in two parts (Cody and Waite): the first has few bits, so n times it is exact.
  Value r = f.fma(n, f.constant(-0.693359375), clamped);
  r = f.fma(n, f.constant(2.12194440054690583e-4), r);
  Value p = f.polynomial(r, {1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1});
  Value whole = f.toInt(n), half = arith::ShRSIOp::create(f.b, f.l, whole, f.integer(1));
  auto power = [&](Value e) {
    Value biased = arith::AddIOp::create(f.b, f.l, e, f.integer(127));
    return f.fromBits(arith::ShLIOp::create(f.b, f.l, biased, f.integer(23)));
  };
  return f.mul(f.mul(p, power(half)), power(arith::SubIOp::create(f.b, f.l, whole, half)));
}

struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    if (!isF32(op.getType()))
      return rewriter.notifyMatchFailure(op, "expects f32");
    Floats f(rewriter, op.getLoc(), op.getType());
    rewriter.replaceOp(op, expOf(f, op.getOperand()));
    return success();
  }
};

// sin(x + quarters * pi / 2): x = n * pi / 2 + r with pi / 2 in three parts (Cody and Waite), then the series on
// |r| <= pi / 4. Angles up to some 10^5 keep an absolute error near 1e-7.
template <class Op> struct ExpandSine : OpRewritePattern<Op> {
  ExpandSine(MLIRContext *context, int64_t quarters) : OpRewritePattern<Op>(context), quarters(quarters) {}
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!isF32(op.getType()))
      return rewriter.notifyMatchFailure(op, "expects f32");
    Floats f(rewriter, op.getLoc(), op.getType());
    Value x = op.getOperand();
    Value n = f.round(f.mul(x, f.constant(2 / std::numbers::pi)));
    Value r = f.fma(n, f.constant(-1.5703125), x);
    r = f.fma(n, f.constant(-4.837512969970703125e-4), r);
    r = f.fma(n, f.constant(-7.54978995489188216e-8), r);
    Value square = f.mul(r, r);
    Value sine =
        f.fma(f.mul(r, square), f.polynomial(square, {2.7557314297e-6, -1.98412698e-4, 8.3333333e-3, -1.0 / 6}), r);
    Value cosine = f.polynomial(square, {-2.7557314297e-7, 2.4801587e-5, -1.3888888889e-3, 1.0 / 24, -0.5, 1});
    Value quarter = arith::AddIOp::create(rewriter, op.getLoc(), f.toInt(n), f.integer(quarters));
    auto bit = [&](int64_t mask) -> Value {
      Value masked = arith::AndIOp::create(rewriter, op.getLoc(), quarter, f.integer(mask));
      return arith::CmpIOp::create(rewriter, op.getLoc(), arith::CmpIPredicate::ne, masked, f.integer(0));
    };
    Value magnitude = f.select(bit(1), cosine, sine);
    Value negated = arith::NegFOp::create(rewriter, op.getLoc(), magnitude);
    Value result = f.select(bit(2), negated, magnitude);
    // Infinity has no sine.
    Value finite = f.compare(arith::CmpFPredicate::OLT, math::AbsFOp::create(rewriter, op.getLoc(), x).getResult(),
                             f.constant(std::numeric_limits<float>::infinity()));
    rewriter.replaceOp(op, f.select(finite, result, f.constant(std::numeric_limits<float>::quiet_NaN())));
    return success();
  }
  int64_t quarters;
};

// x^y = exp(y * log |x|), with the sign of odd powers and the special cases of IEEE 754's pow.
struct ExpandPow : OpRewritePattern<math::PowFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::PowFOp op, PatternRewriter &rewriter) const override {
    if (!isF32(op.getType()))
      return rewriter.notifyMatchFailure(op, "expects f32");
    using P = arith::CmpFPredicate;
    Location l = op.getLoc();
    Floats f(rewriter, l, op.getType());
    Value x = op.getLhs(), y = op.getRhs(), zero = f.constant(0), one = f.constant(1);
    Value logarithm = math::LogOp::create(rewriter, l, math::AbsFOp::create(rewriter, l, x).getResult());
    Value size = math::ExpOp::create(rewriter, l, f.mul(y, logarithm));
    Value half = f.mul(y, f.constant(0.5));
    Value isWhole = f.compare(P::OEQ, math::FloorOp::create(rewriter, l, y).getResult(), y);
    Value isOdd = arith::AndIOp::create(rewriter, l, isWhole,
                                        f.compare(P::ONE, math::FloorOp::create(rewriter, l, half).getResult(), half));
    Value signedSize = f.select(isOdd, arith::NegFOp::create(rewriter, l, size).getResult(), size);
    Value ofNegative = f.select(isWhole, signedSize, f.constant(std::numeric_limits<float>::quiet_NaN()));
    Value result = f.select(f.compare(P::OLT, x, zero), ofNegative, size);
    Value isOne = arith::OrIOp::create(rewriter, l, f.compare(P::OEQ, y, zero), f.compare(P::OEQ, x, one));
    rewriter.replaceOp(op, f.select(isOne, one, result));
    return success();
  }
};

struct ExpandMath : impl::ExpandMathPassBase<ExpandMath> {
  using ExpandMathPassBase::ExpandMathPassBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp, ExpandPow>(&getContext());
    patterns.add<ExpandSine<math::SinOp>>(&getContext(), 0);
    patterns.add<ExpandSine<math::CosOp>>(&getContext(), 1);
    populateMathPolynomialApproximationPatterns(
        patterns, [](StringRef name) { return name == "math.tanh" || name == "math.erf" || name == "math.log"; });
    // Without the hardware's instruction LLVM calls a library function for these; in integers it is as exact.
    arith::populateExpandBFloat16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    WalkResult left = getOperation().walk([](Operation *op) {
      if (isa<math::ExpOp, math::LogOp, math::SinOp, math::CosOp, math::TanhOp, math::ErfOp, math::PowFOp>(op)) {
        op->emitOpError("expects f32, which alone has a polynomial here");
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace

} // namespace varve::target::cpu
