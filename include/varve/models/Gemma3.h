// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gemma 3's language model, with Hugging Face's names, so that its checkpoints load as they are.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::Gemma3 gemma(models::Gemma3Config::from_checkpoint(checkpoint));
//   gemma.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"
#include <cmath>

namespace varve::models {

/// What a checkpoint's config.json says, or its text_config if the model also sees; the names are its own.
struct Gemma3Config {
  int64_t vocab_size = 262208, hidden_size = 2304, intermediate_size = 9216, num_hidden_layers = 26;
  int64_t num_attention_heads = 8, num_key_value_heads = 4, head_dim = 256, max_position_embeddings = 131072;
  double rms_norm_eps = 1e-6;
  /// Of layers that see everything; `rope_local_base_freq` is that of layers with a window, whose positions are not scaled.
  double rope_theta = 1e6, rope_local_base_freq = 10000;
  nn::RopeScaling rope_scaling = {};
  /// Scores are multiplied by 1 / sqrt of this.
  double query_pre_attn_scalar = 256;
  int64_t sliding_window = 4096;
  /// Of each layer: whether it has the window. Empty: all but every sixth have.
  std::vector<bool> sliding = {};
  /// Logits become cap * tanh(logits / cap); none: as they are.
  std::optional<double> final_logit_softcapping = {};
  bool tie_word_embeddings = true;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here:
  /// attn_logit_softcapping too, which transformers itself leaves out of Gemma 3.
  static Gemma3Config from_file(const std::string &path);
  /// What the metadata of a GGUF file say, or the config.json beside other files; as `LlamaConfig::from_checkpoint`. GGUF does
  /// not name query_pre_attn_scalar: it is head_dim, or in 62 layers (27B) hidden_size / heads, as llama.cpp has it.
  static Gemma3Config from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// One layer of the decoder: attention and feed-forward, each between two norms, whose weights are stored less 1.
struct Gemma3DecoderLayer : nn::Layer<Gemma3DecoderLayer> {
  Gemma3Config config;
  bool is_sliding;
  nn::RMSNormOptions norm{.dtype = config.dtype, .epsilon = config.rms_norm_eps, .weight_offset = 1};
  Child<nn::RMSNorm> input_layernorm{*this, "input_layernorm", config.hidden_size, norm};
  Child<nn::Attention> self_attn{*this,
                                 "self_attn",
                                 config.hidden_size,
                                 {.heads = config.num_attention_heads,
                                  .kv_heads = config.num_key_value_heads,
                                  .head_dim = config.head_dim,
                                  .dtype = config.dtype,
                                  .qk_norm = config.rms_norm_eps,
                                  .qk_norm_offset = 1,
                                  .scale = 1 / std::sqrt(config.query_pre_attn_scalar),
                                  .causal = true,
                                  .window = is_sliding ? std::optional(config.sliding_window) : std::nullopt,
                                  .cache = config.max_position_embeddings,
                                  .batch = config.batch}};
  Child<nn::RMSNorm> post_attention_layernorm{*this, "post_attention_layernorm", config.hidden_size, norm};
  Child<nn::RMSNorm> pre_feedforward_layernorm{*this, "pre_feedforward_layernorm", config.hidden_size, norm};
  Child<nn::MLP> mlp{*this,
                     "mlp",
                     config.hidden_size,
                     config.intermediate_size,
                     {.dtype = config.dtype, .activation = nn::Activation::gelu_tanh}};
  Child<nn::RMSNorm> post_feedforward_layernorm{*this, "post_feedforward_layernorm", config.hidden_size, norm};

  Gemma3DecoderLayer(const Gemma3Config &config, bool is_sliding) : config(config), is_sliding(is_sliding) {}
  Value forward(Value x, nn::Rotation rotation);
};

/// From tokens to the hidden state of each.
struct Gemma3Model : nn::Layer<Gemma3Model> {
  Gemma3Config config;
  Child<nn::Embedding> embed_tokens{
      *this, "embed_tokens", config.vocab_size, config.hidden_size, {.dtype = config.dtype}};
  Child<nn::RotaryEmbedding> rotary_emb{
      *this, "rotary_emb", config.head_dim, {.theta = config.rope_theta, .scaling = config.rope_scaling}};
  Child<nn::RotaryEmbedding> rotary_emb_local{
      *this, "rotary_emb_local", config.head_dim, {.theta = config.rope_local_base_freq}};
  Child<nn::LayerList<Gemma3DecoderLayer>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm{
      *this, "norm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps, .weight_offset = 1}};

  /// **Throws** `Error` if `sliding` is neither empty nor of all layers.
  explicit Gemma3Model(const Gemma3Config &config);
  Value forward(Value ids);
};

/// From tokens to the logits of what comes next. The graph takes `dim_input("past")`: how many tokens the KV caches hold
/// already. **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the
/// last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2503.19786
struct Gemma3 : nn::Layer<Gemma3> {
  Gemma3Config config;
  Logits logits;
  Child<Gemma3Model> model{*this, "model", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.hidden_size, config.vocab_size, {.dtype = config.dtype}};

  explicit Gemma3(const Gemma3Config &config, Logits logits = Logits::all);
  Value forward(Value ids);
};

} // namespace varve::models
