// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Mamba() {
  // Mamba
  {
    nn::Mamba layer(8, {.state = 4, .stateful = true});
    layer.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", layer, {tensor_type(f32, {1, "seq", 8})});
    Session session(compile(graph)); // keeps the state: sequences may be given in pieces
    std::cout << session.run({Tensor::zeros(f32, {1, 5, 8})})[0].type() << "\n"
              << session.run({Tensor::zeros(f32, {1, 1, 8})})[0].type() << "\n";
    // f32 [1, 5, 8]
    // f32 [1, 1, 8]
  }
}
