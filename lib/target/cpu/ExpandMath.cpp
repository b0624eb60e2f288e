// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions become polynomials, on scalars and vectors alike, since generated code links no libm. Those of which models have
// most, exp, tanh and erf, are here, in f32; all others are in WideFunctions.cpp.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Floats.h"
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <numbers>

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_EXPANDMATHPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
bool isF32(Type type) { return getElementTypeOrSelf(type).isF32(); }

// x = n * ln 2 + r with |r| <= ln 2 / 2, for |x| < 2^21: e^r, and n + bias in the low bits of an integer.
struct Power {
  Value ofRest, bits;
};
Power powerOf(const Floats &f, Value x, int64_t bias) {
  Value rounder = f.constant(0x1.8p23 + bias); // added to a number, it leaves the nearest integer in the low bits
  Value shifted = f.fma(x, f.constant(std::numbers::log2e), rounder), n = f.sub(shifted, rounder);
  // ln 2 in two parts (Cody and Waite): the first has few bits, so n times it is exact.
  Value r = f.fma(n, f.constant(-0.693359375), x);
  r = f.fma(n, f.constant(2.12194440054690583e-4), r);
  // Minimax, relative, with the first two terms of the series: within 0.03 units in the last place.
  Value p = f.polynomial(r, {0.001381454008, 0.008368745108, 0.041668390786, 0.166665203991, 0.499999934321, 1, 1});
  return {p, f.bits(shifted)};
}

// 2^n times e^r. The scale is applied in two steps, so that results in the subnormal range and near the greatest float come
// out right: within 1 unit.
Value exp(const Floats &f, Value x) {
  Power power = powerOf(f, f.min(f.max(x, f.constant(-104)), f.constant(89)), /*bias=*/254);
  Value half = f.shiftLeft(f.shiftRight(power.bits, 1), 23), rest = f.subInt(f.shiftLeft(power.bits, 23), half);
  return f.mul(f.mul(power.ofRest, f.fromBits(half)), f.fromBits(rest));
}

// Of where results below 2^-126 and above 2^127.5 do not count, as in 1 + e^x: these are 0 and infinity.
Value shortExp(const Floats &f, Value x) {
  Power power = powerOf(f, f.min(f.max(x, f.constant(-88)), f.constant(89)), /*bias=*/127);
  return f.mul(power.ofRest, f.fromBits(f.shiftLeft(power.bits, 23)));
}

// |x| < 5/8: x + x^3 * p(x^2); else 1 - 2 / (e^2a + 1), a = |x|. Minimax, relative: within 0.08 units.
Value tanh(const Floats &f, Value x) {
  Value square = f.mul(x, x), one = f.constant(1);
  Value series = f.polynomial(square, {-0.005704976613, 0.0206390769, -0.05373971154, 0.1333144215, -0.3333328194});
  Value near = f.fma(f.mul(x, square), series, x);
  Value a = f.min(f.abs(x), f.constant(9.1)); // from where on the result is 1
  Power power = powerOf(f, f.add(a, a), /*bias=*/127);
  Value scale = f.fromBits(f.shiftLeft(power.bits, 23));
  Value below = f.fma(power.ofRest, scale, one);
  Value far = f.sub(one, f.div(f.constant(2), below));
  return f.copySign(f.select(f.compare(Floats::P::OGE, a, 0.625), far, near), x); // of -0, too
}

// |x| < 1.8: x * p(x^2), minimax, relative: within 0.27 * 2^-24; else 1 - q(|x|) until the result is 1, within 0.62 * 2^-25. Both
// are around the middle of where they are used, so that little is lost between their terms.
Value erf(const Floats &f, Value x) {
  constexpr double low = 1.8, high = 3.925, half = (high - low) / 2;
  Value a = f.min(f.abs(x), f.constant(high)), one = f.constant(1);
  Value u = f.fma(f.mul(a, a), f.constant(2 / (low * low)), f.constant(-1));
  Value near = f.mul(a, f.polynomial(u, {1.921074426e-05, -0.0001130342144, 0.0005456137302, -0.002477816671,
                                         0.009878941791, -0.03389626859, 0.09927802492, -0.2529550894, 0.7292151494}));
  u = f.fma(a, f.constant(1 / half), f.constant(-(low + high) / 2 / half));
  Value left = f.polynomial(u, {-6.674936323e-5, 0.0001001143786, 0.0002151730139, -0.0008876365084, 0.001709614931,
                                -0.002413581531, 0.002537436276, -0.001922557071, 0.00100767361, -0.0003310924426,
                                5.161493296e-5});
  return f.copySign(f.select(f.compare(Floats::P::OGE, a, low), f.sub(one, left), near), x);
}

// Within 5 units, in half of the time: where erf is only added to 1, as in gelu. x * p(x^2) / q(x^2) until the result is 1;
// minimax, relative, within 0.33 * 2^-24.
Value shortErf(const Floats &f, Value x) {
  Value one = f.constant(1), all = f.min(f.max(x, f.constant(-3.925)), f.constant(3.925)), square = f.mul(all, all);
  Value above =
      f.polynomial(square, {2.045510056e-6, 0.0002848211208, 0.003772932007, 0.05277024038, 0.1906073932, 1.128379145});
  Value below = f.polynomial(square, {3.804124356e-5, 0.001163894972, 0.01498393437, 0.1141876059, 0.5022541235, 1});
  return f.max(f.min(f.div(f.mul(all, above), below), one), f.constant(-1));
}

using Function = Value(const Floats &, Value);
template <class Op, Function *function> struct Expand : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!isF32(op.getType()))
      return rewriter.notifyMatchFailure(op, "expects f32");
    Floats f(rewriter, op.getLoc(), op.getType());
    rewriter.replaceOp(op, chosen(op)(f, op.getOperand()));
    return success();
  }
  static Function *chosen(Op op) {
    bool isShort = arith::bitEnumContainsAny(op.getFastmath(), arith::FastMathFlags::afn);
    if constexpr (std::is_same_v<Op, math::ErfOp>)
      return isShort ? shortErf : function;
    if constexpr (std::is_same_v<Op, math::ExpOp>)
      return op->hasAttr(lower::kOfNegative) ? expOfNegative : isShort ? shortExp : function;
    return function;
  }
};

// Upstream folds the way over f32 away (22.1).
template <class Op> struct ConvertThroughF32 : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isBF16())
      return rewriter.notifyMatchFailure(op, "expects bf16");
    Type wide = rewriter.getF32Type();
    if (auto vector = dyn_cast<VectorType>(op.getType()))
      wide = vector.clone(wide);
    Value number = Op::create(rewriter, op.getLoc(), wide, op.getIn());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), number);
    return success();
  }
};

struct ExpandMath : impl::ExpandMathPassBase<ExpandMath> {
  using ExpandMathPassBase::ExpandMathPassBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Expand<math::ExpOp, exp>, Expand<math::TanhOp, tanh>, Expand<math::ErfOp, erf>>(&getContext());
    patterns.add<ConvertThroughF32<arith::SIToFPOp>, ConvertThroughF32<arith::UIToFPOp>>(&getContext());
    addWideFunctions(patterns);
    // Without the hardware's instruction LLVM calls a library function for these; in integers it is as exact.
    arith::populateExpandBFloat16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    WalkResult left = getOperation().walk([](Operation *op) {
      // What is left of math has an instruction.
      if (isa<arith::RemFOp>(op) ||
          (isa<math::MathDialect>(op->getDialect()) &&
           !isa<math::AbsFOp, math::SqrtOp, math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp,
                math::CopySignOp, math::FmaOp, math::CountLeadingZerosOp>(op))) {
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

// Without steps for what is subnormal or above 1, with one term less (minimax, relative, with the first two terms of the series:
// within 1.1e-7) and with ln 2 as one number, whose error grows as the result shrinks: half of exp's instructions.
Value expOfNegative(const Floats &f, Value x) {
  x = f.max(x, f.constant(-88));              // 2^-127 is 0 then
  Value rounder = f.constant(0x1.8p23 + 127); // leaves the exponent's bits of 2^n in the low ones
  Value shifted = f.fma(x, f.constant(std::numbers::log2e), rounder), n = f.sub(shifted, rounder);
  Value r = f.fma(n, f.constant(-std::numbers::ln2), x);
  Value p = f.polynomial(r, {0.008312501243, 0.0418903315, 0.1666711539, 0.4999923031, 1, 1});
  return f.mul(p, f.fromBits(f.shiftLeft(f.bits(shifted), 23)));
}

} // namespace varve::target::cpu
