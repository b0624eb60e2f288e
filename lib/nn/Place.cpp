// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where layers run. Everything is checked, then anything is changed.
#include "lib/graph/Placement.h"
#include "lib/graph/Record.h"
#include "lib/nn/Tree.h"
#include <algorithm>

using varve::detail::graph_of;
using varve::detail::Placed;
using varve::detail::Placement;

namespace varve::nn {

static void check_devices(const Placement &placement, const std::string &path) {
  auto fail = [&](const std::string &message) { throw Error(message, path, placement.site); };
  const std::vector<Device> &devices = placement.devices;
  if (devices.empty())
    fail("expects at least one device, but got none");
  for (auto device = devices.begin(); device != devices.end(); ++device) {
    if (device->index < 0)
      fail("expects devices such as cpu:0 or cuda:1, but got " + device->str());
    if (std::find(devices.begin(), device, *device) != device)
      fail("expects different devices, but got " + device->str() + " twice");
  }
  const Sharding &sharding = placement.sharding;
  if (sharding.devices() != 0 && sharding.devices() != static_cast<int64_t>(devices.size()))
    fail("expects as many devices as the sharding is made for, but got " + std::to_string(devices.size()) + " and " +
         sharding.str());
}

// Expects a weight that has the axis, of those that a split is meant for.
static void check_axis(LayerBase &layer, const Sharding &sharding, Site site) {
  if (sharding.is_for_layers() || sharding.kind() == Sharding::Kind::replicate)
    return;
  std::string found;
  for (const auto &[name, weight] : layer.raw_state_dict()) {
    if (sharding.fits(static_cast<int64_t>(weight->shape().size())))
      return;
    found += (found.empty() ? "" : ", ") + ("'" + name + "' of type " + weight->type().str());
  }
  if (!found.empty())
    throw Error("expects a weight with axis " + std::to_string(sharding.axis()) + " for " + sharding.str() +
                    ", but got " + found,
                layer.path(), site);
}

void LayerBase::check_placement(const Placement &placement) {
  Placed placed{this, &placement};
  bool experts = placement.sharding.kind() != Sharding::Kind::expert_parallel;
  for (LayerBase *layer : detail::Tree::owned(*this)) {
    if (std::string graph = graph_of(layer->use()); !graph.empty())
      throw Error("expects a layer that no graph has used, but got one that graph '" + graph + "' has used",
                  layer->path(), placement.site);
    Sharding sharding = varve::detail::sharding_of(*layer, placed);
    auto meaning = [&](const std::string &part) {
      experts |= sharding.is_for_layers() && varve::detail::gives_meaning(*layer, part, sharding);
    };
    if (layer == this || varve::detail::sharding_of(*layer->parent(), placed).is_for_layers())
      check_axis(*layer, sharding, placement.site);
    for (const auto &[name, child] : layer->children)
      meaning(name);
    for (const auto &[name, weight] : layer->weights) {
      meaning(name);
      const varve::detail::WeightState &state = *weight->get();
      if (state.owner != layer)
        continue; // is where its own layer is
      if (std::string graph = graph_of(state.use); !graph.empty())
        throw Error("expects weights that no graph has used, but got '" + name + "', which graph '" + graph +
                        "' has used",
                    layer->path(), placement.site);
      split_of(state, placed);
    }
  }
  if (!experts)
    throw Error("expects a layer that gives expert_parallel a meaning, but got none: override sharding_of(part, "
                "sharding) in the layer that has the experts",
                path(), placement.site);
}

void LayerBase::to(const std::vector<Device> &devices, const Sharding &sharding, Site site) {
  auto placement = std::make_shared<const Placement>(Placement{devices, sharding, site});
  check_devices(*placement, path());
  check_placement(*placement);
  for (LayerBase *layer : detail::Tree::owned(*this)) {
    layer->placed = layer == this ? placement : nullptr;
    for (const auto &[name, weight] : layer->weights)
      if (varve::detail::WeightState &state = *weight->get(); state.owner == layer)
        state.placed = nullptr;
  }
}

} // namespace varve::nn
