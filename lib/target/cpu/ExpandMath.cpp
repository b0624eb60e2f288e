// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions become polynomials, on scalars and vectors alike, since generated code links no libm. erf is upstream's; exp, of
// which models have most, is here, and all others are in WideFunctions.cpp.
#include "lib/target/cpu/Floats.h"
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
bool isF32(Type type) { return getElementTypeOrSelf(type).isF32(); }

// exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln 2 / 2; exp(r) by a polynomial that is fitted to it (minimax, relative,
// with the first two terms of the series), within 0.03 units in the last place. The scale is applied in two steps, so that
// results in the subnormal range and near the greatest float come out right: within 1 unit.
Value expOf(Floats &f, Value x) {
  Value clamped = f.min(f.max(x, f.constant(-104)), f.constant(89));
  Value n = f.round(f.mul(clamped, f.constant(std::numbers::log2e)));
  // ln 2 in two parts (Cody and Waite): the first has few bits, so n times it is exact.
  Value r = f.fma(n, f.constant(-0.693359375), clamped);
  r = f.fma(n, f.constant(2.12194440054690583e-4), r);
  Value p = f.polynomial(r, {0.001381454008, 0.008368745108, 0.041668390786, 0.166665203991, 0.499999934321, 1, 1});
  Value whole = arith::FPToSIOp::create(f.b, f.l, f.intType(), n), half = f.shiftRight(whole, 1);
  auto power = [&](Value e) { return f.fromBits(f.shiftLeft(f.addInt(e, f.integer(127)), 23)); };
  return f.mul(f.mul(p, power(half)), power(f.subInt(whole, half)));
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
    patterns.add<ExpandExp, ConvertThroughF32<arith::SIToFPOp>, ConvertThroughF32<arith::UIToFPOp>>(&getContext());
    addWideFunctions(patterns);
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) { return name == "math.erf"; });
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

} // namespace varve::target::cpu
