// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Gemma3.h"
#include "lib/models/Config.h"
#include <cmath>

namespace varve::models {

Value Gemma3DecoderLayer::forward(Value x, nn::Rotation rotation) {
  x = x + post_attention_layernorm(self_attn(input_layernorm(x), rotation));
  return x + post_feedforward_layernorm(mlp(pre_feedforward_layernorm(x)));
}

// Every `period`-th layer sees everything.
static std::vector<bool> sliding_layers(int64_t layers, int64_t period) {
  std::vector<bool> sliding;
  for (int64_t i = 0; i < layers; ++i)
    sliding.push_back((i + 1) % period != 0);
  return sliding;
}

static Gemma3Config completed(Gemma3Config config) {
  if (config.sliding.empty())
    config.sliding = sliding_layers(config.num_hidden_layers, 6);
  if (std::ssize(config.sliding) != config.num_hidden_layers)
    throw Error("expects kinds of " + std::to_string(config.num_hidden_layers) + " layers, but got " +
                std::to_string(config.sliding.size()));
  return config;
}

Gemma3Model::Gemma3Model(const Gemma3Config &given) : config(completed(given)) {
  for (bool is_sliding : config.sliding)
    layers.emplace(config, is_sliding);
}

Value Gemma3Model::forward(Value ids) {
  Value x = embed_tokens(ids) * std::sqrt(static_cast<double>(config.hidden_size));
  nn::Rotation global = rotary_emb(ids.dim(1), Dim("past")), local = rotary_emb_local(ids.dim(1), Dim("past"));
  for (Gemma3DecoderLayer &layer : layers)
    x = layer(x, layer.is_sliding ? local : global);
  return norm(x);
}

Gemma3::Gemma3(const Gemma3Config &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", model.embed_tokens.weight);
}

Value Gemma3::forward(Value ids) {
  Value scores = lm_head(positions_of(model(ids), logits));
  if (std::optional<double> cap = config.final_logit_softcapping)
    scores = tanh(scores / *cap) * *cap;
  return scores;
}

// Of newer files rope_parameters says it for each kind of layer; older ones have rope_theta and rope_scaling of layers that see
// everything, and rope_local_base_freq.
static void read_rotary(Gemma3Config &config, const Config &file) {
  Config parameters = file.part("rope_parameters");
  parameters.expect_off("rope_type"); // of all layers alike
  Config full = parameters.part("full_attention"), sliding = parameters.part("sliding_attention");
  sliding.expect("rope_type", "default");
  config.rope_local_base_freq =
      sliding.number("rope_theta", file.number("rope_local_base_freq", config.rope_local_base_freq));
  double theta = full.number("rope_theta", file.number("rope_theta", config.rope_theta));
  Config old = file.part("rope_scaling");
  nn::RotaryOptions rotary = file.rotary(file.has("rope_scaling") ? old : full, config.head_dim, theta);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
}

static Gemma3Config read(const Config &file, const Config &whole) {
  file.expect("hidden_activation", "gelu_pytorch_tanh");
  file.expect_off("attention_bias");
  file.expect_off("attn_logit_softcapping");
  file.expect_off("use_bidirectional_attention");
  Gemma3Config config;
  config.vocab_size = file.integer("vocab_size", config.vocab_size);
  config.hidden_size = file.integer("hidden_size", config.hidden_size);
  config.intermediate_size = file.integer("intermediate_size", config.intermediate_size);
  config.num_hidden_layers = file.integer("num_hidden_layers", config.num_hidden_layers);
  config.num_attention_heads = file.integer("num_attention_heads", config.num_attention_heads);
  config.num_key_value_heads = file.integer("num_key_value_heads", config.num_key_value_heads);
  config.head_dim = file.integer("head_dim", config.head_dim);
  config.max_position_embeddings = file.integer("max_position_embeddings", config.max_position_embeddings);
  config.rms_norm_eps = file.number("rms_norm_eps", config.rms_norm_eps);
  read_rotary(config, file);
  config.query_pre_attn_scalar = file.number("query_pre_attn_scalar", config.query_pre_attn_scalar);
  config.sliding_window = file.integer("sliding_window", config.sliding_window);
  config.sliding = file.sliding_layers(config.num_hidden_layers);
  if (config.sliding.empty())
    config.sliding = sliding_layers(config.num_hidden_layers, file.integer("sliding_window_pattern", 6));
  config.final_logit_softcapping = file.optional_number("final_logit_softcapping");
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(whole.dtype(config.dtype));
  return config;
}

Gemma3Config Gemma3Config::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", std::vector<std::string>{"gemma3_text", "gemma3"});
  return file.is("model_type", "gemma3") ? read(file.part("text_config"), file) : read(file, file);
}

Gemma3Config Gemma3Config::from_checkpoint(const weights::Checkpoint &checkpoint) {
  if (!is_gguf(checkpoint))
    return from_file(config_beside(checkpoint));
  Config file(checkpoint);
  file.expect("general.architecture", "gemma3");
  GgufEmbedding embedding = gguf_embedding(checkpoint);
  Gemma3Config config;
  config.vocab_size = embedding.vocab_size;
  config.hidden_size = file.integer("gemma3.embedding_length");
  config.intermediate_size = file.integer("gemma3.feed_forward_length");
  config.num_hidden_layers = file.integer("gemma3.block_count");
  config.num_attention_heads = file.integer("gemma3.attention.head_count");
  config.num_key_value_heads = file.integer("gemma3.attention.head_count_kv", config.num_attention_heads);
  config.head_dim = file.integer("gemma3.attention.key_length", config.hidden_size / config.num_attention_heads);
  config.max_position_embeddings = file.integer("gemma3.context_length");
  config.rms_norm_eps = file.number("gemma3.attention.layer_norm_rms_epsilon", config.rms_norm_eps);
  nn::RotaryOptions rotary = file.rotary(checkpoint, "gemma3.", config.head_dim, /*theta=*/10000);
  config.rope_theta = rotary.theta;
  config.rope_scaling = rotary.scaling;
  config.rope_local_base_freq = file.number("gemma3.rope.freq_base_swa", config.rope_local_base_freq);
  config.query_pre_attn_scalar = static_cast<double>(
      config.num_hidden_layers == 62 ? config.hidden_size / config.num_attention_heads : config.head_dim);
  std::optional<int64_t> window = file.optional_integer("gemma3.attention.sliding_window");
  int64_t period = file.integer("gemma3.attention.sliding_window_pattern", 6);
  config.sliding_window = window.value_or(config.sliding_window);
  config.sliding = sliding_layers(config.num_hidden_layers, window ? period : 1);
  config.final_logit_softcapping = file.optional_number("gemma3.final_logit_softcapping");
  config.tie_word_embeddings = embedding.tied;
  config.dtype = embedding.dtype;
  return config;
}

} // namespace varve::models
