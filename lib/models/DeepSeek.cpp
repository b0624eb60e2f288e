// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/DeepSeek.h"
#include "lib/models/Config.h"

namespace varve::models {

DeepSeekDecoderLayer::DeepSeekDecoderLayer(const DeepSeekConfig &config, int64_t index)
    : input_layernorm(*this, "input_layernorm", config.hidden_size,
                      {.dtype = config.dtype, .epsilon = config.rms_norm_eps}),
      self_attn(*this, "self_attn", config.hidden_size,
                {.heads = config.num_attention_heads,
                 .q_lora_rank = config.q_lora_rank,
                 .kv_lora_rank = config.kv_lora_rank,
                 .qk_nope_head_dim = config.qk_nope_head_dim,
                 .qk_rope_head_dim = config.qk_rope_head_dim,
                 .v_head_dim = config.v_head_dim,
                 .dtype = config.dtype,
                 .bias = config.attention_bias,
                 .scaling = config.rope_scaling,
                 .causal = true,
                 .pairing = config.rope_interleave ? Pairing::interleaved : Pairing::half,
                 .cache = config.max_position_embeddings,
                 .batch = config.batch}),
      post_attention_layernorm(*this, "post_attention_layernorm", config.hidden_size,
                               {.dtype = config.dtype, .epsilon = config.rms_norm_eps}) {
  if (index < config.first_k_dense_replace)
    dense.emplace(*this, "mlp", config.hidden_size, config.intermediate_size, nn::MLPOptions{.dtype = config.dtype});
  else
    sparse.emplace(*this, "mlp", config.hidden_size, config.moe_intermediate_size,
                   nn::MoEOptions{.experts = config.n_routed_experts,
                                  .top_k = config.num_experts_per_tok,
                                  .router = {.scoring = nn::Scoring::sigmoid,
                                             .renormalize = config.norm_topk_prob,
                                             .scale = config.routed_scaling_factor,
                                             .selection_bias = true,
                                             .groups = config.n_group,
                                             .top_groups = config.topk_group},
                                  .shared_hidden = config.n_shared_experts * config.moe_intermediate_size,
                                  .dtype = config.dtype});
}

Value DeepSeekDecoderLayer::forward(Value x, nn::Rotation rotation) {
  x = x + self_attn(input_layernorm(x), rotation);
  Value normed = post_attention_layernorm(x);
  return x + (dense ? (*dense)(normed) : (*sparse)(normed));
}

DeepSeekModel::DeepSeekModel(const DeepSeekConfig &config) : config(config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers.emplace(config, i);
}

Value DeepSeekModel::forward(Value ids) {
  Value x = embed_tokens(ids);
  nn::Rotation rotation = rotary_emb(ids.dim(1), Dim("past"));
  for (DeepSeekDecoderLayer &layer : layers)
    x = layer(x, rotation);
  return norm(x);
}

DeepSeek::DeepSeek(const DeepSeekConfig &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", model.embed_tokens.weight);
}

Value DeepSeek::forward(Value ids) {
  Value x = model(ids);
  return lm_head(positions_of(x, logits));
}

DeepSeekConfig DeepSeekConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "deepseek_v3");
  file.expect("hidden_act", "silu");
  file.expect("scoring_func", "sigmoid");
  file.expect("topk_method", "noaux_tc");
  file.expect("moe_layer_freq", 1);
  file.expect_off("quantization_config");
  DeepSeekConfig config;
  config.vocab_size = file.integer("vocab_size");
  config.hidden_size = file.integer("hidden_size");
  config.num_hidden_layers = file.integer("num_hidden_layers");
  config.num_attention_heads = file.integer("num_attention_heads");
  config.max_position_embeddings = file.integer("max_position_embeddings");
  config.intermediate_size = file.integer("intermediate_size");
  config.moe_intermediate_size = file.integer("moe_intermediate_size");
  config.first_k_dense_replace = file.integer("first_k_dense_replace", config.first_k_dense_replace);
  config.n_routed_experts = file.integer("n_routed_experts", file.optional_integer("num_local_experts"));
  config.num_experts_per_tok = file.integer("num_experts_per_tok", config.num_experts_per_tok);
  config.n_shared_experts = file.integer("n_shared_experts", config.n_shared_experts);
  config.n_group = file.integer("n_group", config.n_group);
  config.topk_group = file.integer("topk_group", config.topk_group);
  config.norm_topk_prob = file.boolean("norm_topk_prob", config.norm_topk_prob);
  config.routed_scaling_factor = file.number("routed_scaling_factor", config.routed_scaling_factor);
  config.q_lora_rank = file.optional_integer("q_lora_rank").value_or(0);
  config.kv_lora_rank = file.integer("kv_lora_rank", config.kv_lora_rank);
  config.qk_nope_head_dim = file.integer("qk_nope_head_dim", config.qk_nope_head_dim);
  config.qk_rope_head_dim = file.integer("qk_rope_head_dim", config.qk_rope_head_dim);
  config.v_head_dim = file.integer("v_head_dim", config.v_head_dim);
  config.attention_bias = file.boolean("attention_bias", config.attention_bias);
  config.rope_interleave = file.boolean("rope_interleave", config.rope_interleave);
  config.rms_norm_eps = file.number("rms_norm_eps", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(config.qk_rope_head_dim, config.rope_theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(config.dtype);
  return config;
}

DeepSeekConfig DeepSeekConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  return from_file(config_beside(checkpoint));
}

} // namespace varve::models
