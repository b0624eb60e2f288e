// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_LatentAttention() {
  // LatentAttention
  {
    struct Block : nn::Layer<Block> {
      Child<nn::RotaryEmbedding> rotary{*this, "rotary_emb", 4};
      Child<nn::LatentAttention> attention{*this,
                                           "self_attn",
                                           24,
                                           {.heads = 4,
                                            .kv_lora_rank = 8,
                                            .qk_nope_head_dim = 6,
                                            .qk_rope_head_dim = 4,
                                            .v_head_dim = 6,
                                            .causal = true,
                                            .cache = 32}};
      Value forward(Value x) { return attention(x, rotary(x.dim(1), "past")); }
    };
    Block block;
    block.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph prefill("prefill", block, {{"x", tensor_type(f32, {1, "seq", 24})}, dim_input("past")});
    Graph decode("decode", block, {{"x", tensor_type(f32, {1, 1, 24})}, dim_input("past")});
    Session session(compile({&prefill, &decode}));
    Tensor prompt = session.run("prefill", {Tensor::zeros(f32, {1, 5, 24}), Tensor::from<int64_t>({}, {0})})[0];
    Tensor next = session.run("decode", {Tensor::zeros(f32, {1, 1, 24}), Tensor::from<int64_t>({}, {5})})[0];
    std::cout << prompt.type() << ", " << next.type() << ", cache " << session.buffer("self_attn.latent_cache").type()
              << "\n";
    // f32 [1, 5, 24], f32 [1, 1, 24], cache f32 [1, 32, 1, 12]
  }
}
