// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Step 1: a model, as a tree of layers and as a graph.
#include "model.h"
#include <cstdio>

int main() {
  Classifier model;
  std::printf("%s\n", model.summary().c_str());

  Graph graph("block", model.blocks[0], {tensor_type(f32, {"batch", 8})});
  std::printf("%s", graph.text().c_str());
}
