// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arithmetic on scalars or vectors of f32 or f64, for functions that are written as formulas.
#pragma once
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

namespace varve::target::cpu {

class Floats {
public:
  using P = mlir::arith::CmpFPredicate;
  using Value = mlir::Value;
  /// `type` is a float or a vector of floats.
  Floats(mlir::OpBuilder &b, mlir::Location l, mlir::Type type) : b(b), l(l), type(type) {}

  /// The same shape with another element.
  mlir::Type typeOf(mlir::Type element) const {
    auto vector = mlir::dyn_cast<mlir::VectorType>(type);
    return vector ? mlir::Type(mlir::VectorType::get(vector.getShape(), element)) : element;
  }
  mlir::Type element() const { return mlir::getElementTypeOrSelf(type); }
  /// Integers as wide as the floats.
  mlir::Type intType() const { return typeOf(b.getIntegerType(element().getIntOrFloatBitWidth())); }

  Value constant(double value) const { return splat(b.getFloatAttr(element(), value), type); }
  Value integer(int64_t value) const {
    mlir::Type integers = intType();
    return splat(b.getIntegerAttr(mlir::getElementTypeOrSelf(integers), value), integers);
  }
  Value add(Value x, Value y) const { return mlir::arith::AddFOp::create(b, l, x, y); }
  Value sub(Value x, Value y) const { return mlir::arith::SubFOp::create(b, l, x, y); }
  Value mul(Value x, Value y) const { return mlir::arith::MulFOp::create(b, l, x, y); }
  Value div(Value x, Value y) const { return mlir::arith::DivFOp::create(b, l, x, y); }
  Value fma(Value x, Value y, Value z) const { return mlir::math::FmaOp::create(b, l, x, y, z); }
  Value neg(Value x) const { return mlir::arith::NegFOp::create(b, l, x); }
  Value abs(Value x) const { return mlir::math::AbsFOp::create(b, l, x); }
  Value sqrt(Value x) const { return mlir::math::SqrtOp::create(b, l, x); }
  Value floor(Value x) const { return mlir::math::FloorOp::create(b, l, x); }
  Value trunc(Value x) const { return mlir::math::TruncOp::create(b, l, x); }
  Value round(Value x) const { return mlir::math::RoundEvenOp::create(b, l, x); }
  Value copySign(Value x, Value y) const { return mlir::math::CopySignOp::create(b, l, x, y); }
  /// NaN if one is.
  Value max(Value x, Value y) const { return mlir::arith::MaximumFOp::create(b, l, x, y); }
  Value min(Value x, Value y) const { return mlir::arith::MinimumFOp::create(b, l, x, y); }
  Value compare(P p, Value x, Value y) const { return mlir::arith::CmpFOp::create(b, l, p, x, y); }
  Value compare(P p, Value x, double y) const { return compare(p, x, constant(y)); }
  Value select(Value c, Value x, Value y) const { return mlir::arith::SelectOp::create(b, l, c, x, y); }
  Value both(Value c, Value d) const { return mlir::arith::AndIOp::create(b, l, c, d); }
  Value either(Value c, Value d) const { return mlir::arith::OrIOp::create(b, l, c, d); }

  Value bits(Value x) const { return mlir::arith::BitcastOp::create(b, l, intType(), x); }
  Value fromBits(Value x) const { return mlir::arith::BitcastOp::create(b, l, type, x); }
  Value addInt(Value x, Value y) const { return mlir::arith::AddIOp::create(b, l, x, y); }
  Value subInt(Value x, Value y) const { return mlir::arith::SubIOp::create(b, l, x, y); }
  Value shiftLeft(Value x, int64_t by) const { return mlir::arith::ShLIOp::create(b, l, x, integer(by)); }
  Value shiftRight(Value x, int64_t by) const { return mlir::arith::ShRSIOp::create(b, l, x, integer(by)); }
  /// Whether an integer has one of the bits of the mask.
  Value hasBit(Value x, int64_t mask) const {
    Value masked = mlir::arith::AndIOp::create(b, l, x, integer(mask));
    return mlir::arith::CmpIOp::create(b, l, mlir::arith::CmpIPredicate::ne, masked, integer(0));
  }

  /// Horner's rule, highest coefficient first.
  Value polynomial(Value x, llvm::ArrayRef<double> coefficients) const {
    Value sum = constant(coefficients.front());
    for (double coefficient : coefficients.drop_front())
      sum = fma(sum, x, constant(coefficient));
    return sum;
  }

  mlir::OpBuilder &b;
  mlir::Location l;
  mlir::Type type;

private:
  Value splat(mlir::Attribute scalar, mlir::Type of) const {
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(of))
      return mlir::arith::ConstantOp::create(b, l, mlir::DenseElementsAttr::get(vector, scalar));
    return mlir::arith::ConstantOp::create(b, l, mlir::cast<mlir::TypedAttr>(scalar));
  }
};

/// e^x of f32 for x <= 0 as a softmax needs it: within 5 units, and 0 below 2^-126. NaN of NaN.
mlir::Value expOfNegative(const Floats &f, mlir::Value x);

/// Patterns for the functions that are computed in f64 and rounded once: all but exp, tanh and erf.
void addWideFunctions(mlir::RewritePatternSet &patterns);

} // namespace varve::target::cpu
