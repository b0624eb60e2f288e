// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finds the values in what a layer takes or returns: a value, a list, a tuple, an optional, a struct of such.
// Private to the library's headers.
#pragma once
#include "varve/Value.h"
#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace varve::detail {

template <class T> struct IsList : std::false_type {};
template <class T, class A> struct IsList<std::vector<T, A>> : std::true_type {};
template <class T> struct IsOptional : std::false_type {};
template <class T> struct IsOptional<std::optional<T>> : std::true_type {};

/// Anything that a field of a struct may be made of; for counting the fields.
struct AnyField {
  template <class T> operator T() const; // NOLINT(google-explicit-constructor)
};
template <size_t> using Field = AnyField;
template <class T, size_t... I> constexpr bool has_fields(std::index_sequence<I...>) {
  return requires { T{Field<I>{}...}; };
}
/// The number of fields of an aggregate, 8 at most.
template <class T, size_t N = 8> constexpr size_t count_fields() {
  if constexpr (N == 0 || has_fields<T>(std::make_index_sequence<N>()))
    return N;
  else
    return count_fields<T, N - 1>();
}

/// The fields of an aggregate as a tuple of references.
template <class T> auto fields(T &object) {
  constexpr size_t count = count_fields<std::remove_const_t<T>>();
  if constexpr (count == 1) {
    auto &[a] = object;
    return std::tie(a);
  } else if constexpr (count == 2) {
    auto &[a, b] = object;
    return std::tie(a, b);
  } else if constexpr (count == 3) {
    auto &[a, b, c] = object;
    return std::tie(a, b, c);
  } else if constexpr (count == 4) {
    auto &[a, b, c, d] = object;
    return std::tie(a, b, c, d);
  } else if constexpr (count == 5) {
    auto &[a, b, c, d, e] = object;
    return std::tie(a, b, c, d, e);
  } else if constexpr (count == 6) {
    auto &[a, b, c, d, e, f] = object;
    return std::tie(a, b, c, d, e, f);
  } else if constexpr (count == 7) {
    auto &[a, b, c, d, e, f, g] = object;
    return std::tie(a, b, c, d, e, f, g);
  } else if constexpr (count == 8) {
    auto &[a, b, c, d, e, f, g, h] = object;
    return std::tie(a, b, c, d, e, f, g, h);
  } else {
    return std::tuple<>();
  }
}

/// Calls fn(name, value) for each value in the object, in order. The name of one inside is its place: "1.0".
template <class T, class Fn> void for_each_value(const std::string &name, T &object, Fn &&fn) {
  using Plain = std::remove_const_t<T>;
  auto inner = [&](size_t i) { return (name.empty() ? name : name + ".") + std::to_string(i); };
  auto each = [&](auto &&tuple) {
    std::apply([&, i = size_t(0)](auto &...item) mutable { (for_each_value(inner(i++), item, fn), ...); }, tuple);
  };
  if constexpr (std::is_same_v<Plain, Value>) {
    if (object)
      fn(name, object);
  } else if constexpr (IsList<Plain>::value) {
    if constexpr (!std::is_same_v<Plain, std::vector<bool>>)
      for (size_t i = 0; i < object.size(); ++i)
        for_each_value(inner(i), object[i], fn);
  } else if constexpr (IsOptional<Plain>::value) {
    if (object)
      for_each_value(name, *object, fn);
  } else if constexpr (requires { std::tuple_size<Plain>::value; }) {
    each(object);
  } else if constexpr (std::is_class_v<Plain> && std::is_aggregate_v<Plain>) {
    each(fields(object));
  }
}

} // namespace varve::detail
