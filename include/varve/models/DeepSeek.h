// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DeepSeek V3, with Hugging Face's names; the rules for it stack the experts' matrices.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::DeepSeek deepseek(models::DeepSeekConfig::from_checkpoint(checkpoint));
//   deepseek.load_state_dict(checkpoint, {.ignored = {"model.layers.61.*"}, .renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct DeepSeekConfig {
  int64_t vocab_size = 0, hidden_size = 0, num_hidden_layers = 0, num_attention_heads = 0, max_position_embeddings = 0;
  /// Of a dense layer, and of one expert.
  int64_t intermediate_size = 0, moe_intermediate_size = 0;
  /// The first layers, which are dense.
  int64_t first_k_dense_replace = 3;
  int64_t n_routed_experts = 0, num_experts_per_tok = 8, n_shared_experts = 1;
  /// Experts stand in groups, of which the best are chosen from.
  int64_t n_group = 8, topk_group = 4;
  bool norm_topk_prob = true;
  double routed_scaling_factor = 2.5;
  /// 0: queries have no latent.
  int64_t q_lora_rank = 0;
  int64_t kv_lora_rank = 512, qk_nope_head_dim = 128, qk_rope_head_dim = 64, v_head_dim = 128;
  bool attention_bias = false;
  /// Whether neighbours are rotated together, not elements half of a head apart.
  bool rope_interleave = true;
  double rms_norm_eps = 1e-6, rope_theta = 10000;
  nn::RopeScaling rope_scaling = {};
  bool tie_word_embeddings = false;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static DeepSeekConfig from_file(const std::string &path);
  /// The config.json beside the files. **Throws** `Error` as above.
  static DeepSeekConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// One layer of the decoder: as Llama's, with latent attention, and from the first few on a mixture of experts.
struct DeepSeekDecoderLayer : nn::Layer<DeepSeekDecoderLayer> {
  Child<nn::RMSNorm> input_layernorm;
  Child<nn::LatentAttention> self_attn;
  Child<nn::RMSNorm> post_attention_layernorm;
  /// One of both, each by the name `mlp`.
  std::optional<Child<nn::MLP>> dense;
  std::optional<Child<nn::MoE>> sparse;

  DeepSeekDecoderLayer(const DeepSeekConfig &config, int64_t index);
  Value forward(Value x, nn::Rotation rotation);
};

/// From tokens to the hidden state of each.
struct DeepSeekModel : nn::Layer<DeepSeekModel> {
  DeepSeekConfig config;
  Child<nn::Embedding> embed_tokens{
      *this, "embed_tokens", config.vocab_size, config.hidden_size, {.dtype = config.dtype}};
  Child<nn::RotaryEmbedding> rotary_emb{
      *this, "rotary_emb", config.qk_rope_head_dim, {.theta = config.rope_theta, .scaling = config.rope_scaling}};
  Child<nn::LayerList<DeepSeekDecoderLayer>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm{*this, "norm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.rms_norm_eps}};

  explicit DeepSeekModel(const DeepSeekConfig &config);
  Value forward(Value ids);
};

/// From tokens to the logits of what comes next. The graph takes `dim_input("past")`: how many tokens the caches of latents
/// hold already. The layers of a checkpoint that predict further tokens are left out by `.ignored`, as above.
/// **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2412.19437
struct DeepSeek : nn::Layer<DeepSeek> {
  DeepSeekConfig config;
  Logits logits;
  Child<DeepSeekModel> model{*this, "model", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.hidden_size, config.vocab_size, {.dtype = config.dtype}};

  explicit DeepSeek(const DeepSeekConfig &config, Logits logits = Logits::all);
  Value forward(Value ids);
};

} // namespace varve::models
