// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Pool() {
  // MaxPool
  {
    nn::MaxPool layer({.kernel = {2}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, 6})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 6}, {1, 3, 2, 8, 5, 4})})[0];
    std::cout << to_text(y) << "\n";
    // [[[3, 8, 5]]]
  }
  // AvgPool
  {
    nn::AvgPool layer({.kernel = {2}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, 6})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 6}, {1, 3, 2, 8, 5, 4})})[0];
    std::cout << to_text(y) << "\n";
    // [[[  2,   5, 4.5]]]
  }
  // AdaptiveMaxPool
  {
    nn::AdaptiveMaxPool layer({.size = {2}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "seq"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 5}, {1, 3, 2, 8, 5})})[0];
    std::cout << to_text(y) << "\n";
    // [[[3, 8]]]
  }
  // AdaptiveAvgPool
  {
    nn::AdaptiveAvgPool layer; // one window: all of it
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "height", "width"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 2, 2}, {1, 3, 2, 8})})[0];
    std::cout << to_text(y) << "\n";
    // [[[[3.5]]]]
  }
  // Upsample
  {
    nn::Upsample layer({.mode = ResizeMode::nearest, .scales = {2}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 1, "seq"})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 1, 3}, {1, 2, 4})})[0];
    std::cout << to_text(y) << "\n";
    // [[[1, 1, 2, 2, 4, 4]]]
  }
}
