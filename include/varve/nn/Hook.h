// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hooks: functions that see each call of a layer while a graph is recorded, and may add to it or replace its outputs.
//   auto hook = nn::add_layer_hook([&](const nn::LayerCall &call) { hidden.push_back(call.outputs[0].second); });
#pragma once
#include "varve/nn/Layer.h"
#include <functional>
#include <optional>

namespace varve::nn {

/// The call of a layer, as a hook sees it.
struct LayerCall {
  LayerBase &layer;
  /// From the model's root; called again, with `#1` and so on.
  std::string path;
  std::string_view kind;
  /// The values in the arguments, by place: "0", "1"; one inside a list "1.0". Those of a struct are called as its
  /// fields: "mask", "hidden.0"; of a second one with the same field, "1.mask".
  Named<Value> arguments;
  /// The values in the result: "output" if it is one value, else by place, or as the struct's fields are called.
  Named<Value> outputs;
  /// The line of the call.
  Site site;
};

/// Which calls a hook sees: those for which all that is given holds. Patterns: `*` stands for anything.
struct HookFilter {
  std::string path = "*";
  std::string kind = "*";
  const LayerBase *layer = nullptr;
};

/// Removes its hook when it goes. Only in the thread that made it.
class HookHandle {
public:
  explicit HookHandle(uint64_t id) : id(id) {}
  HookHandle(HookHandle &&other) noexcept : id(std::exchange(other.id, 0)) {}
  HookHandle &operator=(HookHandle &&other) noexcept {
    std::swap(id, other.id);
    return *this;
  }
  ~HookHandle() { remove(); }
  void remove();

private:
  uint64_t id;
};

namespace detail {
using HookFunction = std::function<std::optional<std::vector<Value>>(const LayerCall &)>;
HookHandle add_hook(HookFunction function, HookFilter filter, bool before, Site site);
} // namespace detail

/// After each call of a layer in this thread: `fn(call)`, in the order in which hooks were added. What fn records is in the
/// layer's region. It returns nothing, or what replaces the outputs: a value, or a list of them.
/// **Throws** `Error`, while recording, that names this line, for a replacement of another number or type.
template <class Fn>
[[nodiscard]] HookHandle add_layer_hook(Fn fn, HookFilter filter = {}, Site site = Site::current()) {
  auto hook = [fn = std::move(fn)](const LayerCall &call) mutable -> std::optional<std::vector<Value>> {
    using Result = std::invoke_result_t<Fn &, const LayerCall &>;
    if constexpr (std::is_void_v<Result>) {
      fn(call);
      return std::nullopt;
    } else if constexpr (std::is_same_v<Result, Value>) {
      return std::vector<Value>{fn(call)};
    } else {
      return fn(call);
    }
  };
  return detail::add_hook(std::move(hook), std::move(filter), /*before=*/false, site);
}

/// Before each call of a layer: `fn(call)`, the call having no outputs yet.
template <class Fn>
[[nodiscard]] HookHandle add_layer_pre_hook(Fn fn, HookFilter filter = {}, Site site = Site::current()) {
  auto hook = [fn = std::move(fn)](const LayerCall &call) mutable -> std::optional<std::vector<Value>> {
    fn(call);
    return std::nullopt;
  };
  return detail::add_hook(std::move(hook), std::move(filter), /*before=*/true, site);
}

/// Removes all hooks of this thread.
void clear_hooks();

/// A hook that prints each output of the calls when the model runs, after the layer's path.
[[nodiscard]] HookHandle print_hook(HookFilter filter = {}, PrintStyle style = PrintStyle::compact,
                                    Site site = Site::current());

} // namespace varve::nn
