// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/nn/Tree.h"
#include <algorithm>
#include <deque>
#include <set>

namespace varve::nn::detail {

bool Tree::Entry::is_own() const {
  const State &state = Tree::state(*weight);
  return !borrowed && state.owner == layer && state.name == weight->name();
}

LayerBase &Tree::root(LayerBase &layer) {
  const Node *top = &layer;
  while (top->parent())
    top = top->parent();
  // Only layers are parents, and all of them are made as objects that may change.
  return const_cast<LayerBase &>(static_cast<const LayerBase &>(*top));
}

std::vector<LayerBase *> Tree::owned(LayerBase &root) {
  std::vector<LayerBase *> all = {&root};
  for (size_t i = 0; i < all.size(); ++i)
    for (const auto &[name, child] : all[i]->sublayers())
      if (child->parent() == all[i])
        all.push_back(child);
  return all;
}

std::vector<Tree::Entry> Tree::names(LayerBase &root) {
  std::vector<Entry> all;
  std::vector<const LayerBase *> open; // two layers may borrow each other
  auto visit = [&](auto &self, LayerBase &layer, const std::string &path, bool borrowed) -> void {
    if (std::find(open.begin(), open.end(), &layer) != open.end())
      return;
    open.push_back(&layer);
    for (const auto &[name, weight] : layer.weights)
      all.push_back({joined(path, name), weight, &layer, borrowed});
    for (const auto &[name, child] : layer.sublayers())
      self(self, *child, child->omits_name() ? path : joined(path, name), borrowed || child->parent() != &layer);
    open.pop_back();
  };
  visit(visit, root, "", false);
  return all;
}

Named<LayerBase *> Tree::layers(LayerBase &root, const std::string &prefix) {
  auto is_below = [&](const Node *node) {
    while (node && node != &root)
      node = node->parent();
    return node != nullptr;
  };
  struct Visit {
    std::string name, weights; // the layer's own, and what those of its weights begin with
    LayerBase *layer;
  };
  std::deque<Visit> queue = {{prefix, prefix, &root}};
  std::set<const LayerBase *> seen;
  Named<LayerBase *> all;
  for (; !queue.empty(); queue.pop_front()) {
    Visit here = queue.front();
    if (!seen.insert(here.layer).second)
      continue;
    all.emplace_back(here.name, here.layer);
    for (const auto &[name, child] : here.layer->sublayers()) {
      bool borrowed = child->parent() != here.layer;
      if (borrowed && is_below(child))
        continue; // it has a name of its own
      std::string path = joined(here.weights, name);
      queue.push_back({path, child->omits_name() ? here.weights : path, child});
    }
  }
  return all;
}

void Tree::give_away(LayerBase &gone, LayerBase &root) {
  std::vector<LayerBase *> all = owned(gone);
  std::set<const Node *> lost(all.begin(), all.end());
  for (const Entry &entry : names(root))
    if (State &state = Tree::state(*entry.weight); lost.contains(state.owner) && !lost.contains(entry.layer)) {
      state.owner = entry.layer;
      state.name = entry.weight->name();
      state.site = entry.weight->state->site;
    }
}

} // namespace varve::nn::detail
