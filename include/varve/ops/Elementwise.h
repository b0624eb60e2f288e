// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that work element by element.
//   Value y = select(less(x, 0), exp(x) - 1, x);
//
// Two operands are brought to a common element type as in the array API standard: i8 + i32 is i32, bf16 + f32 is f32, u8 + i32
// is i32. Where the standard has no answer (an integer and a float, bool and a number, f16 and bf16, u8 and i8) they throw
// and ask for a `cast`. A C++ number takes the other operand's type, if that can hold it: 2 * x stays bf16.
#pragma once
#include "varve/Weight.h"

namespace varve {

/// -x. **Shapes** any; the result has the input's, as for all functions of one operand here. **Types** numbers.
/// **Throws** `Error` for another type. **IR** `varve.neg`.
Value neg(Operand input);
/// |x|. **Types** numbers. **IR** `varve.abs`.
Value abs(Operand input);
/// e to the power of x. **Types** floats. **IR** `varve.exp`.
Value exp(Operand input);
/// The natural logarithm. **Types** floats. **IR** `varve.log`.
Value log(Operand input);
/// The square root. **Types** floats. **IR** `varve.sqrt`.
Value sqrt(Operand input);
/// 1 / sqrt(x). **Types** floats. **IR** `varve.rsqrt`.
Value rsqrt(Operand input);
/// The sine, in radians. **Types** floats. **IR** `varve.sin`.
Value sin(Operand input);
/// The cosine, in radians. **Types** floats. **IR** `varve.cos`.
Value cos(Operand input);
/// The hyperbolic tangent. **Types** floats. **IR** `varve.tanh`.
Value tanh(Operand input);
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
/// True where x is false. (There is no operator: `!x` asks whether x is no value at all.) **Types** bool. **IR** `varve.not`.
Value logical_not(Operand input);

/// How `gelu` is computed: by erf, or by the approximation with tanh.
enum class Approximate { none, tanh };
struct GeluOptions {
  Approximate approximate = Approximate::none;
};
/// x * Phi(x), Phi being the distribution function of the normal distribution. **Types** floats. **IR** `varve.gelu`.
/// **Source** https://arxiv.org/abs/1606.08415
Value gelu(Operand input, GeluOptions options = {});

/// lhs + rhs. **Shapes** lhs and rhs broadcast, as for all functions of two operands here: aligned at the last dimension,
/// where one has size 1 or lacks the dimension it takes the other's. **Types** numbers. **Throws** `Error` if shapes do not
/// broadcast or types do not promote. **IR** `varve.add`.
Value add(Operand lhs, Operand rhs);
/// lhs - rhs. **Types** numbers. **IR** `varve.sub`.
Value sub(Operand lhs, Operand rhs);
/// lhs * rhs. **Types** numbers. **IR** `varve.mul`.
Value mul(Operand lhs, Operand rhs);
/// lhs / rhs; integers round down, and x / 0 is 0 for them. **Types** numbers. **IR** `varve.div`.
Value div(Operand lhs, Operand rhs);
/// lhs to the power of rhs. **Types** floats. **IR** `varve.pow`.
Value pow(Operand lhs, Operand rhs);
/// The greater one; NaN if either is NaN. **Types** numbers. **IR** `varve.maximum`.
Value maximum(Operand lhs, Operand rhs);
/// The lesser one; NaN if either is NaN. **Types** numbers. **IR** `varve.minimum`.
Value minimum(Operand lhs, Operand rhs);
/// True where both are. **Types** bool. **IR** `varve.and`.
Value logical_and(Operand lhs, Operand rhs);
/// True where one is, or both. **Types** bool. **IR** `varve.or`.
Value logical_or(Operand lhs, Operand rhs);
/// True where one is, not both. **Types** bool. **IR** `varve.xor`.
Value logical_xor(Operand lhs, Operand rhs);

/// True where lhs == rhs. **Types** any; the result is bool. **IR** `varve.compare`, as for the next five.
Value equal(Operand lhs, Operand rhs);
/// True where lhs != rhs; with NaN, too.
Value not_equal(Operand lhs, Operand rhs);
/// True where lhs < rhs.
Value less(Operand lhs, Operand rhs);
/// True where lhs <= rhs.
Value less_equal(Operand lhs, Operand rhs);
/// True where lhs > rhs.
Value greater(Operand lhs, Operand rhs);
/// True where lhs >= rhs.
Value greater_equal(Operand lhs, Operand rhs);

/// on_true where condition holds, on_false elsewhere. **Shapes** the three broadcast. **Types** condition bool; the others
/// promote. **Throws** `Error`. **IR** `varve.select`.
Value select(Operand condition, Operand on_true, Operand on_false);

/// The value in another element type. Floats to integers: toward zero, saturating, NaN to 0. Integers to narrower ones: the low
/// bits. To bool: not equal to zero. **IR** `varve.cast`; nothing if it has that type.
Value cast(Operand input, DType dtype);

inline Value operator-(Operand input) { return neg(input); }
inline Value operator+(Operand lhs, Operand rhs) { return add(lhs, rhs); }
inline Value operator-(Operand lhs, Operand rhs) { return sub(lhs, rhs); }
inline Value operator*(Operand lhs, Operand rhs) { return mul(lhs, rhs); }
inline Value operator/(Operand lhs, Operand rhs) { return div(lhs, rhs); }
inline Value operator&(Operand lhs, Operand rhs) { return logical_and(lhs, rhs); }
inline Value operator|(Operand lhs, Operand rhs) { return logical_or(lhs, rhs); }
inline Value operator^(Operand lhs, Operand rhs) { return logical_xor(lhs, rhs); }

} // namespace varve
