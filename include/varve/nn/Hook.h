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

/// Which calls a hook sees: those for which all that is given holds. Globs: `*` is any text, dots too, `?` a character,
/// `[0-3]` one of some, `[!0-3]` none of them.
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

// Ready hooks. Each looks at every output of the calls when the model runs, under the layer's path and the output's name
// ("output" if it is the only one, else "0", "1"). `varve-opt --varve-insert-hooks` does the same to a saved graph.

/// Prints the outputs.
[[nodiscard]] HookHandle print_hook(HookFilter filter = {}, PrintStyle style = PrintStyle::compact,
                                    Site site = Site::current());
/// Prints their minimum, maximum, mean, deviation, and the numbers of NaN and infinities.
[[nodiscard]] HookHandle stats_hook(HookFilter filter = {}, Site site = Site::current());
/// Ends a run at the first output with a NaN or an infinity, with an error that names its layer. Outputs that are no
/// floats pass.
[[nodiscard]] HookHandle check_finite_hook(HookFilter filter = {}, Site site = Site::current());
/// Writes the outputs to `<folder>/<layer path>/<name>.npy`; see `PrintOptions::to`.
[[nodiscard]] HookHandle dump_hook(std::string folder, HookFilter filter = {}, Site site = Site::current());

struct CompareOptions {
  /// |found - expected| <= atol + rtol * |expected|; none: 1e-5 and 1e-8.
  std::optional<double> rtol = {}, atol = {};
};
/// Ends a run at the first output that differs from such a file, with an error that says where and by how much. Another
/// program may have written the files: PyTorch's forward hooks, say.
[[nodiscard]] HookHandle compare_hook(std::string folder, HookFilter filter = {}, CompareOptions options = {},
                                      Site site = Site::current());
/// Makes the outputs taps, which `Session::tap` shows when it is asked for them.
[[nodiscard]] HookHandle tap_hook(HookFilter filter = {}, Site site = Site::current());

} // namespace varve::nn
