// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Linear() {
  // Linear
  {
    nn::Linear layer(3, 2, {.bias = true});
    layer.load_state_dict({{"weight", Tensor::from<float>({2, 3}, {1, 0, 0, 0, 1, 1})}, // [out, in]
                           {"bias", Tensor::from<float>({2}, {10, 20})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 3})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 3}, {1, 2, 3})})[0];
    std::cout << to_text(y) << "\n";
    // [[11, 25]]
  }
  // StackedLinear
  {
    nn::StackedLinear qk(2, {.parts = {{"q_proj", 2}, {"k_proj", 1}}});
    qk.load_state_dict({{"q_proj.weight", Tensor::from<float>({2, 2}, {1, 0, 0, 1})},
                        {"k_proj.weight", Tensor::from<float>({1, 2}, {1, 1})}});
    Graph graph("f", qk, {tensor_type(f32, {"batch", 2})});
    std::vector<Tensor> outputs = compile(graph)({Tensor::from<float>({1, 2}, {3, 4})});
    std::cout << to_text(outputs[0]) << " and " << to_text(outputs[1]) << "\n";
    // [[3, 4]] and [[7]]
  }
  // GptqLinear
  {
    // Eight quants of 4 bits in each number; all inputs share a scale.
    nn::GptqLinear layer(8, 8, {.dtype = f32, .group = -1});
    layer.load_state_dict({{"qweight", Tensor::from<int32_t>({1, 8}, std::vector<int32_t>(8, 0x33333333))},
                           {"qzeros", Tensor::zeros(i32, {1, 1})},
                           {"scales", Tensor::from<float>({1, 8}, std::vector<float>(8, 0.5))},
                           {"g_idx", Tensor::zeros(i32, {8})}});
    Graph graph("f", layer, {tensor_type(f32, {"batch", 8})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 8}, std::vector<float>(8, 1))})[0];
    std::cout << to_text(y) << "\n";
    // [[8, 8, 8, 8, 8, 8, 8, 8]]
  }
  // Embedding
  {
    nn::Embedding layer(3, 2);
    layer.load_state_dict({{"weight", Tensor::from<float>({3, 2}, {0, 1, 10, 11, 20, 21})}});
    Graph graph("f", layer, {tensor_type(i64, {"seq"})});
    Tensor y = compile(graph)({Tensor::from<int64_t>({2}, {2, 0})})[0];
    std::cout << to_text(y) << "\n";
    // [[20, 21],
    //  [ 0,  1]]
  }
}
