// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_MoE() {
  // Router
  {
    nn::Router router(2, 3, 2); // 2 of 3 experts for each position
    router.load_state_dict({{"weight", Tensor::from<float>({3, 2}, {1, 0, 0, 1, 1, 1})}});
    Graph graph("f",
                [&](Value x) {
                  nn::Routed routed = router(x);
                  return std::pair(routed.experts, routed.weights);
                },
                {tensor_type(f32, {"seq", 2})});
    std::vector<Tensor> outputs = compile(graph)({Tensor::from<float>({1, 2}, {1, 2})});
    std::cout << to_text(outputs[0]) << " with " << to_text(outputs[1]) << "\n";
    // [[2, 1]] with [[0.731059, 0.268941]]
  }
  // Experts
  {
    nn::Router router(2, 3, 2);
    nn::Experts experts(2, 4, 3);
    router.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    experts.load_state_dict(StateDict(), {.strict = false, .zero_missing = true});
    Graph graph("f", [&](Value x) { return experts(x, router(x)); }, {tensor_type(f32, {"seq", 2})});
    Tensor y = compile(graph)({Tensor::from<float>({1, 2}, {1, 2})})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 2]
  }
  // MoE
  {
    nn::MoE layer(4, 8, {.experts = 3, .top_k = 2});
    layer.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", layer, {tensor_type(f32, {1, "seq", 4})});
    Tensor y = compile(graph)({Tensor::zeros(f32, {1, 5, 4})})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 5, 4]
  }
}
