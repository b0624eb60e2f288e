// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Elementwise.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

static Value unary(std::string_view op, const Operand &input) {
  return record_one(op, {value_of(input, "input")}, {}, site_of(input));
}

Value neg(Operand input) { return unary("varve.neg", input); }
Value abs(Operand input) { return unary("varve.abs", input); }
Value exp(Operand input) { return unary("varve.exp", input); }
Value log(Operand input) { return unary("varve.log", input); }
Value sqrt(Operand input) { return unary("varve.sqrt", input); }
Value rsqrt(Operand input) { return unary("varve.rsqrt", input); }
Value sin(Operand input) { return unary("varve.sin", input); }
Value cos(Operand input) { return unary("varve.cos", input); }
Value tanh(Operand input) { return unary("varve.tanh", input); }
Value erf(Operand input) { return unary("varve.erf", input); }
Value sigmoid(Operand input) { return unary("varve.sigmoid", input); }
Value silu(Operand input) { return unary("varve.silu", input); }
Value relu(Operand input) { return unary("varve.relu", input); }
Value floor(Operand input) { return unary("varve.floor", input); }
Value ceil(Operand input) { return unary("varve.ceil", input); }
Value round(Operand input) { return unary("varve.round", input); }
Value logical_not(Operand input) { return unary("varve.not", input); }

Value gelu(Operand input, GeluOptions options) {
  if (options.approximate == Approximate::none) // the default, which ODS holds
    return unary("varve.gelu", input);
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
Value pow(Operand lhs, Operand rhs) { return binary("varve.pow", lhs, rhs); }
Value maximum(Operand lhs, Operand rhs) { return binary("varve.maximum", lhs, rhs); }
Value minimum(Operand lhs, Operand rhs) { return binary("varve.minimum", lhs, rhs); }
Value logical_and(Operand lhs, Operand rhs) { return binary("varve.and", lhs, rhs); }
Value logical_or(Operand lhs, Operand rhs) { return binary("varve.or", lhs, rhs); }
Value logical_xor(Operand lhs, Operand rhs) { return binary("varve.xor", lhs, rhs); }

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
