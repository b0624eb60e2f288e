// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls of a layer that was put in another's place: the caller knows the types of the arguments, the layer those of its
// `forward`, and neither knows the other's. Private to the library's headers.
#pragma once
#include "varve/Value.h"
#include "varve/Weight.h"
#include <any>
#include <functional>
#include <memory>
#include <tuple>
#include <vector>

namespace varve::nn {

class LayerBase;

namespace detail {

/// A layer, and how it is called.
struct StandIn {
  std::unique_ptr<LayerBase> layer;
  /// What it returns (`Nothing` for void); nothing at all if it does not take these arguments.
  std::function<std::any(const std::vector<std::any> &arguments, Site site)> call;
};
struct Nothing {};

/// An argument as it travels: what is a value, as a `Value`.
template <class A> std::any box(A &&argument) {
  using Plain = std::decay_t<A>;
  if constexpr (std::is_same_v<Plain, Value>)
    return argument;
  else if constexpr (std::is_base_of_v<Weight, Plain>)
    return static_cast<Value>(argument);
  else if constexpr (std::is_copy_constructible_v<Plain>)
    return Plain(std::forward<A>(argument));
  else
    return {};
}

/// The types that a `forward` takes; of an overloaded one, values.
template <class F> struct Takes {
  using type = std::tuple<Value, Value, Value, Value, Value, Value, Value, Value>;
};
template <class L, class R, class... P> struct Takes<R (L::*)(P...)> {
  using type = std::tuple<std::decay_t<P>...>;
};
template <class L, class R, class... P> struct Takes<R (L::*)(P...) const> {
  using type = std::tuple<std::decay_t<P>...>;
};
template <class L> auto takes_of() {
  if constexpr (requires { &L::forward; })
    return Takes<decltype(&L::forward)>();
  else
    return Takes<void>();
}

/// Calls the layer if it takes these arguments, with or without those that its `forward` has defaults for.
template <class L> std::any call_boxed(L &layer, const std::vector<std::any> &arguments, Site site) {
  using Types = typename decltype(takes_of<L>())::type;
  std::any result;
  auto attempt = [&]<size_t... I>(std::index_sequence<I...>) {
    if constexpr (requires(std::tuple_element_t<I, Types> &...each) { layer.forward(each...); }) {
      if (arguments.size() != sizeof...(I) || !(std::any_cast<std::tuple_element_t<I, Types>>(&arguments[I]) && ...))
        return;
      std::tuple<std::tuple_element_t<I, Types>...> each{
          *std::any_cast<std::tuple_element_t<I, Types>>(&arguments[I])...};
      if constexpr (std::is_void_v<decltype(layer.forward(std::get<I>(each)...))>) {
        layer(std::get<I>(each)..., site);
        result = Nothing();
      } else {
        result = layer(std::get<I>(each)..., site);
      }
    }
  };
  auto all = [&]<size_t... N>(std::index_sequence<N...>) { (attempt(std::make_index_sequence<N>()), ...); };
  all(std::make_index_sequence<std::tuple_size_v<Types> + 1>());
  return result;
}

/// **Throws** `Error`: the layer that stands in for another does not take, or return, what that one does.
[[noreturn]] void refuse_call(const LayerBase &layer, const StandIn &other, size_t arguments, bool takes, Site site);

template <class Result>
Result call_instead(const LayerBase &layer, const StandIn &other, const std::vector<std::any> &arguments, Site site) {
  std::any result = other.call(arguments, site);
  if constexpr (std::is_void_v<Result>) {
    if (!result.has_value())
      refuse_call(layer, other, arguments.size(), false, site);
  } else {
    if (auto *value = std::any_cast<Result>(&result))
      return std::move(*value);
    refuse_call(layer, other, arguments.size(), result.has_value(), site);
  }
}

} // namespace detail
} // namespace varve::nn
