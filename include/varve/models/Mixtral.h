// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mixtral and Qwen 3 MoE, with Hugging Face's names; the rules for them stack the experts' matrices.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::Mixtral mixtral(models::MixtralConfig::from_checkpoint(checkpoint));
//   mixtral.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct MixtralConfig {
  int64_t vocab_size = 0, hidden_size = 0, num_hidden_layers = 0;
  int64_t num_attention_heads = 0, num_key_value_heads = 0, head_dim = 0, max_position_embeddings = 0;
  /// Of one expert: Mixtral's intermediate_size, Qwen's moe_intermediate_size.
  int64_t moe_intermediate_size = 0;
  /// num_local_experts, num_experts.
  int64_t num_experts = 8;
  int64_t num_experts_per_tok = 2;
  /// The weights of the chosen experts sum to 1; always so in Mixtral.
  bool norm_topk_prob = true;
  double rms_norm_eps = 1e-5, rope_theta = 1e6;
  nn::RopeScaling rope_scaling = {};
  bool tie_word_embeddings = false;
  /// Each head's query and key are normed, as in Qwen 3.
  bool qk_norm = false;
  /// Each position sees this many at most; none: all.
  std::optional<int64_t> sliding_window = {};
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static MixtralConfig from_file(const std::string &path);
  /// What the metadata of a GGUF file say (`llama` with experts, `qwen3moe`), or the config.json beside other files; as
  /// `LlamaConfig::from_checkpoint`.
  static MixtralConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// One layer of the decoder: as Llama's, with a mixture of experts.
struct MixtralDecoderLayer : nn::Layer<MixtralDecoderLayer> {
  MixtralConfig config;
  Child<nn::RMSNorm> input_layernorm{
      *this, "input_layernorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};
  Child<nn::Attention> self_attn{*this,
                                 "self_attn",
                                 config.hidden_size,
                                 {.heads = config.num_attention_heads,
                                  .kv_heads = config.num_key_value_heads,
                                  .head_dim = config.head_dim,
                                  .dtype = config.dtype,
                                  .qk_norm = config.qk_norm ? std::optional(config.rms_norm_eps) : std::nullopt,
                                  .causal = true,
                                  .window = config.sliding_window,
                                  .cache = config.max_position_embeddings,
                                  .batch = config.batch}};
  Child<nn::RMSNorm> post_attention_layernorm{
      *this, "post_attention_layernorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};
  Child<nn::MoE> mlp{*this,
                     "mlp",
                     config.hidden_size,
                     config.moe_intermediate_size,
                     {.experts = config.num_experts,
                      .top_k = config.num_experts_per_tok,
                      .router = {.renormalize = config.norm_topk_prob},
                      .dtype = config.dtype}};

  explicit MixtralDecoderLayer(const MixtralConfig &config) : config(config) {}
  Value forward(Value x, nn::Rotation rotation);
};

/// From tokens to the hidden state of each.
struct MixtralModel : nn::Layer<MixtralModel> {
  MixtralConfig config;
  Child<nn::Embedding> embed_tokens{
      *this, "embed_tokens", config.vocab_size, config.hidden_size, {.dtype = config.dtype}};
  Child<nn::RotaryEmbedding> rotary_emb{
      *this, "rotary_emb", config.head_dim, {.theta = config.rope_theta, .scaling = config.rope_scaling}};
  Child<nn::LayerList<MixtralDecoderLayer>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm{*this, "norm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};

  explicit MixtralModel(const MixtralConfig &config);
  Value forward(Value ids);
};

/// From tokens to the logits of what comes next. The graph takes `dim_input("past")`: how many tokens the KV caches hold
/// already. **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2401.04088, https://arxiv.org/abs/2505.09388
struct Mixtral : nn::Layer<Mixtral> {
  MixtralConfig config;
  Logits logits;
  Child<MixtralModel> model{*this, "model", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.hidden_size, config.vocab_size, {.dtype = config.dtype}};

  explicit Mixtral(const MixtralConfig &config, Logits logits = Logits::all);
  Value forward(Value ids);
};

} // namespace varve::models
