// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that work element by element.
//   Value y = select(less(x, 0), exp(x) - 1, x);
//
// Two operands are brought to a common element type as in the array API standard: i8 + i32 is i32, bf16 + f32 is f32, u8 + i32
// is i32. Where the standard has no answer (an integer and a float, bool and a number, f16 and bf16, u8 and i8) they throw
// and ask for a `cast`. A C++ number takes the other operand's type, if that can hold it: 2 * x stays bf16.
//
// log, pow, the trigonometric and the hyperbolic functions, their inverses and fellows are computed in f64 and rounded once: within
// 0.51 units in the last place (ULP) of f32, whatever the operand. exp is within 1.1 ULP, tanh within 1.3, erf within 2.3, hypot within
// 3; sigmoid, silu, gelu and logaddexp are formulas of these in f32. f16 and bf16 are computed in f32 and rounded.
// **Shapes** of one operand: the result has them; of several: they broadcast, aligned at the last dimension, where one that has size
// 1 or lacks the dimension takes the other's.
// **Throws** `Error` for shapes that do not broadcast, and types that are others or do not promote.
#pragma once
#include "varve/Weight.h"
#include <optional>

namespace varve {

/// -x. **Types** numbers. **IR** `varve.neg`.
Value neg(Operand input);
/// |x|. **Types** numbers. **IR** `varve.abs`.
Value abs(Operand input);
/// e to the power of x. **Types** floats. **IR** `varve.exp`.
Value exp(Operand input);
/// 2 to the power of x. **Types** floats. **IR** `varve.exp2`.
Value exp2(Operand input);
/// exp(x) - 1, exact to the last places near 0. **Types** floats. **IR** `varve.expm1`.
Value expm1(Operand input);
/// The natural logarithm. **Types** floats. **IR** `varve.log`.
Value log(Operand input);
/// log(1 + x), exact to the last places near 0. **Types** floats. **IR** `varve.log1p`.
Value log1p(Operand input);
/// The logarithm to the base 2. **Types** floats. **IR** `varve.log2`.
Value log2(Operand input);
/// The logarithm to the base 10. **Types** floats. **IR** `varve.log10`.
Value log10(Operand input);
/// The square root. **Types** floats. **IR** `varve.sqrt`.
Value sqrt(Operand input);
/// 1 / sqrt(x). **Types** floats. **IR** `varve.rsqrt`.
Value rsqrt(Operand input);
/// The sine, in radians. **Types** floats. **IR** `varve.sin`.
Value sin(Operand input);
/// The cosine, in radians. **Types** floats. **IR** `varve.cos`.
Value cos(Operand input);
/// The tangent, in radians. **Types** floats. **IR** `varve.tan`.
Value tan(Operand input);
/// The arc sine, in radians. **Types** floats. **IR** `varve.asin`.
Value asin(Operand input);
/// The arc cosine, in radians. **Types** floats. **IR** `varve.acos`.
Value acos(Operand input);
/// The arc tangent, in radians. **Types** floats. **IR** `varve.atan`.
Value atan(Operand input);
/// The hyperbolic sine. **Types** floats. **IR** `varve.sinh`.
Value sinh(Operand input);
/// The hyperbolic cosine. **Types** floats. **IR** `varve.cosh`.
Value cosh(Operand input);
/// The hyperbolic tangent. **Types** floats. **IR** `varve.tanh`.
Value tanh(Operand input);
/// The inverse hyperbolic sine. **Types** floats. **IR** `varve.asinh`.
Value asinh(Operand input);
/// The inverse hyperbolic cosine. **Types** floats. **IR** `varve.acosh`.
Value acosh(Operand input);
/// The inverse hyperbolic tangent. **Types** floats. **IR** `varve.atanh`.
Value atanh(Operand input);
/// The error function. **Types** floats. **IR** `varve.erf`.
Value erf(Operand input);
/// 1 / (1 + exp(-x)). **Types** floats. **IR** `varve.sigmoid`.
Value sigmoid(Operand input);
/// x * sigmoid(x). **Types** floats. **IR** `varve.silu`.
Value silu(Operand input);
/// max(x, 0). **Types** numbers. **IR** `varve.relu`.
Value relu(Operand input);
/// Rounded down. **Types** floats. **IR** `varve.floor`.
Value floor(Operand input);
/// Rounded up. **Types** floats. **IR** `varve.ceil`.
Value ceil(Operand input);
/// Rounded to the nearest integer, halves to even. **Types** floats. **IR** `varve.round`.
Value round(Operand input);
/// Rounded toward 0. **Types** floats. **IR** `varve.trunc`.
Value trunc(Operand input);
/// 1, 0 or -1 as x is positive, 0 or negative; NaN of NaN. **Types** numbers. **IR** `varve.sign`.
Value sign(Operand input);
/// x itself. **Types** any. **IR** none.
Value positive(Operand input);
/// x * x. **Types** numbers. **IR** `varve.mul`.
Value square(Operand input);
/// 1 / x. **Types** floats. **Throws** `Error` for another type. **IR** `varve.div`.
Value reciprocal(Operand input);
/// True where x is NaN. **Types** numbers; the result is bool, as of the next three. **IR** `varve.compare`.
Value isnan(Operand input);
/// True where x is infinite. **Types** numbers. **IR** `varve.abs` and `varve.compare`.
Value isinf(Operand input);
/// True where x is neither infinite nor NaN. **Types** numbers. **IR** `varve.abs` and `varve.compare`.
Value isfinite(Operand input);
/// True where x has a minus sign, as -0 and some NaN have. **Types** numbers. **IR** `varve.copysign` and `varve.compare`.
Value signbit(Operand input);
/// True where x is false. (There is no operator: `!x` asks whether x is no value at all.) **Types** bool. **Throws** `Error`
/// for another type, as all of the `logical_` functions. **IR** `varve.not`.
Value logical_not(Operand input);
/// Every bit inverted. **Types** integers, bool. **IR** `varve.not`.
Value bitwise_invert(Operand input);

/// How `gelu` is computed: by erf, or by the approximation with tanh.
enum class Approximate { none, tanh };
struct GeluOptions {
  /// Whether it is computed by the approximation.
  Approximate approximate = Approximate::none;
};
/// x * Phi(x), Phi being the distribution function of the normal distribution. **Types** floats. **IR** `varve.gelu`.
/// **Source** https://arxiv.org/abs/1606.08415
Value gelu(Operand input, GeluOptions options = {});

/// lhs + rhs. **Types** numbers. **IR** `varve.add`.
Value add(Operand lhs, Operand rhs);
/// lhs - rhs. **Types** numbers. **IR** `varve.sub`.
Value sub(Operand lhs, Operand rhs);
/// lhs * rhs. **Types** numbers. **IR** `varve.mul`.
Value mul(Operand lhs, Operand rhs);
/// lhs / rhs; integers round down, and x / 0 is 0 for them. **Types** numbers. **IR** `varve.div`.
Value div(Operand lhs, Operand rhs);
/// lhs / rhs, rounded down; x / 0 is 0 for integers. **Types** numbers. **IR** `varve.floor_divide`.
Value floor_divide(Operand lhs, Operand rhs);
/// What `floor_divide` leaves of lhs, exactly: it has the sign of rhs, as Python's `%`. Of integers that of 0 is 0.
/// **Types** numbers. **IR** `varve.remainder`.
Value remainder(Operand lhs, Operand rhs);
/// lhs to the power of rhs. **Types** floats. **IR** `varve.pow`.
Value pow(Operand lhs, Operand rhs);
/// The angle of the point (x, y), in radians from -pi to pi. **Types** floats. **IR** `varve.atan2`.
Value atan2(Operand y, Operand x);
/// sqrt(lhs^2 + rhs^2), which overflows only if the result does. **Types** floats; f16 and bf16 are computed in f32.
/// **IR** that of the formula: `varve.abs`, `varve.maximum`, `varve.div`, `varve.sqrt` and others.
Value hypot(Operand lhs, Operand rhs);
/// log(exp(lhs) + exp(rhs)), which overflows only if the result does. **Types** floats; f16 and bf16 are computed in f32.
/// **IR** that of the formula: `varve.maximum`, `varve.exp`, `varve.log1p` and others.
Value logaddexp(Operand lhs, Operand rhs);
/// |lhs| with the sign of rhs. **Types** floats. **IR** `varve.copysign`.
Value copysign(Operand lhs, Operand rhs);
/// The number of the element type that is next to lhs toward rhs; rhs if they are equal. **Types** floats.
/// **IR** `varve.nextafter`.
Value nextafter(Operand lhs, Operand rhs);
/// The greater one; NaN if either is NaN. **Types** numbers. **IR** `varve.maximum`.
Value maximum(Operand lhs, Operand rhs);
/// The lesser one; NaN if either is NaN. **Types** numbers. **IR** `varve.minimum`.
Value minimum(Operand lhs, Operand rhs);
struct ClipOptions {
  /// The bounds; none: no bound.
  std::optional<Operand> low = {}, high = {};
};
/// The input, where it lies between both bounds; else the bound. NaN if one of them is. **Types** numbers.
/// **IR** `varve.maximum` and `varve.minimum`; only one of them, or none, for bounds that are not given.
Value clip(Operand input, ClipOptions bounds);
/// True where both are. **Types** bool. **IR** `varve.and`.
Value logical_and(Operand lhs, Operand rhs);
/// True where one is, or both. **Types** bool. **IR** `varve.or`.
Value logical_or(Operand lhs, Operand rhs);
/// True where one is, not both. **Types** bool. **IR** `varve.xor`.
Value logical_xor(Operand lhs, Operand rhs);
/// Bit by bit, those that both have. **Types** integers, bool. **IR** `varve.and`.
Value bitwise_and(Operand lhs, Operand rhs);
/// Bit by bit, those that one has, or both. **Types** integers, bool. **IR** `varve.or`.
Value bitwise_or(Operand lhs, Operand rhs);
/// Bit by bit, those that one has, not both. **Types** integers, bool. **IR** `varve.xor`.
Value bitwise_xor(Operand lhs, Operand rhs);
/// lhs * 2^rhs, its low bits; 0 if rhs is negative or no less than the width. **Types** integers. **IR** `varve.shift_left`.
Value bitwise_left_shift(Operand lhs, Operand rhs);
/// lhs / 2^rhs, rounded down; where rhs is negative or no less than the width, -1 if lhs is negative, else 0.
/// **Types** integers. **IR** `varve.shift_right`.
Value bitwise_right_shift(Operand lhs, Operand rhs);

/// True where lhs == rhs. **Types** any; the result is bool. **IR** `varve.compare`, as of the other comparisons.
Value equal(Operand lhs, Operand rhs);
/// True where lhs != rhs; with NaN, too. **Types** any; the result is bool. **IR** `varve.compare`.
Value not_equal(Operand lhs, Operand rhs);
/// True where lhs < rhs. **Types** any; the result is bool. **IR** `varve.compare`.
Value less(Operand lhs, Operand rhs);
/// True where lhs <= rhs. **Types** any; the result is bool. **IR** `varve.compare`.
Value less_equal(Operand lhs, Operand rhs);
/// True where lhs > rhs. **Types** any; the result is bool. **IR** `varve.compare`.
Value greater(Operand lhs, Operand rhs);
/// True where lhs >= rhs. **Types** any; the result is bool. **IR** `varve.compare`.
Value greater_equal(Operand lhs, Operand rhs);

/// on_true where condition holds, on_false elsewhere. **Shapes** the three broadcast. **Types** condition bool; the others
/// promote. **Throws** `Error`. **IR** `varve.select`.
Value select(Operand condition, Operand on_true, Operand on_false);
/// The same, by the array API standard's name.
inline Value where(Operand condition, Operand on_true, Operand on_false) {
  return select(condition, on_true, on_false);
}

/// The value in another element type. Floats to integers: toward zero, saturating, NaN to 0. Integers to narrower ones: the low
/// bits. To bool: not equal to zero. **Types** any. **IR** `varve.cast`; nothing if it has that type.
Value cast(Operand input, DType dtype);

inline Value operator-(Operand input) { return neg(input); }
inline Value operator+(Operand lhs, Operand rhs) { return add(lhs, rhs); }
inline Value operator-(Operand lhs, Operand rhs) { return sub(lhs, rhs); }
inline Value operator*(Operand lhs, Operand rhs) { return mul(lhs, rhs); }
inline Value operator/(Operand lhs, Operand rhs) { return div(lhs, rhs); }
inline Value operator%(Operand lhs, Operand rhs) { return remainder(lhs, rhs); }
inline Value operator&(Operand lhs, Operand rhs) { return bitwise_and(lhs, rhs); }
inline Value operator|(Operand lhs, Operand rhs) { return bitwise_or(lhs, rhs); }
inline Value operator^(Operand lhs, Operand rhs) { return bitwise_xor(lhs, rhs); }
inline Value operator<<(Operand lhs, Operand rhs) { return bitwise_left_shift(lhs, rhs); }
inline Value operator>>(Operand lhs, Operand rhs) { return bitwise_right_shift(lhs, rhs); }

} // namespace varve
