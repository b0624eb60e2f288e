// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finds the values in what a layer takes or returns: a value, a list, a tuple, an optional, a struct of such; and what
// they are called there.
// Private to the library's headers.
#pragma once
#include "varve/Value.h"
#include <array>
#include <optional>
#include <string>
#include <string_view>
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
  template <class T> operator T() const { __builtin_unreachable(); } // NOLINT(google-explicit-constructor)
};
template <size_t> using Field = AnyField;
template <class T, size_t... I> constexpr bool has_fields(std::index_sequence<I...>) {
  return requires { T{Field<I>{}...}; };
}
/// The number of fields of an aggregate.
template <class T, size_t N = 17> constexpr size_t count_fields() {
  if constexpr (N == 0 || has_fields<T>(std::make_index_sequence<N>())) {
    static_assert(N <= 16 && (N > 0 || std::is_empty_v<T>),
                  "a struct that a layer takes or returns has at most 16 fields, and no references");
    return N;
  } else {
    return count_fields<T, N - 1>();
  }
}

/// The fields of an aggregate as a tuple of references.
template <class T> constexpr auto fields(T &object) {
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
  } else if constexpr (count == 9) {
    auto &[a, b, c, d, e, f, g, h, i] = object;
    return std::tie(a, b, c, d, e, f, g, h, i);
  } else if constexpr (count == 10) {
    auto &[a, b, c, d, e, f, g, h, i, j] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (count == 11) {
    auto &[a, b, c, d, e, f, g, h, i, j, k] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k);
  } else if constexpr (count == 12) {
    auto &[a, b, c, d, e, f, g, h, i, j, k, l] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (count == 13) {
    auto &[a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m);
  } else if constexpr (count == 14) {
    auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  } else if constexpr (count == 15) {
    auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  } else if constexpr (count == 16) {
    auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
    return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  } else {
    return std::tuple<>();
  }
}

template <class T> struct Box {
  T object;
};
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-internal"
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif
/// Never defined: only the names of its fields are asked for.
template <class T> extern const Box<T> unseen;
template <class T, size_t I> constexpr auto field_of_unseen() { return &std::get<I>(fields(unseen<T>.object)); }
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
template <class Pointer> struct FieldAddress {
  Pointer pointer;
};
template <FieldAddress address> constexpr std::string_view address_text() { return __PRETTY_FUNCTION__; }

/// The name of an aggregate's field; "" if the compiler does not tell, as where a field is a reference.
template <class T, size_t I> constexpr std::string_view field_name() {
  if constexpr (requires { address_text<FieldAddress{field_of_unseen<T, I>()}>(); }) {
    // clang: ".. = FieldAddress<..>{&unseen.object.mask}]", g++: ".. {(& unseen<Options>.Box<Options>::object.Options::mask)}; ..]"
    std::string_view text = address_text<FieldAddress{field_of_unseen<T, I>()}>();
    text = text.substr(0, text.find_last_not_of(")}", text.rfind('}')) + 1);
    size_t before = text.find_last_of(".:");
    return before == std::string_view::npos ? "" : text.substr(before + 1);
  } else {
    return "";
  }
}

/// A plain struct, whose fields have names.
template <class T>
concept Struct = std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_same_v<T, Value> && !IsList<T>::value &&
                 !IsOptional<T>::value && !requires { std::tuple_size<T>::value; };

/// Calls fn(name, value) for each value in the object, in order. What is inside an object has the object's name before
/// its own: its place in a list or tuple, "1.0"; in a struct the field's name, "options.mask". Of a struct that is in
/// nothing else, it is the field's name alone.
template <class T, class Fn> void for_each_value(const std::string &name, T &object, Fn &&fn, bool inside = false) {
  using Plain = std::remove_const_t<T>;
  auto inner = [&](size_t i) { return (name.empty() ? name : name + ".") + std::to_string(i); };
  if constexpr (std::is_same_v<Plain, Value>) {
    if (object)
      fn(name, object);
  } else if constexpr (IsList<Plain>::value) {
    if constexpr (!std::is_same_v<Plain, std::vector<bool>>)
      for (size_t i = 0; i < object.size(); ++i)
        for_each_value(inner(i), object[i], fn, true);
  } else if constexpr (IsOptional<Plain>::value) {
    if (object)
      for_each_value(name, *object, fn, inside);
  } else if constexpr (requires { std::tuple_size<Plain>::value; }) {
    std::apply([&, i = size_t(0)](auto &...item) mutable { (for_each_value(inner(i++), item, fn, true), ...); },
               object);
  } else if constexpr (Struct<Plain> && !std::is_empty_v<Plain>) {
    auto all = fields(object);
    [&]<size_t... I>(std::index_sequence<I...>) {
      auto named = [&](size_t i, std::string_view field) {
        return field.empty() ? inner(i) : (inside ? name + "." : "") + std::string(field);
      };
      (for_each_value(named(I, field_name<Plain, I>()), std::get<I>(all), fn, true), ...);
    }(std::make_index_sequence<std::tuple_size_v<decltype(all)>>());
  }
}

} // namespace varve::detail
