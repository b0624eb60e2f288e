// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/ops/Operands.h"
#include <cmath>
#include <limits>

namespace varve {
namespace {

template <class T> Tensor filled(T value) { return Tensor::from<T>({}, {value}); }

// The integer in the type T, or nothing if it does not fit.
template <class T> Tensor integer_as(int64_t value) {
  if (value < static_cast<int64_t>(std::numeric_limits<T>::min()) ||
      value > static_cast<int64_t>(std::numeric_limits<T>::max()))
    return {};
  return filled(static_cast<T>(value));
}

// The number in a float type, or nothing if it is finite and would become infinite.
Tensor real_as(double value, DType dtype) {
  auto narrow = static_cast<float>(value);
  Tensor tensor = dtype == f32 ? filled(narrow) : dtype == f16 ? filled(Half(narrow)) : filled(BFloat16(narrow));
  bool overflows = std::isfinite(value) && !std::isfinite(tensor.to_vector<float>()[0]);
  return overflows ? Tensor() : tensor;
}

} // namespace

Tensor OperandAccess::number(const Operand &operand, DType dtype) {
  using Kind = Operand::Kind;
  Tensor tensor;
  if (operand.kind == Kind::boolean) {
    if (dtype == boolean)
      tensor = filled(operand.integer != 0);
  } else if (is_floating(dtype)) {
    tensor = real_as(operand.kind == Kind::real ? operand.real : static_cast<double>(operand.integer), dtype);
  } else if (operand.kind == Kind::integer) {
    tensor = dtype == i8    ? integer_as<int8_t>(operand.integer)
             : dtype == u8  ? integer_as<uint8_t>(operand.integer)
             : dtype == i32 ? integer_as<int32_t>(operand.integer)
             : dtype == i64 ? filled(operand.integer)
                            : Tensor();
  }
  if (tensor)
    return tensor;
  std::string number = operand.kind == Kind::boolean   ? (operand.integer ? "true" : "false")
                       : operand.kind == Kind::integer ? std::to_string(operand.integer)
                                                       : std::to_string(operand.real);
  detail::fail("expects a number that " + std::string(name_of(dtype)) + " holds, but got " + number +
                   ": cast the value, or the number",
               operand.site);
}

namespace detail {

Value value_of(const Operand &operand, std::string_view name) {
  if (!OperandAccess::is_value(operand))
    fail("expects a value as " + std::string(name) + ", but got a number", site_of(operand));
  expect_usable(OperandAccess::value(operand), site_of(operand));
  return OperandAccess::value(operand);
}

Value value_of(const Operand &operand, DType dtype) {
  if (OperandAccess::is_value(operand))
    return OperandAccess::value(operand);
  return record_one("varve.constant", {}, {{"value", OperandAccess::number(operand, dtype)}}, site_of(operand));
}

DType common_dtype(DType lhs, DType rhs, std::string_view names, Site site) {
  if (lhs == rhs)
    return lhs;
  DType narrow = size_of(lhs) < size_of(rhs) ? lhs : rhs, wide = narrow == lhs ? rhs : lhs;
  if (size_of(lhs) != size_of(rhs) && ((is_floating(lhs) && is_floating(rhs)) || (is_integer(lhs) && is_integer(rhs))))
    return wide;
  fail("expects " + std::string(names) + " of element types that have a common one, but got " +
           std::string(name_of(lhs)) + " and " + std::string(name_of(rhs)) + ": cast one of them",
       site);
}

static Value cast_to(Value value, DType dtype, Site site) {
  return value.dtype() == dtype ? value : record_one("varve.cast", {value}, {{"dtype", dtype}}, site);
}

std::pair<Value, Value> promote(const Operand &lhs, const Operand &rhs, std::string_view names) {
  bool left = OperandAccess::is_value(lhs), right = OperandAccess::is_value(rhs);
  for (const Operand &operand : {lhs, rhs})
    if (OperandAccess::is_value(operand))
      expect_usable(OperandAccess::value(operand), site_of(operand));
  if (!left && !right)
    fail("expects a value among " + std::string(names) + ", but got two numbers", site_of(lhs));
  if (!left || !right) {
    DType dtype = OperandAccess::value(left ? lhs : rhs).dtype();
    return {value_of(lhs, dtype), value_of(rhs, dtype)};
  }
  Value a = OperandAccess::value(lhs), b = OperandAccess::value(rhs);
  DType dtype = common_dtype(a.dtype(), b.dtype(), names, site_of(lhs));
  return {cast_to(a, dtype, site_of(lhs)), cast_to(b, dtype, site_of(rhs))};
}

} // namespace detail
} // namespace varve
