// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Graphs from recipes: JSON that lists inputs, nodes and outputs. See tools/fuzz/README.md.
#pragma once
#include "tools/fuzz/Ops.h"
#include "varve/Graph.h"
#include "varve/runtime/Tensor.h"

namespace varve::fuzz {

/// A graph and what it is called with. Weights have their values.
struct Built {
  Graph graph;
  std::vector<Tensor> inputs;
  StateDict weights;
};

/// The program of a recipe, `recipe.at(program)`: nodes and outputs. Inputs are found in `tensors` by `prefix` + name.
/// Weights in blocks of an encoding are made of the floats that are found. **Throws** `Error`.
Built build(const Json &recipe, const std::string &program, const std::string &name, const StateDict &tensors,
            const std::string &prefix);

/// The blocks of a weight of floats.
Tensor blocks_of(const Json &input, const Tensor &floats);

} // namespace varve::fuzz
