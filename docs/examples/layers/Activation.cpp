// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Activation() {
  // SiLU
  {
    nn::Sequential chain(std::make_unique<nn::SiLU>());
    Graph graph("f", chain, {tensor_type(f32, {3})});
    Tensor y = compile(graph)({Tensor::from<float>({3}, {-1, 0, 2})})[0];
    std::cout << to_text(y) << "\n";
    // [-0.268941,         0,   1.76159]
  }
  // GELU
  {
    nn::Sequential chain(std::make_unique<nn::GELU>());
    Graph graph("f", chain, {tensor_type(f32, {3})});
    Tensor y = compile(graph)({Tensor::from<float>({3}, {-1, 0, 2})})[0];
    std::cout << to_text(y) << "\n";
    // [-0.158655,         0,    1.9545]
  }
  // ReLU
  {
    nn::Sequential chain(std::make_unique<nn::ReLU>());
    Graph graph("f", chain, {tensor_type(f32, {3})});
    Tensor y = compile(graph)({Tensor::from<float>({3}, {-1, 0, 2})})[0];
    std::cout << to_text(y) << "\n";
    // [0, 0, 2]
  }
  // Sigmoid
  {
    nn::Sequential chain(std::make_unique<nn::Sigmoid>());
    Graph graph("f", chain, {tensor_type(f32, {3})});
    Tensor y = compile(graph)({Tensor::from<float>({3}, {-1, 0, 2})})[0];
    std::cout << to_text(y) << "\n";
    // [0.268941,      0.5, 0.880797]
  }
  // Tanh
  {
    nn::Sequential chain(std::make_unique<nn::Tanh>());
    Graph graph("f", chain, {tensor_type(f32, {3})});
    Tensor y = compile(graph)({Tensor::from<float>({3}, {-1, 0, 2})})[0];
    std::cout << to_text(y) << "\n";
    // [-0.761594,         0,  0.964028]
  }
  // Dropout
  {
    nn::Dropout dropout(0.1);
    Graph graph("f", dropout, {tensor_type(f32, {3})});
    Tensor y = compile(graph)({Tensor::from<float>({3}, {-1, 0, 2})})[0];
    std::cout << to_text(y) << "\n";
    // [-1,  0,  2]
  }
}
