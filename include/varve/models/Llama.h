// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Llama, Mistral and Qwen 2, with Hugging Face's names, so that their checkpoints load as they are.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::Llama llama(models::LlamaConfig::from_checkpoint(checkpoint));
//   llama.load_state_dict(checkpoint);
//   Graph decode("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct LlamaConfig {
  int64_t vocab_size = 0, hidden_size = 0, intermediate_size = 0, num_hidden_layers = 0;
  int64_t num_attention_heads = 0, num_key_value_heads = 0, head_dim = 0, max_position_embeddings = 0;
  double rms_norm_eps = 1e-6, rope_theta = 10000;
  nn::RopeScaling rope_scaling = {};
  bool tie_word_embeddings = false;
  /// Of q_proj, k_proj and v_proj, as in Qwen 2; of o_proj.
  bool qkv_bias = false, out_bias = false;
  /// Mistral's: each position sees this many at most; none: all.
  std::optional<int64_t> sliding_window = {};
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static LlamaConfig from_file(const std::string &path);
  /// What the metadata of a GGUF file say, or the config.json beside other files. GGUF names no dtype: it is the
  /// embedding's, or f32 if those are blocks; load with `.cast`, since vectors are f32 there, and by `rules_for`.
  /// **Throws** `Error` as above.
  static LlamaConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// One layer of the decoder: attention and feed-forward, each after a norm and beside a way around it.
struct LlamaDecoderLayer : nn::Layer<LlamaDecoderLayer> {
  LlamaConfig config;
  Child<nn::RMSNorm> input_layernorm{
      *this, "input_layernorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};
  Child<nn::Attention> self_attn{*this,
                                 "self_attn",
                                 config.hidden_size,
                                 {.heads = config.num_attention_heads,
                                  .kv_heads = config.num_key_value_heads,
                                  .head_dim = config.head_dim,
                                  .dtype = config.dtype,
                                  .bias = config.qkv_bias,
                                  .out_bias = config.out_bias,
                                  .causal = true,
                                  .window = config.sliding_window,
                                  .cache = config.max_position_embeddings,
                                  .batch = config.batch}};
  Child<nn::RMSNorm> post_attention_layernorm{
      *this, "post_attention_layernorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};
  Child<nn::MLP> mlp{*this, "mlp", config.hidden_size, config.intermediate_size, {.dtype = config.dtype}};

  explicit LlamaDecoderLayer(const LlamaConfig &config) : config(config) {}
  Value forward(Value x, nn::Rotation rotation, Value position = {});
};

/// From tokens to the hidden state of each.
struct LlamaModel : nn::Layer<LlamaModel> {
  LlamaConfig config;
  Child<nn::Embedding> embed_tokens{
      *this, "embed_tokens", config.vocab_size, config.hidden_size, {.dtype = config.dtype}};
  Child<nn::RotaryEmbedding> rotary_emb{
      *this, "rotary_emb", config.head_dim, {.theta = config.rope_theta, .scaling = config.rope_scaling}};
  Child<nn::LayerList<LlamaDecoderLayer>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm{*this, "norm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};

  explicit LlamaModel(const LlamaConfig &config);
  Value forward(Value ids, Value position = {});
};

/// From tokens to the logits of what comes next. The graph takes `dim_input("past")`: how many tokens the KV caches hold
/// already; or it is given that as a value, and can then be called in a loop that generates.
/// **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2302.13971,
/// https://arxiv.org/abs/2310.06825, https://arxiv.org/abs/2407.10671
struct Llama : nn::Layer<Llama> {
  LlamaConfig config;
  Logits logits;
  Child<LlamaModel> model{*this, "model", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.hidden_size, config.vocab_size, {.dtype = config.dtype}};

  explicit Llama(const LlamaConfig &config, Logits logits = Logits::all);
  Value forward(Value ids, Value position = {});
};

} // namespace varve::models
