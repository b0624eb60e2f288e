// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Weight.h"
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

Value Weight::use(Site site) const { return detail::record_use(get(), site); }

std::string Buffer::path() const {
  std::string path = layer->path();
  return path.empty() ? own_name : path + "." + own_name;
}

} // namespace varve
