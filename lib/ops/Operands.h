// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From what the author wrote to operands of an op: numbers become constants, element types are promoted.
#pragma once
#include "lib/graph/Record.h"
#include <string_view>

namespace varve {

struct OperandAccess {
  static Site site(const Operand &operand) { return operand.site; }
  static bool is_value(const Operand &operand) { return operand.kind == Operand::Kind::value; }
  static Value value(const Operand &operand) { return operand.value; }
  /// The same, written at another line: one in an optional has that of the standard library.
  static Operand at(Operand operand, Site site) {
    operand.site = site;
    return operand;
  }
  /// The number as a tensor without dimensions. **Throws** `Error` if the type does not hold it.
  static Tensor number(const Operand &operand, DType dtype);
};

namespace detail {

inline Site site_of(const Operand &operand) { return OperandAccess::site(operand); }
/// The value. **Throws** `Error` for a number.
Value value_of(const Operand &operand, std::string_view name);
/// The value, or a constant of that type.
Value value_of(const Operand &operand, DType dtype);
/// The element type that both have in the result, by the array API's rules.
/// **Throws** `Error` if there is none.
DType common_dtype(DType lhs, DType rhs, std::string_view names, Site site);
/// Both with their common element type; inserts casts.
std::pair<Value, Value> promote(const Operand &lhs, const Operand &rhs, std::string_view names = "lhs and rhs");

/// **Throws** `Error`: a number that was made an enumerator, and is none.
template <class Enum> [[noreturn]] void fail_enum(std::string_view what, Enum value, Site site) {
  fail("expects " + std::string(what) + ", but got the value " + std::to_string(static_cast<int>(value)), site);
}

/// A list for the spatial axes of input [batch, channels, spatial..]: one number stands for all of them.
template <class T> void fill_axes(std::vector<T> &numbers, Value input) {
  if (numbers.size() == 1 && input.rank() > 3)
    numbers.resize(static_cast<size_t>(input.rank() - 2), numbers[0]);
}
/// A list that says more than its default.
inline void add_numbers(std::vector<Attribute> &attributes, std::string_view name,
                        const std::vector<int64_t> &numbers) {
  if (!numbers.empty())
    attributes.push_back({name, std::span<const int64_t>(numbers)});
}

} // namespace detail
} // namespace varve
