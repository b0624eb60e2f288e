// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Rotary() {
  // RotaryEmbedding
  {
    nn::RotaryEmbedding rotary(4);
    Graph graph("f", [&](Value x) { return rotary(x.dim(1)).cos; }, {tensor_type(f32, {1, "seq", 4})});
    Tensor cosines = compile(graph)({Tensor::zeros(f32, {1, 3, 4})})[0];
    std::cout << to_text(cosines) << "\n";
    // [[        1,         1],
    //  [ 0.540302,   0.99995],
    //  [-0.416147,    0.9998]]
  }
}
