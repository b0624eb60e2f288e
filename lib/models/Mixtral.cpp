// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Mixtral.h"
#include "lib/models/Config.h"

namespace varve::models {

Value MixtralDecoderLayer::forward(Value x, nn::Rotation rotation) {
  x = x + self_attn(input_layernorm(x), rotation);
  return x + mlp(post_attention_layernorm(x));
}

MixtralModel::MixtralModel(const MixtralConfig &config) : config(config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers.emplace(config);
}

Value MixtralModel::forward(Value ids) {
  Value x = embed_tokens(ids);
  nn::Rotation rotation = rotary_emb(ids.dim(1), Dim("past"));
  for (MixtralDecoderLayer &layer : layers)
    x = layer(x, rotation);
  return norm(x);
}

Mixtral::Mixtral(const MixtralConfig &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", model.embed_tokens.weight);
}

Value Mixtral::forward(Value ids) {
  Value x = model(ids);
  return lm_head(positions_of(x, logits));
}

MixtralConfig MixtralConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", std::vector<std::string>{"mixtral", "qwen3_moe"});
  file.expect("hidden_act", "silu");
  MixtralConfig config;
  if (file.is("model_type", "qwen3_moe")) {
    file.expect_off("attention_bias");
    file.expect_off("use_sliding_window");
    file.expect_off("mlp_only_layers");
    file.expect("decoder_sparse_step", 1);
    config.moe_intermediate_size = file.integer("moe_intermediate_size");
    // As newer files have it, too.
    config.num_experts = file.integer("num_experts", file.optional_integer("num_local_experts"));
    config.num_experts_per_tok = file.integer("num_experts_per_tok");
    config.norm_topk_prob = file.boolean("norm_topk_prob", false);
    config.rms_norm_eps = 1e-6;
    config.rope_theta = 10000;
    config.qk_norm = true;
  } else {
    config.moe_intermediate_size = file.integer("intermediate_size");
    config.num_experts = file.integer("num_local_experts", config.num_experts);
    config.num_experts_per_tok = file.integer("num_experts_per_tok", config.num_experts_per_tok);
    config.sliding_window = file.optional_integer("sliding_window");
  }
  config.vocab_size = file.integer("vocab_size");
  config.hidden_size = file.integer("hidden_size");
  config.num_hidden_layers = file.integer("num_hidden_layers");
  config.num_attention_heads = file.integer("num_attention_heads");
  config.num_key_value_heads = file.integer("num_key_value_heads", config.num_attention_heads);
  config.head_dim = file.integer("head_dim", config.hidden_size / config.num_attention_heads);
  config.max_position_embeddings = file.integer("max_position_embeddings");
  config.rms_norm_eps = file.number("rms_norm_eps", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(config.head_dim, config.rope_theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(config.dtype);
  return config;
}

MixtralConfig MixtralConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  if (!is_gguf(checkpoint))
    return from_file(config_beside(checkpoint));
  Config file(checkpoint);
  file.expect("general.architecture", std::vector<std::string>{"llama", "qwen3moe"});
  bool qwen = file.is("general.architecture", "qwen3moe");
  std::string of = qwen ? "qwen3moe." : "llama.";
  GgufEmbedding embedding = gguf_embedding(checkpoint);
  MixtralConfig config;
  config.vocab_size = embedding.vocab_size;
  config.hidden_size = file.integer(of + "embedding_length");
  config.moe_intermediate_size = file.integer(of + (qwen ? "expert_feed_forward_length" : "feed_forward_length"));
  config.num_hidden_layers = file.integer(of + "block_count");
  config.num_attention_heads = file.integer(of + "attention.head_count");
  config.num_key_value_heads = file.integer(of + "attention.head_count_kv", config.num_attention_heads);
  config.head_dim = file.integer(of + "attention.key_length", config.hidden_size / config.num_attention_heads);
  config.max_position_embeddings = file.integer(of + "context_length");
  config.num_experts = file.integer(of + "expert_count");
  config.num_experts_per_tok = file.integer(of + "expert_used_count");
  config.rms_norm_eps = file.number(of + "attention.layer_norm_rms_epsilon", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(checkpoint, of, config.head_dim, qwen ? 10000 : config.rope_theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.sliding_window = file.optional_integer(of + "attention.sliding_window");
  config.qk_norm = qwen;
  config.tie_word_embeddings = embedding.tied;
  config.dtype = embedding.dtype;
  return config;
}

} // namespace varve::models
