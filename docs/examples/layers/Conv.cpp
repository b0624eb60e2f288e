// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Conv() {
  // Conv1d
  {
    nn::Conv1d layer(1, 1, {.kernel = {2}});
    layer.load_state_dict({{"weight", Tensor::from<float>({1, 1, 2}, {1, 10})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "seq"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 3}, {1, 2, 3})})[0];
    std::cout << y.type() << "\n" << to_text(y) << "\n";
    // f32 [1, 1, 2]
    // [[[21, 32]]]
  }
  // Conv2d
  {
    nn::Conv2d layer(1, 1, {.kernel = {2}});
    layer.load_state_dict({{"weight", Tensor::from<float>({1, 1, 2, 2}, {1, 1, 1, 1})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "height", "width"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 3, 3}, std::vector<float>(9, 1))})[0];
    std::cout << y.type() << "\n" << to_text(y) << "\n";
    // f32 [1, 1, 2, 2]
    // [[[[4, 4],
    //    [4, 4]]]]
  }
  // Conv3d
  {
    nn::Conv3d layer(1, 1, {.kernel = {2}});
    layer.load_state_dict({{"weight", Tensor::from<float>({1, 1, 2, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "depth", "height", "width"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 3, 3, 3}, std::vector<float>(27, 1))})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 1, 2, 2, 2]
  }
  // ConvTranspose1d
  {
    nn::ConvTranspose1d layer(1, 1, {.kernel = {2}, .strides = {2}});
    layer.load_state_dict({{"weight", Tensor::from<float>({1, 1, 2}, {1, 10})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "seq"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 2}, {1, 2})})[0];
    std::cout << y.type() << "\n" << to_text(y) << "\n";
    // f32 [1, 1, 4]
    // [[[ 1, 10,  2, 20]]]
  }
  // ConvTranspose2d
  {
    nn::ConvTranspose2d layer(1, 1, {.kernel = {2}, .strides = {2}});
    layer.load_state_dict({{"weight", Tensor::from<float>({1, 1, 2, 2}, {1, 1, 1, 1})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "height", "width"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 2, 2}, std::vector<float>(4, 1))})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 1, 4, 4]
  }
  // ConvTranspose3d
  {
    nn::ConvTranspose3d layer(1, 1, {.kernel = {2}, .strides = {2}});
    layer.load_state_dict({{"weight", Tensor::from<float>({1, 1, 2, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "depth", "height", "width"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 2, 2, 2}, std::vector<float>(8, 1))})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 1, 4, 4, 4]
  }
}
