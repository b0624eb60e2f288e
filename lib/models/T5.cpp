// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/T5.h"
#include "lib/models/Config.h"
#include <cmath>
#include <limits>

namespace varve::models {

static nn::AttentionOptions self_attention(const T5Config &config, bool decoder) {
  return {.heads = config.num_heads,
          .head_dim = config.d_kv,
          .dtype = config.dtype,
          .scale = 1,
          .causal = decoder,
          .cache = decoder ? config.n_positions : 0,
          .batch = config.batch};
}

static nn::RMSNormOptions norm(const T5Config &config) {
  return {.dtype = config.dtype, .epsilon = config.layer_norm_epsilon};
}

static nn::RelativePositionBiasOptions bias_of(const T5Config &config, bool bidirectional) {
  return {.buckets = config.relative_attention_num_buckets,
          .max_distance = config.relative_attention_max_distance,
          .bidirectional = bidirectional,
          .dtype = config.dtype};
}

T5FeedForward::T5FeedForward(const T5Config &config)
    : wo(*this, "wo", config.d_ff, config.d_model, {.dtype = config.dtype}) {
  nn::LinearOptions options = {.dtype = config.dtype};
  if (config.gated) {
    wi_0.emplace(*this, "wi_0", config.d_model, config.d_ff, options);
    wi_1.emplace(*this, "wi_1", config.d_model, config.d_ff, options);
  } else {
    wi.emplace(*this, "wi", config.d_model, config.d_ff, options);
  }
}

Value T5FeedForward::forward(Value x) {
  if (wi)
    return wo(relu((*wi)(x)));
  return wo(gelu((*wi_0)(x), {.approximate = Approximate::tanh}) * (*wi_1)(x));
}

T5EncoderBlock::T5EncoderBlock(const T5Config &config)
    : self_attn(*this, "self_attn", config.d_model, self_attention(config, false)),
      self_attn_norm(*this, "self_attn_norm", config.d_model, norm(config)),
      feed_forward(*this, "feed_forward", config),
      feed_forward_norm(*this, "feed_forward_norm", config.d_model, norm(config)) {}

Value T5EncoderBlock::forward(Value x, Value bias) {
  x = x + self_attn(self_attn_norm(x), nn::Rotation(), bias);
  return x + feed_forward(feed_forward_norm(x));
}

T5Encoder::T5Encoder(const T5Config &config)
    : relative_attention_bias(*this, "relative_attention_bias", config.num_heads, bias_of(config, true)),
      final_layer_norm(*this, "final_layer_norm", config.d_model, norm(config)) {
  for (int64_t i = 0; i < config.num_layers; ++i)
    block.emplace(config);
}

Value T5Encoder::forward(Value x, Value mask) {
  Value bias = relative_attention_bias(x.dim(1), x.dim(1));
  if (mask)
    bias = select(reshape(mask, {mask.dim(0), 1, 1, mask.dim(1)}), bias, -std::numeric_limits<double>::infinity());
  for (T5EncoderBlock &each : block)
    x = each(x, bias);
  return final_layer_norm(x);
}

T5DecoderBlock::T5DecoderBlock(const T5Config &config)
    : self_attn(*this, "self_attn", config.d_model, self_attention(config, true)),
      self_attn_norm(*this, "self_attn_norm", config.d_model, norm(config)),
      cross_attn(*this, "cross_attn", config.d_model,
                 {.heads = config.num_heads,
                  .head_dim = config.d_kv,
                  .dtype = config.dtype,
                  .scale = 1,
                  .cache = config.n_positions,
                  .batch = config.batch}),
      cross_attn_norm(*this, "cross_attn_norm", config.d_model, norm(config)),
      feed_forward(*this, "feed_forward", config),
      feed_forward_norm(*this, "feed_forward_norm", config.d_model, norm(config)) {}

Value T5DecoderBlock::forward(Value x, Value bias, Value mask) {
  x = x + self_attn(self_attn_norm(x), nn::Rotation(), bias);
  x = x + cross_attn(cross_attn_norm(x), Value(), mask);
  return x + feed_forward(feed_forward_norm(x));
}

T5Decoder::T5Decoder(const T5Config &config)
    : relative_attention_bias(*this, "relative_attention_bias", config.num_heads, bias_of(config, false)),
      final_layer_norm(*this, "final_layer_norm", config.d_model, norm(config)) {
  int64_t layers = config.num_decoder_layers == 0 ? config.num_layers : config.num_decoder_layers;
  for (int64_t i = 0; i < layers; ++i)
    block.emplace(config);
}

void T5Decoder::fill(Value states) {
  for (T5DecoderBlock &each : block)
    each.cross_attn.fill(states);
}

Value T5Decoder::forward(Value x, Value mask) {
  Dim seq = x.dim(1), past("past");
  Value bias = relative_attention_bias(seq, past + seq, past);
  if (mask)
    mask = reshape(mask, {mask.dim(0), 1, 1, mask.dim(1)});
  for (T5DecoderBlock &each : block)
    x = each(x, bias, mask);
  return final_layer_norm(x);
}

T5EncoderModel::T5EncoderModel(const T5Config &config)
    : shared(*this, "shared", config.vocab_size, config.d_model, {.dtype = config.dtype}),
      encoder(*this, "encoder", config) {}

Value T5EncoderModel::forward(Value ids, Value mask) { return encoder(shared(ids), mask); }

T5::T5(const T5Config &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", shared.weight);
}

Value T5::encode(Value ids, Value mask) {
  Value states = encoder(shared(ids), mask);
  decoder.fill(states);
  return states;
}

Value T5::forward(Value ids, Value mask) {
  Value x = positions_of(decoder(shared(ids), mask), logits);
  if (config.scale_decoder_outputs)
    x = x * (1 / std::sqrt(static_cast<double>(config.d_model)));
  return lm_head(x);
}

T5Config T5Config::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", std::vector<std::string>{"t5", "mt5"});
  file.expect("feed_forward_proj", std::vector<std::string>{"relu", "gated-gelu"});
  T5Config config;
  config.d_model = file.integer("d_model");
  config.d_kv = file.integer("d_kv");
  config.d_ff = file.integer("d_ff");
  config.num_heads = file.integer("num_heads");
  config.num_layers = file.integer("num_layers");
  config.num_decoder_layers = file.integer("num_decoder_layers", config.num_layers);
  config.vocab_size = file.integer("vocab_size", config.vocab_size);
  config.relative_attention_num_buckets =
      file.integer("relative_attention_num_buckets", config.relative_attention_num_buckets);
  config.relative_attention_max_distance =
      file.integer("relative_attention_max_distance", config.relative_attention_max_distance);
  config.layer_norm_epsilon = file.number("layer_norm_epsilon", config.layer_norm_epsilon);
  config.gated = file.is("feed_forward_proj", "gated-gelu");
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  // Older files say by an untied head that states are not scaled.
  config.scale_decoder_outputs = file.boolean("scale_decoder_outputs", config.tie_word_embeddings);
  config.n_positions = file.integer("n_positions", config.n_positions);
  config.dtype = file.dtype(config.dtype);
  return config;
}

T5Config T5Config::from_checkpoint(const weights::Checkpoint &checkpoint) {
  T5Config config = from_file(config_beside(checkpoint));
  config.tie_word_embeddings = !checkpoint.tensors.contains("lm_head.weight");
  return config;
}

} // namespace varve::models
