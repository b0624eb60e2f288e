// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_CrossAttention() {
  // CrossAttention
  {
    nn::CrossAttention layer(8, {.heads = 2, .context_dim = 6});
    layer.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", layer, {{"x", tensor_type(f32, {1, "seq", 8})}, {"context", tensor_type(f32, {1, "source", 6})}});
    Tensor y = compile(graph)({Tensor::zeros(f32, {1, 3, 8}), Tensor::zeros(f32, {1, 5, 6})})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 3, 8]
  }
  // RelativePositionBias
  {
    nn::RelativePositionBias bias(1, {.buckets = 4, .max_distance = 8});
    bias.load_state_dict({{"weight", Tensor::from<float>({4, 1}, {0, 1, 2, 3})}});
    Graph graph("f", [&](Value x) { return bias(x.dim(0), x.dim(0)); }, {tensor_type(f32, {"seq"})});
    Tensor y = compile(graph)({Tensor::zeros(f32, {3})})[0];
    std::cout << to_text(y) << "\n";
    // [[[[0, 3, 3],
    //    [1, 0, 3],
    //    [1, 1, 0]]]]
  }
}
