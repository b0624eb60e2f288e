// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Weight.h"
#include "lib/graph/Placement.h"
#include "lib/graph/Record.h"

namespace varve {

std::string detail::WeightState::path(const Node *root) const {
  if (!owner)
    throw Error("expects a weight whose layer is there, but the layer that owned '" + name + "' is gone");
  std::string path = weight_path_of(*owner, root);
  return path.empty() ? name : path + "." + name;
}

Site Weight::declared() const {
  const detail::WeightState &shared = *get();
  return shared.site.line() == 0 && shared.owner ? shared.owner->declared() : shared.site;
}

std::optional<detail::Placed> detail::placement_of(const WeightState &weight) {
  if (!weight.owner)
    return {};
  return weight.placed ? Placed{weight.owner, weight.placed.get()} : placement_of(*weight.owner);
}

std::vector<Device> Weight::devices() const {
  std::optional<detail::Placed> placed = detail::placement_of(*get());
  return placed ? placed->placement->devices : std::vector<Device>();
}

Device Weight::device() const {
  std::vector<Device> all = devices();
  return all.empty() ? cpu() : all.front();
}

Sharding Weight::sharding() const {
  std::optional<detail::Placed> placed = detail::placement_of(*get());
  return placed ? detail::sharding_of(*get(), *placed) : Sharding::replicate();
}

Value Weight::use(Site site) const { return detail::record_use(get(), site); }

std::string Buffer::path() const {
  std::string path = layer->path();
  return path.empty() ? own_name : path + "." + own_name;
}

} // namespace varve
