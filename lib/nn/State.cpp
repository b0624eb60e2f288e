// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The weights of a tree by name: listing, saving, sharing. Load.cpp gives them values.
#include "lib/graph/Record.h"
#include "lib/nn/Glob.h"
#include "lib/nn/Tree.h"
#include <algorithm>
#include <set>

using varve::detail::WeightState;

namespace varve::nn {

using detail::Tree;

Named<LayerBase *> LayerBase::recursive_named_layers(const std::string &prefix) { return Tree::layers(*this, prefix); }

static std::string layer_text(const Tree::Entry &entry) {
  std::string path = entry.layer->path();
  return (path.empty() ? "the model" : "'" + path + "'") +
         std::string(entry.layer->omits_name() ? ", which keeps its name out" : "");
}

Named<Weight *> LayerBase::raw_state_dict() {
  std::vector<Tree::Entry> all = Tree::names(*this);
  std::set<const WeightState *> seen, owned;
  std::map<std::string, const Tree::Entry *> names;
  for (const Tree::Entry &entry : all) {
    if (entry.is_own())
      owned.insert(&Tree::state(*entry.weight));
    auto [other, fresh] = names.emplace(entry.name, &entry);
    if (!fresh && &Tree::state(*other->second->weight) != &Tree::state(*entry.weight))
      throw Error("expects weights of different full names, but got '" + entry.name + "' of " +
                      layer_text(*other->second) + " and of " + layer_text(entry),
                  path(), entry.weight->declared());
  }
  Named<Weight *> unique;
  for (const Tree::Entry &entry : all) {
    const WeightState *state = &Tree::state(*entry.weight);
    if ((entry.is_own() || !owned.contains(state)) && seen.insert(state).second)
      unique.emplace_back(entry.name, entry.weight);
  }
  return unique;
}

StateDict LayerBase::state_dict(const StateOptions &options) {
  StateDict state;
  std::string missing, unknown;
  auto add = [](std::string &list, const std::string &name) { list += (list.empty() ? "'" : ", '") + name + "'"; };
  for (const auto &[name, weight] : raw_state_dict()) {
    if (weight->value()) {
      state.emplace(name, weight->value());
      continue;
    }
    add(missing, name);
    if (std::optional<Tensor> zeros = detail::zeros_for(*weight, {}))
      state.emplace(name, *zeros);
    else
      unknown += (unknown.empty() ? "'" : ", '") + name + "' " + weight->type().str();
  }
  if (!options.auto_initialize && !missing.empty())
    throw Error("expects a value for each weight, but got none for " + missing, path(), declared());
  if (!unknown.empty())
    throw Error("expects sizes that are known, to make zeros, but got " + unknown, path(), declared());
  return state;
}

void LayerBase::set_shared_weight(std::string_view name, Weight &weight, Site site) {
  std::vector<std::string> names;
  for (auto &[own, mine] : weights) {
    names.push_back(own);
    if (own != name)
      continue;
    if (mine->type() != weight.type() || mine->quantization_encoding() != weight.quantization_encoding())
      throw Error("expects a weight of the type of '" + own + "', " + mine->type().str() + ", but got '" +
                      weight.path() + "' of type " + weight.type().str(),
                  path(), site);
    std::shared_ptr<WeightState> from = mine->get(), to = weight.get();
    if (from == to)
      return;
    if (std::string graph = varve::detail::graph_of(from->use); !graph.empty())
      throw Error("expects weight '" + mine->path() + "' to be shared before a graph uses it, but graph '" + graph +
                      "' has",
                  path(), site);
    if (!to->value)
      to->value = from->value;
    from->value = {};
    from->same = std::move(to);
    return;
  }
  std::string near = detail::nearest(name, names);
  throw Error("expects the name of a weight of " + std::string(kind()) + ", but got '" + std::string(name) + "'" +
                  (near.empty() ? "" : "; nearest: '" + near + "'"),
              path(), site);
}

} // namespace varve::nn
