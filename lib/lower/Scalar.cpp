// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/lower/Scalar.h"
#include "lib/lower/Lower.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numbers>

using namespace mlir;

namespace varve::lower {

namespace {
// Builds scalar arithmetic: thin names over the builders, all values of one type.
struct Maths {
  OpBuilder &b;
  Location l;
  Value constant(double value, Type type) const { return floatConstant(b, l, value, type); }
  Value integer(int64_t value, Type type) const { return arith::ConstantIntOp::create(b, l, type, value); }
  Value add(Value x, Value y) const { return arith::AddFOp::create(b, l, x, y); }
  Value sub(Value x, Value y) const { return arith::SubFOp::create(b, l, x, y); }
  Value mul(Value x, Value y) const { return arith::MulFOp::create(b, l, x, y); }
  Value div(Value x, Value y) const { return arith::DivFOp::create(b, l, x, y); }
  Value neg(Value x) const { return arith::NegFOp::create(b, l, x); }
  Value exp(Value x) const { return math::ExpOp::create(b, l, x); }
  Value less(arith::CmpFPredicate p, Value x, Value y) const { return arith::CmpFOp::create(b, l, p, x, y); }
  Value compare(arith::CmpIPredicate p, Value x, Value y) const { return arith::CmpIOp::create(b, l, p, x, y); }
  Value select(Value c, Value x, Value y) const { return arith::SelectOp::create(b, l, c, x, y); }

  // y / (1 + e^x).
  Value logistic(Value y, Value x) const {
    Value power = math::ExpOp::create(b, l, x, arith::FastMathFlags::afn);
    return div(y, add(constant(1, x.getType()), power));
  }
  Value gelu(Value x, bool tanh) const {
    Type type = x.getType();
    Value half = constant(0.5, type), one = constant(1, type);
    if (!tanh) { // x / 2 * (1 + erf(x / sqrt 2)), of which only the absolute error counts
      Value erf = math::ErfOp::create(b, l, mul(x, constant(std::numbers::sqrt2 / 2, type)), arith::FastMathFlags::afn);
      return mul(mul(half, x), add(one, erf));
    }
    // x / 2 * (1 + tanh(y)), y = sqrt(2 / pi) * (x + 0.044715 x^3), is x / (1 + e^-2y).
    Value cube = mul(mul(x, x), x);
    Value exponent = mul(constant(-2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi, type),
                         add(x, mul(constant(0.044715, type), cube)));
    return logistic(x, exponent);
  }
  // Rounds toward negative infinity; x / 0 is 0, and the one quotient that overflows wraps.
  Value divide(Value x, Value y, bool isUnsigned) const {
    Type type = x.getType();
    Value zero = integer(0, type), one = integer(1, type);
    Value none = compare(arith::CmpIPredicate::eq, y, zero);
    if (isUnsigned) {
      Value quotient = arith::DivUIOp::create(b, l, x, select(none, one, y));
      return select(none, zero, quotient);
    }
    Value minus = compare(arith::CmpIPredicate::eq, y, integer(-1, type));
    Value by = select(arith::OrIOp::create(b, l, none, minus), one, y);
    Value quotient = arith::DivSIOp::create(b, l, x, by), rest = arith::RemSIOp::create(b, l, x, by);
    Value inexact = compare(arith::CmpIPredicate::ne, rest, zero);
    Value opposite = compare(arith::CmpIPredicate::slt, arith::XOrIOp::create(b, l, x, by), zero);
    Value down = arith::SubIOp::create(b, l, quotient, one);
    Value floor = select(arith::AndIOp::create(b, l, inexact, opposite), down, quotient);
    return select(none, zero, select(minus, arith::SubIOp::create(b, l, zero, x), floor));
  }
  // x - divide(x, y) * y; of 0 it is 0.
  Value remainder(Value x, Value y, bool isUnsigned) const {
    Type type = x.getType();
    Value zero = integer(0, type), one = integer(1, type);
    Value none = compare(arith::CmpIPredicate::eq, y, zero);
    if (isUnsigned)
      return select(none, zero, arith::RemUIOp::create(b, l, x, select(none, one, y)));
    Value minus = compare(arith::CmpIPredicate::eq, y, integer(-1, type)); // nothing is left of any x
    Value rest = arith::RemSIOp::create(b, l, x, select(arith::OrIOp::create(b, l, none, minus), one, y));
    Value inexact = compare(arith::CmpIPredicate::ne, rest, zero);
    Value opposite = compare(arith::CmpIPredicate::slt, arith::XOrIOp::create(b, l, rest, y), zero);
    Value wrong = arith::AndIOp::create(b, l, inexact, opposite);
    return select(wrong, arith::AddIOp::create(b, l, rest, y), rest);
  }
  // What is left of x, of its sign; and whether it must move to the sign of y.
  std::pair<Value, Value> rest(Value x, Value y) const {
    using P = arith::CmpFPredicate;
    Value zero = constant(0, x.getType()), rest = arith::RemFOp::create(b, l, x, y);
    Value opposite = arith::XOrIOp::create(b, l, less(P::OLT, rest, zero), less(P::OLT, y, zero));
    return {rest, arith::AndIOp::create(b, l, less(P::UNE, rest, zero), opposite)};
  }
  Value remainder(Value x, Value y) const {
    auto [left, moves] = rest(x, y);
    Value result = select(moves, add(left, y), left);
    Value isZero = less(arith::CmpFPredicate::OEQ, result, constant(0, x.getType()));
    return select(isZero, math::CopySignOp::create(b, l, result, y).getResult(), result);
  }
  // x less its rest is a multiple of y, so the quotient, in f64, is next to an integer.
  Value floorDivide(Value x, Value y) const {
    auto [left, moves] = rest(x, y);
    Type f64 = b.getF64Type(), f32 = x.getType();
    Value wide = toFloat(b, l, y, f64), one = constant(1, f64);
    Value quotient = div(sub(toFloat(b, l, x, f64), toFloat(b, l, left, f64)), wide);
    quotient = math::RoundEvenOp::create(b, l, select(moves, sub(quotient, one), quotient));
    quotient = toFloat(b, l, quotient, f32);
    Value exact = div(x, y); // for its sign, and what division by 0 gives
    Value isZero = less(arith::CmpFPredicate::OEQ, y, constant(0, f32));
    Value none = less(arith::CmpFPredicate::OEQ, quotient, constant(0, f32));
    Value zero = math::CopySignOp::create(b, l, quotient, exact);
    return select(isZero, exact, select(none, zero, quotient));
  }
  Value sign(Value x) const {
    using P = arith::CmpFPredicate;
    Type type = x.getType();
    Value zero = constant(0, type);
    return select(less(P::OGT, x, zero), constant(1, type), select(less(P::OLT, x, zero), constant(-1, type), x));
  }
  Value sign(Value x, bool isUnsigned) const {
    using P = arith::CmpIPredicate;
    Type type = x.getType();
    Value zero = integer(0, type), one = integer(1, type);
    Value some = select(compare(P::ne, x, zero), one, zero);
    return isUnsigned ? some : select(compare(P::slt, x, zero), integer(-1, type), some);
  }
  // An amount outside of the width shifts every bit out, copies of the sign's coming in.
  Value shift(Value x, Value amount, bool left, bool isUnsigned) const {
    Type type = x.getType();
    unsigned width = type.getIntOrFloatBitWidth();
    Value inside = compare(arith::CmpIPredicate::ult, amount, integer(width, type));
    if (left || isUnsigned) {
      Value by = select(inside, amount, integer(0, type));
      Value shifted =
          left ? arith::ShLIOp::create(b, l, x, by).getResult() : arith::ShRUIOp::create(b, l, x, by).getResult();
      return select(inside, shifted, integer(0, type));
    }
    return arith::ShRSIOp::create(b, l, x, select(inside, amount, integer(width - 1, type)));
  }
  // Of the type itself, not of f32: floats of one sign are ordered as their bits are.
  Value nextAfter(Value x, Value y) const {
    using P = arith::CmpFPredicate;
    Type type = x.getType(), bits = b.getIntegerType(type.getIntOrFloatBitWidth());
    Type f32 = b.getF32Type();
    Value wideX = toFloat(b, l, x, f32), wideY = toFloat(b, l, y, f32), zero = constant(0, f32);
    Value number = arith::BitcastOp::create(b, l, bits, x), toward = arith::BitcastOp::create(b, l, bits, y);
    Value away = arith::XOrIOp::create(b, l, less(P::OLT, wideX, wideY), less(P::OLT, wideX, zero));
    Value one = integer(1, bits);
    Value moved = select(away, arith::AddIOp::create(b, l, number, one).getResult(),
                         arith::SubIOp::create(b, l, number, one).getResult());
    APInt signBit = APInt::getSignMask(type.getIntOrFloatBitWidth());
    Value mask = arith::ConstantOp::create(b, l, b.getIntegerAttr(bits, signBit));
    Value least = arith::OrIOp::create(b, l, arith::AndIOp::create(b, l, toward, mask), one); // of the sign of y
    Value next = select(less(P::OEQ, wideX, zero), least, moved);
    Value result = select(less(P::UEQ, wideX, wideY), toward, next);
    // If one is NaN, it or the other is.
    result = select(less(P::UNO, wideX, wideX), number, result);
    return arith::BitcastOp::create(b, l, type, result);
  }
};

// Which comparison a word means, for floats and integers.
struct Predicate {
  StringLiteral word;
  arith::CmpFPredicate floats;
  arith::CmpIPredicate integers, naturals;
};
constexpr Predicate predicates[] = {
    {"eq", arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq, arith::CmpIPredicate::eq},
    {"ne", arith::CmpFPredicate::UNE, arith::CmpIPredicate::ne, arith::CmpIPredicate::ne},
    {"lt", arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt, arith::CmpIPredicate::ult},
    {"le", arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle, arith::CmpIPredicate::ule},
    {"gt", arith::CmpFPredicate::OGT, arith::CmpIPredicate::sgt, arith::CmpIPredicate::ugt},
    {"ge", arith::CmpFPredicate::OGE, arith::CmpIPredicate::sge, arith::CmpIPredicate::uge},
};

// Floats: x and y are f32.
Value floatValue(Operation *op, const Maths &m, ValueRange v) {
  Value x = v[0], y = v.size() > 1 ? v[1] : Value();
  Type type = x.getType();
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ir::NegOp) { return m.neg(x); })
      .Case([&](ir::AbsOp) -> Value { return math::AbsFOp::create(m.b, m.l, x); })
      .Case([&](ir::ExpOp) { return m.exp(x); })
      .Case([&](ir::LogOp) -> Value { return math::LogOp::create(m.b, m.l, x); })
      .Case([&](ir::SqrtOp) -> Value { return math::SqrtOp::create(m.b, m.l, x); })
      .Case([&](ir::RsqrtOp) { return m.div(m.constant(1, type), math::SqrtOp::create(m.b, m.l, x).getResult()); })
      .Case([&](ir::Exp2Op) -> Value { return math::Exp2Op::create(m.b, m.l, x); })
      .Case([&](ir::Expm1Op) -> Value { return math::ExpM1Op::create(m.b, m.l, x); })
      .Case([&](ir::Log1pOp) -> Value { return math::Log1pOp::create(m.b, m.l, x); })
      .Case([&](ir::Log2Op) -> Value { return math::Log2Op::create(m.b, m.l, x); })
      .Case([&](ir::Log10Op) -> Value { return math::Log10Op::create(m.b, m.l, x); })
      .Case([&](ir::SinOp) -> Value { return math::SinOp::create(m.b, m.l, x); })
      .Case([&](ir::CosOp) -> Value { return math::CosOp::create(m.b, m.l, x); })
      .Case([&](ir::TanOp) -> Value { return math::TanOp::create(m.b, m.l, x); })
      .Case([&](ir::AsinOp) -> Value { return math::AsinOp::create(m.b, m.l, x); })
      .Case([&](ir::AcosOp) -> Value { return math::AcosOp::create(m.b, m.l, x); })
      .Case([&](ir::AtanOp) -> Value { return math::AtanOp::create(m.b, m.l, x); })
      .Case([&](ir::SinhOp) -> Value { return math::SinhOp::create(m.b, m.l, x); })
      .Case([&](ir::CoshOp) -> Value { return math::CoshOp::create(m.b, m.l, x); })
      .Case([&](ir::TanhOp) -> Value { return math::TanhOp::create(m.b, m.l, x); })
      .Case([&](ir::AsinhOp) -> Value { return math::AsinhOp::create(m.b, m.l, x); })
      .Case([&](ir::AcoshOp) -> Value { return math::AcoshOp::create(m.b, m.l, x); })
      .Case([&](ir::AtanhOp) -> Value { return math::AtanhOp::create(m.b, m.l, x); })
      .Case([&](ir::ErfOp) -> Value { return math::ErfOp::create(m.b, m.l, x); })
      .Case([&](ir::SigmoidOp) { return m.logistic(m.constant(1, type), m.neg(x)); })
      .Case([&](ir::SiluOp) { return m.logistic(x, m.neg(x)); })
      .Case([&](ir::GeluOp gelu) { return m.gelu(x, gelu.getApproximate() == "tanh"); })
      .Case([&](ir::ReluOp) -> Value { // NaN of NaN; a maximum that knows of 0 and -0 takes several instructions
        Value zero = m.constant(0, type);
        return m.select(arith::CmpFOp::create(m.b, m.l, arith::CmpFPredicate::OGT, zero, x), zero, x);
      })
      .Case([&](ir::FloorOp) -> Value { return math::FloorOp::create(m.b, m.l, x); })
      .Case([&](ir::CeilOp) -> Value { return math::CeilOp::create(m.b, m.l, x); })
      .Case([&](ir::RoundOp) -> Value { return math::RoundEvenOp::create(m.b, m.l, x); })
      .Case([&](ir::TruncOp) -> Value { return math::TruncOp::create(m.b, m.l, x); })
      .Case([&](ir::SignOp) { return m.sign(x); })
      .Case([&](ir::AddOp) { return m.add(x, y); })
      .Case([&](ir::SubOp) { return m.sub(x, y); })
      .Case([&](ir::MulOp) { return m.mul(x, y); })
      .Case([&](ir::DivOp) { return m.div(x, y); })
      .Case([&](ir::FloorDivideOp) { return m.floorDivide(x, y); })
      .Case([&](ir::RemainderOp) { return m.remainder(x, y); })
      .Case([&](ir::Atan2Op) -> Value { return math::Atan2Op::create(m.b, m.l, x, y); })
      .Case([&](ir::CopysignOp) -> Value { return math::CopySignOp::create(m.b, m.l, x, y); })
      .Case([&](ir::PowOp) -> Value { return math::PowFOp::create(m.b, m.l, x, y); })
      .Case([&](ir::MaximumOp) -> Value { return arith::MaximumFOp::create(m.b, m.l, x, y); })
      .Case([&](ir::MinimumOp) -> Value { return arith::MinimumFOp::create(m.b, m.l, x, y); })
      .Default([](Operation *) { return Value(); });
}

Value integerValue(Operation *op, const Maths &m, ValueRange v, bool isUnsigned) {
  Value x = v[0], y = v.size() > 1 ? v[1] : Value();
  Type type = x.getType();
  auto pick = [&](arith::CmpIPredicate p) { return m.select(m.compare(p, x, y), x, y); };
  using P = arith::CmpIPredicate;
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ir::NegOp) -> Value { return arith::SubIOp::create(m.b, m.l, m.integer(0, type), x); })
      .Case([&](ir::AbsOp) -> Value {
        if (isUnsigned)
          return x;
        Value negative = m.compare(P::slt, x, m.integer(0, type));
        return m.select(negative, arith::SubIOp::create(m.b, m.l, m.integer(0, type), x), x);
      })
      .Case([&](ir::ReluOp) -> Value {
        return isUnsigned ? x : m.select(m.compare(P::slt, x, m.integer(0, type)), m.integer(0, type), x);
      })
      .Case([&](ir::SignOp) { return m.sign(x, isUnsigned); })
      .Case([&](ir::NotOp) -> Value {
        return arith::XOrIOp::create(m.b, m.l, x, m.integer(type.isInteger(1) ? 1 : -1, type));
      })
      .Case([&](ir::AddOp) -> Value { return arith::AddIOp::create(m.b, m.l, x, y); })
      .Case([&](ir::SubOp) -> Value { return arith::SubIOp::create(m.b, m.l, x, y); })
      .Case([&](ir::MulOp) -> Value { return arith::MulIOp::create(m.b, m.l, x, y); })
      .Case<ir::DivOp, ir::FloorDivideOp>([&](auto) { return m.divide(x, y, isUnsigned); })
      .Case([&](ir::RemainderOp) { return m.remainder(x, y, isUnsigned); })
      .Case([&](ir::ShiftLeftOp) { return m.shift(x, y, /*left=*/true, isUnsigned); })
      .Case([&](ir::ShiftRightOp) { return m.shift(x, y, /*left=*/false, isUnsigned); })
      .Case([&](ir::MaximumOp) { return pick(isUnsigned ? P::ugt : P::sgt); })
      .Case([&](ir::MinimumOp) { return pick(isUnsigned ? P::ult : P::slt); })
      .Case([&](ir::AndOp) -> Value { return arith::AndIOp::create(m.b, m.l, x, y); })
      .Case([&](ir::OrOp) -> Value { return arith::OrIOp::create(m.b, m.l, x, y); })
      .Case([&](ir::XorOp) -> Value { return arith::XOrIOp::create(m.b, m.l, x, y); })
      .Default([](Operation *) { return Value(); });
}
} // namespace

Value scalarOf(Operation *op, OpBuilder &builder, ValueRange operands) {
  Maths m{builder, op->getLoc()};
  if (operands.empty() || op->getNumResults() != 1 || !isa<RankedTensorType>(op->getResult(0).getType()))
    return {};
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  Type result = getElementTypeOrSelf(op->getResult(0).getType());
  if (auto select = dyn_cast<ir::SelectOp>(op))
    return m.select(operands[0], operands[1], operands[2]);
  if (isa<ir::IdentityOp>(op))
    return operands[0];
  if (isa<ir::NextafterOp>(op))
    return m.nextAfter(operands[0], operands[1]);
  if (isa<ir::CastOp>(op))
    return castScalar(builder, op->getLoc(), operands[0], element, result);

  bool isFloat = isa<FloatType>(element), isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  SmallVector<Value> values(operands);
  if (isFloat)
    for (Value &value : values)
      value = toFloat(builder, op->getLoc(), value, builder.getF32Type());
  if (auto compare = dyn_cast<ir::CompareOp>(op)) {
    for (const Predicate &p : predicates)
      if (p.word == compare.getPredicate())
        return isFloat ? m.less(p.floats, values[0], values[1])
                       : m.compare(isUnsigned ? p.naturals : p.integers, values[0], values[1]);
    return {};
  }
  Value value = isFloat ? floatValue(op, m, values) : integerValue(op, m, values, isUnsigned);
  return value && isFloat ? toFloat(builder, op->getLoc(), value, result) : value;
}

Value castScalar(OpBuilder &builder, Location location, Value scalar, Type from, Type to) {
  Maths m{builder, location};
  if (from == to)
    return scalar;
  bool fromFloat = isa<FloatType>(from), toFloating = isa<FloatType>(to);
  bool isUnsigned = from.isUnsignedInteger() || from.isInteger(1);
  if (fromFloat && toFloating)
    return toFloat(builder, location, scalar, to);
  if (to.isInteger(1)) {
    if (!fromFloat)
      return m.compare(arith::CmpIPredicate::ne, scalar, m.integer(0, scalar.getType()));
    Value wide = toFloat(builder, location, scalar, builder.getF32Type());
    return m.less(arith::CmpFPredicate::UNE, wide, m.constant(0, wide.getType()));
  }
  Type storage = storageOf(to);
  if (toFloating) { // through f32, as PyTorch does
    Type f32 = builder.getF32Type();
    Value wide = isUnsigned ? arith::UIToFPOp::create(builder, location, f32, scalar).getResult()
                            : arith::SIToFPOp::create(builder, location, f32, scalar).getResult();
    return toFloat(builder, location, wide, to);
  }
  if (fromFloat) { // saturates; the comparisons are false for NaN
    Value wide = toFloat(builder, location, scalar, builder.getF32Type());
    unsigned bits = to.getIntOrFloatBitWidth();
    bool natural = to.isUnsignedInteger();
    double low = natural ? 0 : -std::ldexp(1.0, bits - 1), beyond = std::ldexp(1.0, natural ? bits : bits - 1);
    Type f32 = wide.getType();
    APInt least = natural ? APInt::getZero(bits) : APInt::getSignedMinValue(bits);
    APInt most = natural ? APInt::getMaxValue(bits) : APInt::getSignedMaxValue(bits);
    Value inside =
        arith::AndIOp::create(builder, location, m.less(arith::CmpFPredicate::OGE, wide, m.constant(low, f32)),
                              m.less(arith::CmpFPredicate::OLT, wide, m.constant(beyond, f32)));
    Value safe = m.select(inside, wide, m.constant(0, f32));
    Type carrier = natural ? Type(builder.getI32Type()) : storage; // every ui8 is an i32
    Value converted = arith::FPToSIOp::create(builder, location, carrier, safe);
    if (natural)
      converted = arith::TruncIOp::create(builder, location, storage, converted);
    Value above = m.less(arith::CmpFPredicate::OGE, wide, m.constant(beyond, f32));
    Value below = m.less(arith::CmpFPredicate::OLT, wide, m.constant(low, f32));
    auto constant = [&](const APInt &value) -> Value {
      return arith::ConstantOp::create(builder, location, builder.getIntegerAttr(storage, value));
    };
    return m.select(above, constant(most), m.select(below, constant(least), converted));
  }
  unsigned width = scalar.getType().getIntOrFloatBitWidth(), target = storage.getIntOrFloatBitWidth();
  if (width == target)
    return scalar;
  if (width > target)
    return arith::TruncIOp::create(builder, location, storage, scalar);
  return isUnsigned ? arith::ExtUIOp::create(builder, location, storage, scalar).getResult()
                    : arith::ExtSIOp::create(builder, location, storage, scalar).getResult();
}

} // namespace varve::lower
