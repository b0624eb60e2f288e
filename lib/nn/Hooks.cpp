// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ready hooks. lib/passes/InsertHooks.cpp adds the same to a graph that is recorded already.
#include "lib/graph/Record.h"
#include "varve/nn/Hook.h"
#include "varve/ops/Structure.h"
#include <algorithm>
#include <map>

namespace varve::nn {
namespace {

HookHandle printing(PrintOptions options, HookFilter filter, Site site) {
  return add_layer_hook(
      [options = std::move(options), site](const LayerCall &call) {
        for (const auto &[name, value] : call.outputs)
          if (options.style != PrintStyle::finite || is_floating(value.dtype()))
            value.print(name, options, site);
      },
      std::move(filter), site);
}

} // namespace

HookHandle print_hook(HookFilter filter, PrintStyle style, Site site) {
  return printing({.style = style}, std::move(filter), site);
}

HookHandle stats_hook(HookFilter filter, Site site) {
  return printing({.style = PrintStyle::statistics}, std::move(filter), site);
}

HookHandle check_finite_hook(HookFilter filter, Site site) {
  return printing({.style = PrintStyle::finite}, std::move(filter), site);
}

HookHandle dump_hook(std::string folder, HookFilter filter, Site site) {
  return printing({.style = PrintStyle::dump, .to = std::move(folder)}, std::move(filter), site);
}

HookHandle compare_hook(std::string folder, HookFilter filter, CompareOptions options, Site site) {
  return printing({.style = PrintStyle::compare, .to = std::move(folder), .rtol = options.rtol, .atol = options.atol},
                  std::move(filter), site);
}

HookHandle tap_hook(HookFilter filter, Site site) {
  return add_layer_hook(
      [site](const LayerCall &call) {
        // Taps in the order in which their operands were made: a layer hands out its results in the order of their
        // definition, and should do so as if there were no taps. A value that is two outputs has one tap.
        std::map<uint32_t, Value> by_slot;
        for (const auto &[name, value] : call.outputs)
          by_slot.emplace(ValueAccess::slot(value), value);
        for (auto &[slot, tap] : by_slot) {
          auto named = std::find_if(call.outputs.begin(), call.outputs.end(),
                                    [&, value = tap](const auto &output) { return output.second == value; });
          tap = identity({tap, site}, named->first);
        }
        std::vector<Value> taps;
        for (const auto &[name, value] : call.outputs)
          taps.push_back(by_slot.at(ValueAccess::slot(value)));
        return taps;
      },
      std::move(filter), site);
}

} // namespace varve::nn
