// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Qwen3.h"
#include "lib/models/Config.h"

namespace varve::models {

Value Qwen3DecoderLayer::forward(Value x, nn::Rotation rotation) {
  x = x + self_attn(input_layernorm(x), rotation);
  return x + mlp(post_attention_layernorm(x));
}

Qwen3Model::Qwen3Model(const Qwen3Config &config) : config(config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers.emplace(config);
}

Value Qwen3Model::forward(Value ids) {
  Value x = embed_tokens(ids);
  nn::Rotation rotation = rotary_emb(ids.dim(1), Dim("past"));
  for (Qwen3DecoderLayer &layer : layers)
    x = layer(x, rotation);
  return norm(x);
}

Qwen3::Qwen3(const Qwen3Config &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", model.embed_tokens.weight);
}

Value Qwen3::forward(Value ids) {
  Value x = model(ids);
  return lm_head(positions_of(x, logits));
}

Qwen3Config Qwen3Config::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "qwen3");
  file.expect("hidden_act", "silu");
  file.expect_off("attention_bias");
  file.expect_off("use_sliding_window");
  Qwen3Config config;
  config.vocab_size = file.integer("vocab_size");
  config.hidden_size = file.integer("hidden_size");
  config.intermediate_size = file.integer("intermediate_size");
  config.num_hidden_layers = file.integer("num_hidden_layers");
  config.num_attention_heads = file.integer("num_attention_heads");
  config.num_key_value_heads = file.integer("num_key_value_heads", config.num_attention_heads);
  config.head_dim = file.integer("head_dim", config.head_dim);
  config.max_position_embeddings = file.integer("max_position_embeddings");
  config.rms_norm_eps = file.number("rms_norm_eps", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(config.head_dim, config.rope_theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(config.dtype);
  return config;
}

Qwen3Config Qwen3Config::from_checkpoint(const weights::Checkpoint &checkpoint) {
  if (!is_gguf(checkpoint))
    return from_file(config_beside(checkpoint));
  Config file(checkpoint);
  file.expect("general.architecture", "qwen3");
  GgufEmbedding embedding = gguf_embedding(checkpoint);
  Qwen3Config config;
  config.vocab_size = embedding.vocab_size;
  config.hidden_size = file.integer("qwen3.embedding_length");
  config.intermediate_size = file.integer("qwen3.feed_forward_length");
  config.num_hidden_layers = file.integer("qwen3.block_count");
  config.num_attention_heads = file.integer("qwen3.attention.head_count");
  config.num_key_value_heads = file.integer("qwen3.attention.head_count_kv", config.num_attention_heads);
  config.head_dim = file.integer("qwen3.attention.key_length", config.head_dim);
  config.max_position_embeddings = file.integer("qwen3.context_length");
  config.rms_norm_eps = file.number("qwen3.attention.layer_norm_rms_epsilon", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(checkpoint, "qwen3.", config.head_dim, config.rope_theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.tie_word_embeddings = embedding.tied;
  config.dtype = embedding.dtype;
  return config;
}

} // namespace varve::models
