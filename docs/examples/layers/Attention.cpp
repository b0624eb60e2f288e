// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Attention() {
  // Attention
  {
    struct Block : nn::Layer<Block> {
      Child<nn::RotaryEmbedding> rotary{*this, "rotary_emb", 4};
      Child<nn::Attention> attention{*this, "self_attn", 16, {.heads = 4, .kv_heads = 2, .causal = true, .cache = 32}};
      Value forward(Value x) { return attention(x, rotary(x.dim(1), "past")); }
    };
    Block block;
    block.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", block, {{"x", tensor_type(f32, {1, "seq", 16})}, dim_input("past")});
    Session session(compile(graph));
    Tensor prompt = session.run({Tensor::zeros(f32, {1, 5, 16}), Tensor::from<int64_t>({}, {0})})[0];
    Tensor next = session.run({Tensor::zeros(f32, {1, 1, 16}), Tensor::from<int64_t>({}, {5})})[0];
    std::cout << prompt.type() << ", " << next.type() << ", cache " << session.buffer("self_attn.k_cache").type()
              << "\n";
    // f32 [1, 5, 16], f32 [1, 1, 16], cache f32 [1, 32, 2, 4]
  }
}
