// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_LayerList() {
  // LayerList
  {
    struct Tower : nn::Layer<Tower> {
      Child<nn::LayerList<nn::Linear>> layers{*this, "layers"};
      explicit Tower(int64_t depth) {
        for (int64_t i = 0; i < depth; ++i)
          layers.emplace(4, 4);
      }
      Value forward(Value x) {
        for (nn::Linear &layer : layers)
          x = relu(layer(x));
        return x;
      }
    };
    Tower tower(3);
    tower.layers.erase(1);
    for (auto &[name, weight] : tower.raw_state_dict())
      std::cout << name << " " << weight->type().str() << "\n";
    // layers.0.weight f32 [4, 4]
    // layers.1.weight f32 [4, 4]
  }
  // Sequential
  {
    nn::Sequential chain;
    chain.emplace<nn::Linear>(2, 3);
    chain.emplace<nn::ReLU>();
    chain.load_state_dict({{"0.weight", Tensor::from<float>({3, 2}, {1, 0, 0, 1, 1, 1})}});
    Graph graph("f", chain, {tensor_type(f32, {"batch", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {1, -3})})[0];
    std::cout << to_text(y) << "\n";
    // [[1, 0, 0]]
  }
}
