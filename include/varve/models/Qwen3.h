// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Qwen 3, with Hugging Face's names, so that its checkpoints load as they are.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::Qwen3 qwen(models::Qwen3Config::from_checkpoint(checkpoint));
//   qwen.load_state_dict(checkpoint);
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct Qwen3Config {
  int64_t vocab_size = 0, hidden_size = 0, intermediate_size = 0, num_hidden_layers = 0;
  int64_t num_attention_heads = 0, num_key_value_heads = 0, head_dim = 128, max_position_embeddings = 0;
  double rms_norm_eps = 1e-6, rope_theta = 10000;
  nn::RopeScaling rope_scaling = {};
  bool tie_word_embeddings = false;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static Qwen3Config from_file(const std::string &path);
  /// What the metadata of a GGUF file say, or the config.json beside other files; as `LlamaConfig::from_checkpoint`.
  static Qwen3Config from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// One layer of the decoder: as Llama's, with a norm of each head's query and key.
struct Qwen3DecoderLayer : nn::Layer<Qwen3DecoderLayer> {
  Qwen3Config config;
  Child<nn::RMSNorm> input_layernorm{
      *this, "input_layernorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};
  Child<nn::Attention> self_attn{*this,
                                 "self_attn",
                                 config.hidden_size,
                                 {.heads = config.num_attention_heads,
                                  .kv_heads = config.num_key_value_heads,
                                  .head_dim = config.head_dim,
                                  .dtype = config.dtype,
                                  .qk_norm = config.rms_norm_eps,
                                  .causal = true,
                                  .cache = config.max_position_embeddings,
                                  .batch = config.batch}};
  Child<nn::RMSNorm> post_attention_layernorm{
      *this, "post_attention_layernorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};
  Child<nn::MLP> mlp{*this, "mlp", config.hidden_size, config.intermediate_size, {.dtype = config.dtype}};

  explicit Qwen3DecoderLayer(const Qwen3Config &config) : config(config) {}
  Value forward(Value x, nn::Rotation rotation);
};

/// From tokens to the hidden state of each.
struct Qwen3Model : nn::Layer<Qwen3Model> {
  Qwen3Config config;
  Child<nn::Embedding> embed_tokens{
      *this, "embed_tokens", config.vocab_size, config.hidden_size, {.dtype = config.dtype}};
  Child<nn::RotaryEmbedding> rotary_emb{
      *this, "rotary_emb", config.head_dim, {.theta = config.rope_theta, .scaling = config.rope_scaling}};
  Child<nn::LayerList<Qwen3DecoderLayer>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm{*this, "norm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};

  explicit Qwen3Model(const Qwen3Config &config);
  Value forward(Value ids);
};

/// From tokens to the logits of what comes next. The graph takes `dim_input("past")`: how many tokens the KV caches hold
/// already. **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2505.09388
struct Qwen3 : nn::Layer<Qwen3> {
  Qwen3Config config;
  Logits logits;
  Child<Qwen3Model> model{*this, "model", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.hidden_size, config.vocab_size, {.dtype = config.dtype}};

  explicit Qwen3(const Qwen3Config &config, Logits logits = Logits::all);
  Value forward(Value ids);
};

} // namespace varve::models
