// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_MLP() {
  // MLP
  {
    nn::MLP layer(2, 2, {.activation = nn::Activation::relu});
    Tensor unit = Tensor::from<float>({2, 2}, {1, 0, 0, 1});
    layer.load_state_dict({{"gate_proj.weight", unit}, {"up_proj.weight", unit}, {"down_proj.weight", unit}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {3, -4})})[0];
    std::cout << to_text(y) << "\n";
    // [[9, 0]]
  }
  // FeedForward
  {
    nn::FeedForward layer(2, 2, {.bias = false, .activation = nn::Activation::relu});
    Tensor unit = Tensor::from<float>({2, 2}, {1, 0, 0, 1});
    layer.load_state_dict({{"fc1.weight", unit}, {"fc2.weight", unit}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {3, -4})})[0];
    std::cout << to_text(y) << "\n";
    // [[3, 0]]
  }
}
