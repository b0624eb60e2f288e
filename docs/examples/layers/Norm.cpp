// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Norm() {
  // RMSNorm
  {
    nn::RMSNorm layer(2, {.epsilon = 0});
    layer.load_state_dict({{"weight", Tensor::from<float>({2}, {1, 2})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {3, 4})})[0];
    std::cout << to_text(y) << "\n";
    // [[0.848528,  2.26274]]
  }
  // LayerNorm
  {
    nn::LayerNorm layer(2);
    layer.load_state_dict({{"weight", Tensor::from<float>({2}, {1, 1})}, {"bias", Tensor::from<float>({2}, {0, 5})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {10, 50})})[0];
    std::cout << to_text(y) << "\n";
    // [[-1,  6]]
  }
  // GroupNorm
  {
    nn::GroupNorm layer(2, 4, {.affine = false});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 4})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 4}, {1, 3, 10, 50})})[0];
    std::cout << to_text(y) << "\n";
    // [[-0.999995,  0.999995,        -1,         1]]
  }
  // InstanceNorm
  {
    nn::InstanceNorm layer(2);
    Graph graph("f", layer, {tensor_type(f32, {"batch", 2, "seq"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2, 2}, {1, 3, 10, 50})})[0];
    std::cout << to_text(y) << "\n";
    // [[[-0.999995,  0.999995],
    //   [       -1,         1]]]
  }
  // BatchNorm
  {
    nn::BatchNorm layer(2, {.epsilon = 0, .affine = false});
    layer.load_state_dict(
        {{"running_mean", Tensor::from<float>({2}, {1, 10})}, {"running_var", Tensor::from<float>({2}, {4, 16})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {3, 50})})[0];
    std::cout << to_text(y) << "\n";
    // [[ 1, 10]]
  }
}
