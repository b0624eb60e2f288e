// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions of f32 that are computed in f64 and rounded once. With 29 bits to spare a plain formula has no trouble near
// its zeros and poles, subnormal operands are normal ones, and a truncated series is as good as one that was fitted: the
// results are within 0.51 units in the last place of the exact ones, whatever the operand.
#include "lib/target/cpu/Floats.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>
#include <numbers>

using namespace mlir;

namespace varve::target::cpu {

namespace {
using P = arith::CmpFPredicate;
constexpr double pi = std::numbers::pi, infinity = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();
// Added to a number, it leaves the nearest integer in the low bits.
constexpr double rounder = 0x1.8p52;

// Whether there is a minus sign, as of -0.
Value isNegative(const Floats &f, Value x) {
  return arith::CmpIOp::create(f.b, f.l, arith::CmpIPredicate::slt, f.bits(x), f.integer(0));
}

//===- exponential functions ------------------------------------------------------------------------------------------

// e^x = scale * (1 + rest): x = n * ln 2 + r with |r| <= ln 2 / 2, scale = 2^n, rest = e^r - 1 by its series.
struct Power {
  Value scale, rest;
};
Power powerOf(const Floats &f, Value x) {
  x = f.min(f.max(x, f.constant(-700)), f.constant(700)); // far beyond what f32 holds
  Value shifted = f.fma(x, f.constant(std::numbers::log2e), f.constant(rounder));
  Value n = f.sub(shifted, f.constant(rounder));
  Value r = f.fma(n, f.constant(-std::numbers::ln2), x);
  Value series = f.polynomial(
      r, {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1});
  Value exponent = f.shiftLeft(f.bits(shifted), 52);
  return {f.fromBits(f.addInt(exponent, f.integer(0x3ff0000000000000))), f.mul(r, series)};
}
Value exp(const Floats &f, Value x) {
  auto [scale, rest] = powerOf(f, x);
  return f.fma(scale, rest, scale);
}
Value expm1(const Floats &f, Value x) {
  auto [scale, rest] = powerOf(f, x);
  return f.fma(scale, rest, f.sub(scale, f.constant(1)));
}
Value exp2(const Floats &f, Value x) { return exp(f, f.mul(x, f.constant(std::numbers::ln2))); }
Value sinh(const Floats &f, Value x) {
  Value less = expm1(f, f.abs(x)); // (e^x - 1) and 1 - e^-x
  Value sum = f.add(less, f.div(less, f.add(less, f.constant(1))));
  return f.mul(sum, f.constant(0.5));
}
Value cosh(const Floats &f, Value x) {
  Value power = exp(f, f.abs(x));
  return f.mul(f.add(power, f.div(f.constant(1), power)), f.constant(0.5));
}

//===- logarithms -----------------------------------------------------------------------------------------------------

// log(x) of a normal x > 0: x = 2^e * m with sqrt(1/2) <= m < sqrt(2), and log(m) = 2 artanh((m - 1) / (m + 1)) by its
// series. Where x is 1 + `above`, that has the places that the sum has lost.
Value logOfPositive(const Floats &f, Value x, Value above = {}) {
  constexpr int64_t bitsOfRootHalf = 0x3fe6a09e667f3bcd;
  Value bits = f.bits(x), exponent = f.shiftRight(f.subInt(bits, f.integer(bitsOfRootHalf)), 52);
  Value m = f.fromBits(f.subInt(bits, f.shiftLeft(exponent, 52)));
  Value narrow = arith::TruncIOp::create(f.b, f.l, f.typeOf(f.b.getI32Type()), exponent);
  Value e = arith::SIToFPOp::create(f.b, f.l, f.type, narrow);
  Value t = f.sub(m, f.constant(1));
  if (above)
    t = f.select(f.compare(P::OEQ, e, 0), above, t);
  Value s = f.div(t, f.add(t, f.constant(2))), square = f.mul(s, s);
  Value series = f.polynomial(square, {2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3, 2});
  return f.fma(e, f.constant(std::numbers::ln2), f.mul(s, series));
}
// The logarithm of any x.
Value log(const Floats &f, Value x, Value above = {}) {
  Value finite = f.select(f.compare(P::OLT, x, infinity), logOfPositive(f, x, above), x);
  Value rest = f.select(f.compare(P::OEQ, x, 0), f.constant(-infinity), f.constant(nan));
  return f.select(f.compare(P::OGT, x, 0), finite, rest);
}
Value log1p(const Floats &f, Value x) { return log(f, f.add(x, f.constant(1)), x); }
Value log2(const Floats &f, Value x) { return f.mul(log(f, x), f.constant(std::numbers::log2e)); }
Value log10(const Floats &f, Value x) { return f.mul(log(f, x), f.constant(std::numbers::log10e)); }
Value asinh(const Floats &f, Value x) { // log(a + sqrt(a^2 + 1)), a = |x|
  Value one = f.constant(1), a = f.abs(x), square = f.mul(a, a);
  Value above = f.add(a, f.div(square, f.add(one, f.sqrt(f.add(square, one)))));
  Value value = logOfPositive(f, f.add(above, one), above);
  return f.select(f.compare(P::OLT, a, infinity), value, a);
}
Value acosh(const Floats &f, Value x) { // log(x + sqrt(x^2 - 1))
  Value t = f.sub(x, f.constant(1));
  Value above = f.add(t, f.sqrt(f.mul(t, f.add(t, f.constant(2)))));
  Value value = log(f, f.add(above, f.constant(1)), above);
  return f.select(f.compare(P::OGE, x, 1), value, f.constant(nan));
}
Value atanh(const Floats &f, Value x) { // log((1 + a) / (1 - a)) / 2, a = |x|
  Value a = f.abs(x), one = f.constant(1);
  Value above = f.div(f.add(a, a), f.sub(one, a));
  Value value = log(f, f.add(above, one), above);
  return f.mul(value, f.constant(0.5));
}
// x^y = e^(y * log |x|), with the sign of odd powers and the special cases of IEEE 754's pow.
Value pow(const Floats &f, Value x, Value y) {
  Value one = f.constant(1), base = f.abs(x), half = f.mul(y, f.constant(0.5));
  Value size = exp(f, f.mul(y, log(f, base)));
  Value isWhole = f.compare(P::OEQ, f.floor(y), y);
  Value isOdd = f.both(isWhole, f.compare(P::UNE, f.floor(half), half));
  Value result = f.select(f.both(isOdd, isNegative(f, x)), f.neg(size), size);
  Value isRoot =
      f.both(f.both(f.compare(P::OLT, x, 0), f.compare(P::OGT, x, -infinity)), f.compare(P::UNE, f.floor(y), y));
  result = f.select(isRoot, f.constant(nan), result);
  Value unit = f.both(f.compare(P::OEQ, base, 1), f.compare(P::OEQ, f.abs(y), infinity));
  Value isOne = f.either(f.either(f.compare(P::OEQ, y, 0), f.compare(P::OEQ, x, 1)), unit);
  return f.select(isOne, one, result);
}

//===- trigonometric functions ----------------------------------------------------------------------------------------

// x = quarter * pi / 2 + rest, |rest| <= pi / 4; of quarter only the last two bits matter.
struct Angle {
  Value quarter, rest;
};

// Exact for any finite x: x / 2pi with 28 bits of 1 / 2pi at a time, so that each product is exact. Whole turns are
// dropped, and what remains is added in integers that wrap around where a turn does.
Angle reduceFar(const Floats &f, Value x) {
  // The bits of 2 / pi; those of weight below 2^-196 are less than f32's greatest angle would show.
  constexpr int64_t digits[] = {0xa2f9836, 0xe4e4415, 0x29fc275, 0x7d1f534, 0xddc0db6, 0x295993c, 0x439041f};
  Value turn = f.integer(0); // 2^63 to a turn
  double weight = 0x1p-28;
  for (int64_t digit : digits) {
    Value turns = f.mul(f.mul(x, f.constant(static_cast<double>(digit) * weight)), f.constant(0.25));
    Value part = f.mul(f.sub(turns, f.floor(turns)), f.constant(0x1p63));
    turn = f.addInt(turn, arith::FPToSIOp::create(f.b, f.l, f.intType(), part));
    weight *= 0x1p-28;
  }
  turn = f.shiftLeft(turn, 1); // 2^64, so that what is more is gone
  Value quarter = f.shiftRight(f.addInt(turn, f.integer(int64_t(1) << 61)), 62);
  Value rest = arith::SIToFPOp::create(f.b, f.l, f.type, f.subInt(turn, f.shiftLeft(quarter, 62)));
  return {quarter, f.mul(rest, f.constant(pi * 0x1p-63))};
}

Angle reduce(const Floats &f, Value x) {
  constexpr double lowerHalfPi = 6.123233995736766e-17; // pi / 2 less its 53 bits
  Value shifted = f.fma(x, f.constant(2 / pi), f.constant(rounder)), n = f.sub(shifted, f.constant(rounder));
  Value rest = f.fma(n, f.constant(-pi / 2), x); // exact
  Angle near = {f.bits(shifted), f.fma(n, f.constant(-lowerHalfPi), rest)};
  // Angles beyond that are rare, and cost a branch if there is none.
  Value isFar = f.compare(P::OGE, f.abs(x), 0x1p30), any = isFar;
  if (isa<VectorType>(isFar.getType()))
    any = vector::ReductionOp::create(f.b, f.l, vector::CombiningKind::OR, isFar);
  auto choice = scf::IfOp::create(
      f.b, f.l, any,
      [&](OpBuilder &, Location l) {
        Angle far = reduceFar(f, f.select(isFar, x, f.constant(0)));
        scf::YieldOp::create(f.b, l,
                             {f.select(isFar, far.quarter, near.quarter), f.select(isFar, far.rest, near.rest)});
      },
      [&](OpBuilder &, Location l) { scf::YieldOp::create(f.b, l, {near.quarter, near.rest}); });
  return {choice.getResult(0), choice.getResult(1)};
}

Value sineOf(const Floats &f, Value rest) { // of -0 it is -0
  return f.mul(rest, f.polynomial(f.mul(rest, rest), {1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040,
                                                      1.0 / 120, -1.0 / 6, 1}));
}
Value cosineOf(const Floats &f, Value rest) {
  return f.polynomial(f.mul(rest, rest), {1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24, -0.5, 1});
}
// Infinity has no sine.
Value ofFinite(const Floats &f, Value x, llvm::function_ref<Value(Value)> function) {
  Value isFinite = f.compare(P::OLT, f.abs(x), infinity);
  return f.select(isFinite, function(f.select(isFinite, x, f.constant(0))), f.constant(nan));
}
// sin(x + quarters * pi / 2)
Value sine(const Floats &f, Value x, int64_t quarters) {
  return ofFinite(f, x, [&](Value x) {
    Angle angle = reduce(f, x);
    Value quarter = f.addInt(angle.quarter, f.integer(quarters));
    Value size = f.select(f.hasBit(quarter, 1), cosineOf(f, angle.rest), sineOf(f, angle.rest));
    return f.select(f.hasBit(quarter, 2), f.neg(size), size);
  });
}
Value sin(const Floats &f, Value x) { return sine(f, x, 0); }
Value cos(const Floats &f, Value x) { return sine(f, x, 1); }
Value tan(const Floats &f, Value x) {
  return ofFinite(f, x, [&](Value x) {
    Angle angle = reduce(f, x);
    Value sine = sineOf(f, angle.rest), cosine = cosineOf(f, angle.rest), isOdd = f.hasBit(angle.quarter, 1);
    return f.div(f.select(isOdd, f.neg(cosine), sine), f.select(isOdd, sine, cosine));
  });
}

// The angle of the point (x, |y|): the arc tangent of the lesser over the greater, which beyond tan(pi / 8) is pi / 4 and
// that of a lesser ratio, by its series; then the octant.
Value atan2(const Floats &f, Value y, Value x) {
  Value one = f.constant(1), width = f.abs(x), height = f.abs(y);
  Value bothInfinite = f.both(f.compare(P::OEQ, width, infinity), f.compare(P::OEQ, height, infinity));
  width = f.select(bothInfinite, one, width), height = f.select(bothInfinite, one, height);
  Value most = f.max(width, height), least = f.min(width, height);
  Value isUpper = f.compare(P::OGT, least, f.mul(most, f.constant(std::numbers::sqrt2 - 1)));
  Value above = f.select(isUpper, f.sub(least, most), least), below = f.select(isUpper, f.add(least, most), most);
  Value ratio = f.div(above, f.select(f.compare(P::OEQ, below, 0), one, below)), square = f.mul(ratio, ratio);
  Value series = f.polynomial(square, {-1.0 / 23, 1.0 / 21, -1.0 / 19, 1.0 / 17, -1.0 / 15, 1.0 / 13, -1.0 / 11,
                                       1.0 / 9, -1.0 / 7, 1.0 / 5, -1.0 / 3, 1});
  Value angle = f.fma(ratio, series, f.select(isUpper, f.constant(pi / 4), f.constant(0)));
  angle = f.select(f.compare(P::OGT, height, width), f.sub(f.constant(pi / 2), angle), angle);
  return f.select(isNegative(f, x), f.sub(f.constant(pi), angle), angle);
}
Value atan(const Floats &f, Value x) { return atan2(f, x, f.constant(1)); }
// sqrt(1 - x^2)
Value otherSide(const Floats &f, Value x) {
  Value one = f.constant(1);
  return f.sqrt(f.mul(f.sub(one, x), f.add(one, x)));
}
Value asin(const Floats &f, Value x) { return atan2(f, x, otherSide(f, x)); }
Value acos(const Floats &f, Value x) { return atan2(f, otherSide(f, x), x); }

//===- remainder ------------------------------------------------------------------------------------------------------

// What is left of |x| when |y| is taken from it as often as it fits; exact. A step takes off the quotient's
// first 52 bits; f32 has quotients of 277.
Value remainder(const Floats &f, Value x, Value y) {
  auto step = [&](Value rest) { return f.fma(f.neg(f.trunc(f.div(rest, y))), y, rest); };
  Value near = step(x);
  Value isFar = f.compare(P::OGE, f.abs(near), f.abs(y)), any = isFar;
  if (isa<VectorType>(isFar.getType()))
    any = vector::ReductionOp::create(f.b, f.l, vector::CombiningKind::OR, isFar);
  auto choice = scf::IfOp::create(
      f.b, f.l, any,
      [&](OpBuilder &, Location l) {
        Value rest = near;
        for (int i = 0; i < 5; ++i)
          rest = step(rest);
        scf::YieldOp::create(f.b, l, rest);
      },
      [&](OpBuilder &, Location l) { scf::YieldOp::create(f.b, l, near); });
  // A quotient that was rounded up took once too often.
  Value rest = f.select(isNegative(f, x), f.neg(choice.getResult(0)), choice.getResult(0));
  rest = f.select(f.compare(P::OLT, rest, 0), f.add(rest, f.abs(y)), rest);
  Value isLess = f.both(f.compare(P::OLT, f.abs(x), infinity), f.compare(P::OEQ, f.abs(y), infinity));
  return f.select(isLess, f.abs(x), rest);
}

//===- patterns -------------------------------------------------------------------------------------------------------

bool isF32(Type type) { return getElementTypeOrSelf(type).isF32(); }

// A function that `isOdd`, at least as to signs, has that of its first operand. It gets it when it is rounded already. LLVM 22.1
// joins the rounding to f32 with a following one to f16, and takes the sign from what the operand was rounded from: both are
// then roundings of f64 to f16, for which there is no instruction. Fences, which are no code, keep them apart.
template <class Op, auto function, bool isOdd = false> struct ExpandWide : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!isF32(op.getType()))
      return rewriter.notifyMatchFailure(op, "expects f32");
    Floats narrow(rewriter, op.getLoc(), op.getType());
    Floats f(rewriter, op.getLoc(), narrow.typeOf(rewriter.getF64Type()));
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(arith::ExtFOp::create(rewriter, op.getLoc(), f.type, operand));
    Value wide;
    if constexpr (std::is_invocable_v<decltype(function), const Floats &, Value, Value>)
      wide = function(f, operands[0], operands[1]);
    else
      wide = function(f, operands[0]);
    auto fenced = [&](Value value) -> Value {
      return LLVM::CallIntrinsicOp::create(rewriter, op.getLoc(), narrow.type,
                                           rewriter.getStringAttr("llvm.arithmetic.fence"), value)
          .getResult(0);
    };
    Value result = fenced(arith::TruncFOp::create(rewriter, op.getLoc(), narrow.type, wide));
    if (isOdd)
      result = narrow.copySign(result, fenced(op->getOperand(0)));
    rewriter.replaceOp(op, result);
    return success();
  }
};

Value logarithm(const Floats &f, Value x) { return log(f, x); }
} // namespace

void addWideFunctions(RewritePatternSet &patterns) {
  constexpr bool odd = true;
  patterns.add<ExpandWide<math::Exp2Op, exp2>, ExpandWide<math::ExpM1Op, expm1, odd>,
               ExpandWide<math::SinhOp, sinh, odd>, ExpandWide<math::CoshOp, cosh>, ExpandWide<math::LogOp, logarithm>,
               ExpandWide<math::Log1pOp, log1p, odd>, ExpandWide<math::Log2Op, log2>, ExpandWide<math::Log10Op, log10>,
               ExpandWide<math::AsinhOp, asinh, odd>, ExpandWide<math::AcoshOp, acosh>,
               ExpandWide<math::AtanhOp, atanh, odd>, ExpandWide<math::PowFOp, pow>, ExpandWide<math::SinOp, sin>,
               ExpandWide<math::CosOp, cos>, ExpandWide<math::TanOp, tan>, ExpandWide<math::Atan2Op, atan2, odd>,
               ExpandWide<math::AtanOp, atan, odd>, ExpandWide<math::AsinOp, asin, odd>, ExpandWide<math::AcosOp, acos>,
               ExpandWide<arith::RemFOp, remainder, odd>>(patterns.getContext());
}

} // namespace varve::target::cpu
