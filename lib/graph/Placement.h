// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where layers and weights are: what was said by `to`, and what it means for what is below. Free of MLIR.
#pragma once
#include "varve/Weight.h"

namespace varve::detail {

/// The node that something was said of, and what.
struct Placed {
  const Node *root;
  const Placement *placement;
};

/// What counts for a node: what was said of it, or else of the nearest one above.
std::optional<Placed> placement_of(const Node &node);
/// The same for a weight: its own, or else its owner's.
std::optional<Placed> placement_of(const WeightState &weight);
/// What is said of the root means for a node below it.
Sharding sharding_of(const Node &node, Placed placed);
/// The same for a weight whose owner is below. **Throws** `Error` if that is a sharding for layers.
Sharding sharding_of(const WeightState &weight, Placed placed);
/// How the weight is split. **Throws** `Error`, with layer, weight and the line of `to`, if it cannot be.
Split split_of(const WeightState &weight, Placed placed);
/// Whether the node says what a sharding means for a part of it.
bool gives_meaning(const Node &node, std::string_view part, const Sharding &sharding);

} // namespace varve::detail
