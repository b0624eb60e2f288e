// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules and folding of elementwise ops.
#include "dialect/Dialect.h"
#include "dialect/Fold.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  SmallVector<Type, 1> common;
  if (failed(inferBinary(location, adaptor.getLhs().getType(), adaptor.getRhs().getType(), common))) // C1, C2
    return failure();
  types.push_back(withElement(cast<RankedTensorType>(common[0]), IntegerType::get(context, 1)));
  return success();
}

LogicalResult SelectOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Named condition("condition", adaptor.getCondition()), onTrue("on_true", adaptor.getOnTrue()),
      onFalse("on_false", adaptor.getOnFalse());
  if (failed(sameElement(location, onTrue, onFalse))) // C1
    return failure();
  FailureOr<Dims> dims = broadcast(location, {condition, onTrue, onFalse}); // C2
  if (failed(dims))
    return failure();
  types.push_back(tensorOf(*dims, onTrue.type.getElementType()));
  return success();
}

LogicalResult CastOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Type dtype = adaptor.getDtype();
  if (!isElement(dtype)) // C1
    return emitOptionalError(location, "expects dtype f32, f16, bf16, i8, i32, i64, ui8 or i1, but got ", dtype);
  types.push_back(withElement(cast<RankedTensorType>(adaptor.getInput().getType()), dtype));
  return success();
}

//===- folding --------------------------------------------------------------------------------------------------------

// Elements of the types of the dialect. ui8 and i1 are unsigned.
static bool isUnsigned(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }
static Attribute make(Type type, const APInt &value) { return IntegerAttr::get(type, value); }
static Attribute make(Type type, const APFloat &value) { return FloatAttr::get(type, value); }
static Attribute make(Type type, bool value) { return BoolAttr::get(type.getContext(), value); }

// Folds an op of N operands by one function of integers, which is told whether they are unsigned, and one of floats;
// nullptr for what the op has not, or is not folded.
template <class Op, class Ints, class Floats>
static OpFoldResult foldConstants(Op op, ArrayRef<Attribute> operands, Ints ints, Floats floats) {
  RankedTensorType type = op.getType();
  return foldElements(type, operands, [&](ArrayRef<Attribute> elements) -> Attribute {
    Type element = type.getElementType();
    auto apply = [&](auto fn, auto attribute) -> Attribute {
      using Element = decltype(attribute);
      auto value = [&](size_t i) { return cast<Element>(elements[i]).getValue(); };
      if constexpr (std::is_same_v<decltype(fn), std::nullptr_t>)
        return {};
      else if constexpr (std::is_invocable_v<decltype(fn), decltype(value(0)), bool>)
        return make(element, fn(value(0), isUnsigned(cast<TypedAttr>(elements[0]).getType())));
      else
        return make(element, fn(value(0), value(1), isUnsigned(cast<TypedAttr>(elements[0]).getType())));
    };
    return isa<FloatAttr>(elements[0]) ? apply(floats, FloatAttr()) : apply(ints, IntegerAttr());
  });
}

// x, if the other operand is a constant all of one value for which the function holds, and x has the result's type.
static OpFoldResult foldNeutral(Value x, Attribute other, Type result, bool (*holds)(Attribute)) {
  auto constant = dyn_cast_or_null<DenseElementsAttr>(other);
  return constant && constant.isSplat() && !constant.empty() && x.getType() == result &&
                 holds(constant.getSplatValue<Attribute>())
             ? OpFoldResult(x)
             : OpFoldResult();
}

// Neutral elements. In sums of floats 0 is none: -0 + 0 is 0.
static bool isInteger(Attribute element, uint64_t value) {
  auto integer = dyn_cast<IntegerAttr>(element);
  return integer && integer.getValue() == value;
}
static bool isZeroToAdd(Attribute element) {
  auto value = dyn_cast<FloatAttr>(element);
  return value ? value.getValue().isNegZero() : isInteger(element, 0);
}
static bool isZeroToSubtract(Attribute element) {
  auto value = dyn_cast<FloatAttr>(element);
  return value ? value.getValue().isPosZero() : isInteger(element, 0);
}
static bool isOne(Attribute element) {
  auto value = dyn_cast<FloatAttr>(element);
  return value ? value.getValue().isExactlyValue(1.0) : isInteger(element, 1);
}
static bool isTrue(Attribute element) { return isInteger(element, 1); }
static bool isAllOnes(Attribute element) {
  auto integer = dyn_cast<IntegerAttr>(element);
  return integer && integer.getValue().isAllOnes();
}
static bool isFalse(Attribute element) { return isInteger(element, 0); }

// f(f(x)) is f(x).
template <class Op> static OpFoldResult foldIdempotent(Op op) {
  return op.getInput().template getDefiningOp<Op>() ? OpFoldResult(op.getInput()) : OpFoldResult();
}

static OpFoldResult either(OpFoldResult first, OpFoldResult second) { return first ? first : second; }

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  return either(foldNeutral(getLhs(), adaptor.getRhs(), getType(), isZeroToAdd),
                foldConstants(
                    *this, adaptor.getOperands(), [](const APInt &a, const APInt &b, bool) { return a + b; },
                    [](const APFloat &a, const APFloat &b, bool) { return a + b; }));
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  return either(foldNeutral(getLhs(), adaptor.getRhs(), getType(), isZeroToSubtract),
                foldConstants(
                    *this, adaptor.getOperands(), [](const APInt &a, const APInt &b, bool) { return a - b; },
                    [](const APFloat &a, const APFloat &b, bool) { return a - b; }));
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  return either(foldNeutral(getLhs(), adaptor.getRhs(), getType(), isOne),
                foldConstants(
                    *this, adaptor.getOperands(), [](const APInt &a, const APInt &b, bool) { return a * b; },
                    [](const APFloat &a, const APFloat &b, bool) { return a * b; }));
}

static APInt divide(const APInt &a, const APInt &b, bool isUnsigned) {
  if (b.isZero())
    return APInt::getZero(a.getBitWidth());
  if (isUnsigned)
    return a.udiv(b);
  APInt quotient = a.sdiv(b); // the least integer over -1 is itself
  bool rounds = !a.srem(b).isZero() && a.isNegative() != b.isNegative();
  return rounds ? quotient - 1 : quotient;
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  return either(foldNeutral(getLhs(), adaptor.getRhs(), getType(), isOne),
                foldConstants(*this, adaptor.getOperands(), divide,
                              [](const APFloat &a, const APFloat &b, bool) { return a / b; }));
}

OpFoldResult FloorDivideOp::fold(FoldAdaptor adaptor) {
  return foldConstants(*this, adaptor.getOperands(), divide, nullptr);
}

OpFoldResult RemainderOp::fold(FoldAdaptor adaptor) {
  return foldConstants(
      *this, adaptor.getOperands(),
      [](const APInt &a, const APInt &b, bool isUnsigned) { return b.isZero() ? b : a - divide(a, b, isUnsigned) * b; },
      nullptr);
}

OpFoldResult MaximumOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  return foldConstants(
      *this, adaptor.getOperands(),
      [](const APInt &a, const APInt &b, bool isUnsigned) { return (isUnsigned ? a.ugt(b) : a.sgt(b)) ? a : b; },
      [](const APFloat &a, const APFloat &b, bool) { return llvm::maximum(a, b); });
}

OpFoldResult MinimumOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  return foldConstants(
      *this, adaptor.getOperands(),
      [](const APInt &a, const APInt &b, bool isUnsigned) { return (isUnsigned ? a.ult(b) : a.slt(b)) ? a : b; },
      [](const APFloat &a, const APFloat &b, bool) { return llvm::minimum(a, b); });
}

OpFoldResult AndOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  return either(
      foldNeutral(getLhs(), adaptor.getRhs(), getType(), isAllOnes),
      foldConstants(*this, adaptor.getOperands(), [](const APInt &a, const APInt &b, bool) { return a & b; }, nullptr));
}

OpFoldResult OrOp::fold(FoldAdaptor adaptor) {
  if (getLhs() == getRhs())
    return getLhs();
  return either(
      foldNeutral(getLhs(), adaptor.getRhs(), getType(), isFalse),
      foldConstants(*this, adaptor.getOperands(), [](const APInt &a, const APInt &b, bool) { return a | b; }, nullptr));
}

OpFoldResult XorOp::fold(FoldAdaptor adaptor) {
  return either(
      foldNeutral(getLhs(), adaptor.getRhs(), getType(), isFalse),
      foldConstants(*this, adaptor.getOperands(), [](const APInt &a, const APInt &b, bool) { return a ^ b; }, nullptr));
}

// No bit stays, or every one is the sign's, where the amount is not within the width.
OpFoldResult ShiftLeftOp::fold(FoldAdaptor adaptor) {
  return either(foldNeutral(getLhs(), adaptor.getRhs(), getType(), isFalse),
                foldConstants(
                    *this, adaptor.getOperands(),
                    [](const APInt &a, const APInt &b, bool) {
                      return b.uge(a.getBitWidth()) ? APInt::getZero(a.getBitWidth()) : a.shl(b);
                    },
                    nullptr));
}

OpFoldResult ShiftRightOp::fold(FoldAdaptor adaptor) {
  return either(foldNeutral(getLhs(), adaptor.getRhs(), getType(), isFalse),
                foldConstants(
                    *this, adaptor.getOperands(),
                    [](const APInt &a, const APInt &b, bool isUnsigned) {
                      unsigned amount = b.getLimitedValue(a.getBitWidth());
                      return isUnsigned ? a.lshr(amount) : a.ashr(std::min(amount, a.getBitWidth() - 1));
                    },
                    nullptr));
}

OpFoldResult CopysignOp::fold(FoldAdaptor adaptor) {
  return foldConstants(*this, adaptor.getOperands(), nullptr,
                       [](const APFloat &a, const APFloat &b, bool) { return APFloat::copySign(a, b); });
}

OpFoldResult CompareOp::fold(FoldAdaptor adaptor) {
  StringRef predicate = getPredicate();
  // A comparison of two values that are `less` or `equal`, or neither; `ordered` is false if one is NaN.
  auto holds = [&](bool less, bool equal, bool ordered) {
    return llvm::StringSwitch<bool>(predicate)
        .Case("eq", equal)
        .Case("ne", !equal)
        .Case("lt", less)
        .Case("le", less || equal)
        .Case("gt", ordered && !less && !equal)
        .Default(ordered && !less);
  };
  return foldConstants(
      *this, adaptor.getOperands(),
      [&](const APInt &a, const APInt &b, bool isUnsigned) {
        return holds(isUnsigned ? a.ult(b) : a.slt(b), a == b, true);
      },
      [&](const APFloat &a, const APFloat &b, bool) { return holds(a < b, a == b, !a.isNaN() && !b.isNaN()); });
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getOnTrue() == getOnFalse() && getOnTrue().getType() == getType())
    return getOnTrue();
  if (OpFoldResult value = foldNeutral(getOnTrue(), adaptor.getCondition(), getType(), isTrue))
    return value;
  if (OpFoldResult value = foldNeutral(getOnFalse(), adaptor.getCondition(), getType(), isFalse))
    return value;
  return foldElements(getType(), adaptor.getOperands(),
                      [](ArrayRef<Attribute> of) { return isTrue(of[0]) ? of[1] : of[2]; });
}

// One element under another type, as CastOp says.
static Attribute castElement(Attribute from, Type to) {
  auto integer = dyn_cast<IntegerAttr>(from);
  if (to.isInteger(1))
    return make(to, integer ? !integer.getValue().isZero() : !cast<FloatAttr>(from).getValue().isZero());
  if (auto type = dyn_cast<FloatType>(to)) {
    APFloat value(type.getFloatSemantics());
    bool inexact = false;
    if (integer) {
      value.convertFromAPInt(integer.getValue(), !isUnsigned(integer.getType()), APFloat::rmNearestTiesToEven);
    } else {
      value = cast<FloatAttr>(from).getValue();
      value.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
    }
    return make(to, value);
  }
  unsigned width = to.getIntOrFloatBitWidth();
  if (integer)
    return make(to, isUnsigned(integer.getType()) ? integer.getValue().zextOrTrunc(width)
                                                  : integer.getValue().sextOrTrunc(width));
  llvm::APSInt value(width, to.isUnsignedInteger());
  bool exact = false;
  cast<FloatAttr>(from).getValue().convertToInteger(value, APFloat::rmTowardZero, &exact); // saturates, NaN gives 0
  return make(to, static_cast<const APInt &>(value));
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return foldElements(getType(), adaptor.getOperands(),
                      [&](ArrayRef<Attribute> of) { return castElement(of[0], getDtype()); });
}

// f(f(x)) is x.
template <class Op> static OpFoldResult foldInvolution(Op op) {
  auto inner = op.getInput().template getDefiningOp<Op>();
  return inner ? OpFoldResult(inner.getInput()) : OpFoldResult();
}

OpFoldResult NegOp::fold(FoldAdaptor adaptor) {
  return either(foldInvolution(*this), foldConstants(
                                           *this, adaptor.getOperands(), [](const APInt &a, bool) { return -a; },
                                           [](const APFloat &a, bool) { return -a; }));
}

OpFoldResult NotOp::fold(FoldAdaptor adaptor) {
  return either(foldInvolution(*this),
                foldConstants(*this, adaptor.getOperands(), [](const APInt &a, bool) { return ~a; }, nullptr));
}

OpFoldResult AbsOp::fold(FoldAdaptor adaptor) {
  return either(foldIdempotent(*this), foldConstants(
                                           *this, adaptor.getOperands(),
                                           [](const APInt &a, bool isUnsigned) { return isUnsigned ? a : a.abs(); },
                                           [](const APFloat &a, bool) { return llvm::abs(a); }));
}

static OpFoldResult foldRounding(Attribute operand, RankedTensorType type, APFloat::roundingMode mode) {
  return foldElements(type, operand, [&](ArrayRef<Attribute> of) {
    APFloat value = cast<FloatAttr>(of[0]).getValue();
    value.roundToIntegral(mode);
    return make(type.getElementType(), value);
  });
}

OpFoldResult FloorOp::fold(FoldAdaptor adaptor) {
  return either(foldIdempotent(*this), foldRounding(adaptor.getInput(), getType(), APFloat::rmTowardNegative));
}
OpFoldResult CeilOp::fold(FoldAdaptor adaptor) {
  return either(foldIdempotent(*this), foldRounding(adaptor.getInput(), getType(), APFloat::rmTowardPositive));
}
OpFoldResult RoundOp::fold(FoldAdaptor adaptor) {
  return either(foldIdempotent(*this), foldRounding(adaptor.getInput(), getType(), APFloat::rmNearestTiesToEven));
}
OpFoldResult TruncOp::fold(FoldAdaptor adaptor) {
  return either(foldIdempotent(*this), foldRounding(adaptor.getInput(), getType(), APFloat::rmTowardZero));
}
OpFoldResult SignOp::fold(FoldAdaptor adaptor) {
  return either(foldIdempotent(*this),
                foldConstants(
                    *this, adaptor.getOperands(),
                    [](const APInt &a, bool isUnsigned) {
                      bool negative = !isUnsigned && a.isNegative();
                      return a.isZero() ? a : APInt(a.getBitWidth(), negative ? -1 : 1, /*isSigned=*/true);
                    },
                    [](const APFloat &a, bool) {
                      APFloat one = APFloat::getOne(a.getSemantics(), a.isNegative());
                      return a.isZero() || a.isNaN() ? a : one;
                    }));
}
OpFoldResult ReluOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
