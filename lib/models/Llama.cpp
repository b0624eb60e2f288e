// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a model is written: the structs in Llama.h say what its parts are, `forward` says what they do.
#include "varve/models/Llama.h"
#include "lib/models/Config.h"

namespace varve::models {

// A residual block: what attention and feed-forward find is added to x.
Value LlamaDecoderLayer::forward(Value x, nn::Rotation rotation, Value position) {
  Value normed = input_layernorm(x);
  x = x + (position ? self_attn(normed, rotation, Value(), position) : self_attn(normed, rotation));
  return x + mlp(post_attention_layernorm(x));
}

LlamaModel::LlamaModel(const LlamaConfig &config) : config(config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers.emplace(config);
}

// Positions of this call begin at `position`; without one, at the dimension "past", which is an input of the graph.
Value LlamaModel::forward(Value ids, Value position) {
  Value x = embed_tokens(ids);
  nn::Rotation rotation = position ? rotary_emb(ids.dim(1), position) : rotary_emb(ids.dim(1), Dim("past"));
  for (LlamaDecoderLayer &layer : layers)
    x = position ? layer(x, rotation, position) : layer(x, rotation);
  return norm(x);
}

// A tied head uses the embedding's table: one weight, loaded and stored once.
Llama::Llama(const LlamaConfig &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", model.embed_tokens.weight);
}

Value Llama::forward(Value ids, Value position) {
  Value x = position ? model(ids, position) : model(ids);
  return lm_head(positions_of(x, logits));
}

LlamaConfig LlamaConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", std::vector<std::string>{"llama", "mistral", "qwen2"});
  file.expect("hidden_act", "silu");
  file.expect_off("mlp_bias");
  bool qwen = file.is("model_type", "qwen2");
  if (qwen) // names a window all the same
    file.expect_off("use_sliding_window");
  LlamaConfig config;
  config.vocab_size = file.integer("vocab_size");
  config.hidden_size = file.integer("hidden_size");
  config.intermediate_size = file.integer("intermediate_size");
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
  config.out_bias = file.boolean("attention_bias", false);
  config.qkv_bias = qwen || config.out_bias;
  if (!qwen)
    config.sliding_window = file.optional_integer("sliding_window");
  config.dtype = file.dtype(config.dtype);
  return config;
}

LlamaConfig LlamaConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  if (!is_gguf(checkpoint))
    return from_file(config_beside(checkpoint));
  Config file(checkpoint);
  file.expect("general.architecture", std::vector<std::string>{"llama", "qwen2"});
  std::string of = file.is("general.architecture", "qwen2") ? "qwen2." : "llama.";
  file.expect_off(of + "expert_count");
  GgufEmbedding embedding = gguf_embedding(checkpoint);
  LlamaConfig config;
  config.vocab_size = embedding.vocab_size;
  config.hidden_size = file.integer(of + "embedding_length");
  config.intermediate_size = file.integer(of + "feed_forward_length");
  config.num_hidden_layers = file.integer(of + "block_count");
  config.num_attention_heads = file.integer(of + "attention.head_count");
  config.num_key_value_heads = file.integer(of + "attention.head_count_kv", config.num_attention_heads);
  config.head_dim = file.integer(of + "attention.key_length", config.hidden_size / config.num_attention_heads);
  config.max_position_embeddings = file.integer(of + "context_length");
  config.rms_norm_eps = file.number(of + "attention.layer_norm_rms_epsilon", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(checkpoint, of, config.head_dim, config.rope_theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.sliding_window = file.optional_integer(of + "attention.sliding_window");
  config.qkv_bias = checkpoint.tensors.contains("blk.0.attn_q.bias");
  config.out_bias = checkpoint.tensors.contains("blk.0.attn_output.bias");
  config.tie_word_embeddings = embedding.tied;
  config.dtype = embedding.dtype;
  return config;
}

} // namespace varve::models
