// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Elementwise.h"
#include "lib/ops/Operands.h"
#include <limits>
#include <tuple>

using namespace varve::detail;

namespace varve {

static Value unary(std::string_view op, const Operand &input) {
  return record_one(op, {value_of(input, "input")}, {}, site_of(input));
}

Value neg(Operand input) { return unary("varve.neg", input); }
Value abs(Operand input) { return unary("varve.abs", input); }
Value exp(Operand input) { return unary("varve.exp", input); }
Value exp2(Operand input) { return unary("varve.exp2", input); }
Value expm1(Operand input) { return unary("varve.expm1", input); }
Value log(Operand input) { return unary("varve.log", input); }
Value log1p(Operand input) { return unary("varve.log1p", input); }
Value log2(Operand input) { return unary("varve.log2", input); }
Value log10(Operand input) { return unary("varve.log10", input); }
Value sqrt(Operand input) { return unary("varve.sqrt", input); }
Value rsqrt(Operand input) { return unary("varve.rsqrt", input); }
Value sin(Operand input) { return unary("varve.sin", input); }
Value cos(Operand input) { return unary("varve.cos", input); }
Value tan(Operand input) { return unary("varve.tan", input); }
Value asin(Operand input) { return unary("varve.asin", input); }
Value acos(Operand input) { return unary("varve.acos", input); }
Value atan(Operand input) { return unary("varve.atan", input); }
Value sinh(Operand input) { return unary("varve.sinh", input); }
Value cosh(Operand input) { return unary("varve.cosh", input); }
Value tanh(Operand input) { return unary("varve.tanh", input); }
Value asinh(Operand input) { return unary("varve.asinh", input); }
Value acosh(Operand input) { return unary("varve.acosh", input); }
Value atanh(Operand input) { return unary("varve.atanh", input); }
Value erf(Operand input) { return unary("varve.erf", input); }
Value sigmoid(Operand input) { return unary("varve.sigmoid", input); }
Value silu(Operand input) { return unary("varve.silu", input); }
Value relu(Operand input) { return unary("varve.relu", input); }
Value floor(Operand input) { return unary("varve.floor", input); }
Value ceil(Operand input) { return unary("varve.ceil", input); }
Value round(Operand input) { return unary("varve.round", input); }
Value trunc(Operand input) { return unary("varve.trunc", input); }
Value sign(Operand input) { return unary("varve.sign", input); }
Value positive(Operand input) { return value_of(input, "input"); }
Value square(Operand input) { return mul(input, input); }
Value bitwise_invert(Operand input) { return unary("varve.not", input); }

// Throws unless the value is of the kind that a composed function, or one that shares its op, is for.
static void expect(bool holds, std::string_view kind, std::string_view name, const Operand &operand) {
  if (!holds)
    fail("expects " + std::string(name) + " of " + std::string(kind) + ", but got " +
             std::string(name_of(value_of(operand, name).dtype())),
         site_of(operand));
}
static void expect_float(const Operand &operand, std::string_view name) {
  expect(is_floating(value_of(operand, name).dtype()), "floats", name, operand);
}
// Numbers become what they are used with, so only values are asked.
static void expect_bool(const Operand &operand, std::string_view name) {
  if (OperandAccess::is_value(operand))
    expect(value_of(operand, name).dtype() == boolean, "bool", name, operand);
}

Value logical_not(Operand input) {
  expect_bool(input, "input");
  return unary("varve.not", input);
}

// A value or a number at the line of an operand: what is composed of several ops has the author's line in each.
template <class T> static Operand at(T value, const Operand &other) { return {value, site_of(other)}; }
static constexpr double infinity = std::numeric_limits<double>::infinity();

Value reciprocal(Operand input) {
  expect_float(input, "input");
  return div(at(1, input), input);
}

static void expect_number(const Operand &operand, std::string_view name) {
  expect(value_of(operand, name).dtype() != boolean, "numbers", name, operand);
}

Value isnan(Operand input) {
  expect_number(input, "input");
  return not_equal(input, input);
}

Value isinf(Operand input) {
  expect_number(input, "input");
  if (is_integer(value_of(input, "input").dtype()))
    return isnan(input);
  return equal(at(abs(input), input), at(infinity, input));
}

Value isfinite(Operand input) {
  expect_number(input, "input");
  if (is_integer(value_of(input, "input").dtype()))
    return equal(input, input);
  return less(at(abs(input), input), at(infinity, input));
}

Value signbit(Operand input) {
  expect_number(input, "input");
  if (is_integer(value_of(input, "input").dtype()))
    return less(input, at(0, input));
  return less(at(copysign(at(1, input), input), input), at(0, input));
}

Value gelu(Operand input, GeluOptions options) {
  if (options.approximate == Approximate::none) // the default, which ODS holds
    return unary("varve.gelu", input);
  if (options.approximate != Approximate::tanh)
    fail_enum("an approximation of gelu", options.approximate, site_of(input));
  return record_one("varve.gelu", {value_of(input, "input")}, {{"approximate", std::string_view("tanh")}},
                    site_of(input));
}

static Value binary(std::string_view op, const Operand &lhs, const Operand &rhs) {
  auto [left, right] = promote(lhs, rhs);
  return record_one(op, {left, right}, {}, site_of(lhs));
}

Value add(Operand lhs, Operand rhs) { return binary("varve.add", lhs, rhs); }
Value sub(Operand lhs, Operand rhs) { return binary("varve.sub", lhs, rhs); }
Value mul(Operand lhs, Operand rhs) { return binary("varve.mul", lhs, rhs); }
Value div(Operand lhs, Operand rhs) { return binary("varve.div", lhs, rhs); }
Value floor_divide(Operand lhs, Operand rhs) { return binary("varve.floor_divide", lhs, rhs); }
Value remainder(Operand lhs, Operand rhs) { return binary("varve.remainder", lhs, rhs); }
Value atan2(Operand y, Operand x) { return binary("varve.atan2", y, x); }
Value copysign(Operand lhs, Operand rhs) { return binary("varve.copysign", lhs, rhs); }
Value nextafter(Operand lhs, Operand rhs) { return binary("varve.nextafter", lhs, rhs); }
Value pow(Operand lhs, Operand rhs) { return binary("varve.pow", lhs, rhs); }
Value maximum(Operand lhs, Operand rhs) { return binary("varve.maximum", lhs, rhs); }
Value minimum(Operand lhs, Operand rhs) { return binary("varve.minimum", lhs, rhs); }
Value bitwise_and(Operand lhs, Operand rhs) { return binary("varve.and", lhs, rhs); }
Value bitwise_or(Operand lhs, Operand rhs) { return binary("varve.or", lhs, rhs); }
Value bitwise_xor(Operand lhs, Operand rhs) { return binary("varve.xor", lhs, rhs); }
Value bitwise_left_shift(Operand lhs, Operand rhs) { return binary("varve.shift_left", lhs, rhs); }
Value bitwise_right_shift(Operand lhs, Operand rhs) { return binary("varve.shift_right", lhs, rhs); }

static Value logical(std::string_view op, const Operand &lhs, const Operand &rhs) {
  expect_bool(lhs, "lhs");
  expect_bool(rhs, "rhs");
  return binary(op, lhs, rhs);
}

Value logical_and(Operand lhs, Operand rhs) { return logical("varve.and", lhs, rhs); }
Value logical_or(Operand lhs, Operand rhs) { return logical("varve.or", lhs, rhs); }
Value logical_xor(Operand lhs, Operand rhs) { return logical("varve.xor", lhs, rhs); }

Value clip(Operand input, ClipOptions bounds) {
  Value value = value_of(input, "input");
  if (bounds.low)
    value = maximum(at(value, input), OperandAccess::at(*bounds.low, site_of(input)));
  return bounds.high ? minimum(at(value, input), OperandAccess::at(*bounds.high, site_of(input))) : value;
}

// Both in f32, and the type that the result has.
static std::tuple<Operand, Operand, DType> in_f32(const Operand &lhs, const Operand &rhs) {
  auto [left, right] = promote(lhs, rhs);
  DType dtype = left.dtype();
  expect(is_floating(dtype), "floats", "lhs and rhs", at(left, lhs));
  return {at(cast(at(left, lhs), f32), lhs), at(cast(at(right, lhs), f32), lhs), dtype};
}

Value hypot(Operand lhs, Operand rhs) {
  auto [x, y, dtype] = in_f32(lhs, rhs);
  auto here = [&](auto value) { return at(value, lhs); };
  Operand a = here(abs(x)), b = here(abs(y)), most = here(maximum(a, b)), least = here(minimum(a, b));
  Operand by = here(select(here(equal(most, here(0))), here(1), most)); // of 0 and 0 there is no ratio
  Operand ratio = here(div(least, by));
  Operand size = here(mul(most, here(sqrt(here(add(here(1), here(square(ratio))))))));
  Operand either = here(logical_or(here(isinf(a)), here(isinf(b)))); // even if the other is NaN
  return cast(here(select(either, here(infinity), size)), dtype);
}

Value logaddexp(Operand lhs, Operand rhs) {
  auto [x, y, dtype] = in_f32(lhs, rhs);
  auto here = [&](auto value) { return at(value, lhs); };
  // Equal ones may be infinite: these have no difference.
  Operand distance = here(neg(here(abs(here(sub(x, y))))));
  distance = here(select(here(equal(x, y)), here(0), distance));
  return cast(here(add(here(maximum(x, y)), here(log1p(here(exp(distance)))))), dtype);
}

static Value compare(std::string_view predicate, const Operand &lhs, const Operand &rhs) {
  auto [left, right] = promote(lhs, rhs);
  return record_one("varve.compare", {left, right}, {{"predicate", predicate}}, site_of(lhs));
}

Value equal(Operand lhs, Operand rhs) { return compare("eq", lhs, rhs); }
Value not_equal(Operand lhs, Operand rhs) { return compare("ne", lhs, rhs); }
Value less(Operand lhs, Operand rhs) { return compare("lt", lhs, rhs); }
Value less_equal(Operand lhs, Operand rhs) { return compare("le", lhs, rhs); }
Value greater(Operand lhs, Operand rhs) { return compare("gt", lhs, rhs); }
Value greater_equal(Operand lhs, Operand rhs) { return compare("ge", lhs, rhs); }

Value select(Operand condition, Operand on_true, Operand on_false) {
  Value holds = value_of(condition, boolean);
  auto [yes, no] = promote(on_true, on_false, "on_true and on_false");
  return record_one("varve.select", {holds, yes, no}, {}, site_of(condition));
}

Value cast(Operand input, DType dtype) {
  Value value = value_of(input, dtype);
  if (value.dtype() == dtype)
    return value;
  return record_one("varve.cast", {value}, {{"dtype", dtype}}, site_of(input));
}

} // namespace varve
