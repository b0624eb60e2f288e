// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tree of names that a model is: what a layer, its weights and the graph know of each other. For layers see nn/Layer.h.
#pragma once
#include "varve/Sharding.h"
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace varve {

namespace detail {
struct NodeAccess;
/// The first graph that used a layer or a weight; a recording that failed has used nothing.
struct GraphUse {
  std::string name;
  bool finished = false;
};
} // namespace detail

/// A name in the tree of a model. Neither copied nor moved: its address is its identity.
class Node {
public:
  Node() = default;
  Node(const Node &) = delete;
  Node &operator=(const Node &) = delete;
  virtual ~Node() = default;

  /// The name that the parent gave it, "" for a root.
  const std::string &name() const { return own_name; }
  /// Null for a root.
  const Node *parent() const { return above; }
  /// The names from the root, with dots: "layers.0.mlp"; "" for a root.
  std::string path() const;
  /// The C++ class, without namespace: "Linear".
  virtual std::string_view kind() const = 0;
  /// True for a layer of namespace `varve::nn`: an error inside it is reported where it was called.
  virtual bool in_library() const { return false; }
  /// Where it was registered with its parent; line 0 for a root.
  const Site &declared() const { return registered; }
  /// The name of the first graph that called it, "" if none has.
  const std::string &used_in() const { return graph_use->name; }
  /// The same, for a recording to fill in when it ends.
  const std::shared_ptr<detail::GraphUse> &use() const { return graph_use; }
  /// True if it keeps its name out of the names of the weights below it.
  bool omits_name() const { return omitted; }

protected:
  /// What `sharding`, which is `tensor_parallel` or `expert_parallel`, means for a child or weight of that name: how the weights
  /// of the child that have the axis are split, or the weight is. None, as here: a child gets the same, and a weight is
  /// whole on every device. A layer with a meaning of its own overrides it.
  virtual std::optional<Sharding> sharding_of(std::string_view /*part*/, const Sharding & /*sharding*/) const {
    return {};
  }

  std::string own_name;
  const Node *above = nullptr;
  Site registered;
  bool omitted = false;
  std::shared_ptr<const detail::Placement> placed; // null: where its parent is

private:
  friend struct detail::NodeAccess;
  std::shared_ptr<detail::GraphUse> graph_use = std::make_shared<detail::GraphUse>(); // outlives a layer that is gone
};

} // namespace varve
