// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Whisper.h"
#include "lib/models/Config.h"
#include "lib/nn/layers/Cache.h"

namespace varve::models {

static int64_t checked(int64_t heads, const WhisperConfig &config) {
  if (heads < 1 || config.d_model % heads != 0)
    throw Error("expects heads that divide d_model, but got " + std::to_string(heads) + " and " +
                std::to_string(config.d_model));
  return heads;
}

WhisperAttention::WhisperAttention(const WhisperConfig &config, int64_t heads, int64_t cache)
    : heads(checked(heads, config)),
      q_proj(*this, "q_proj", config.d_model, config.d_model, {.dtype = config.dtype, .bias = true}),
      k_proj(*this, "k_proj", config.d_model, config.d_model, {.dtype = config.dtype}),
      v_proj(*this, "v_proj", config.d_model, config.d_model, {.dtype = config.dtype, .bias = true}),
      out_proj(*this, "out_proj", config.d_model, config.d_model, {.dtype = config.dtype, .bias = true}) {
  if (cache == 0)
    return;
  Shape shape = {config.batch, cache, heads, config.d_model / heads};
  k_cache.emplace(*this, "k_cache", config.dtype, shape);
  v_cache.emplace(*this, "v_cache", config.dtype, shape);
}

Value WhisperAttention::forward(Value x) {
  Dim batch = x.dim(0), seq = x.dim(1);
  auto split_heads = [&](Value each) { return reshape(each, {batch, seq, heads, -1}); };
  Value q = split_heads(q_proj(x)), k = split_heads(k_proj(x)), v = split_heads(v_proj(x));
  if (k_cache) {
    nn::expect_batch_of(*k_cache, x);
    Dim past("past");
    k_cache->store(k, {0, past, 0, 0});
    v_cache->store(v, {0, past, 0, 0});
    k = slice(k_cache->load(), 1, {.end = past + seq});
    v = slice(v_cache->load(), 1, {.end = past + seq});
  }
  return out_proj(reshape(varve::attention(q, k, v, {.causal = k_cache.has_value()}), {batch, seq, -1}));
}

WhisperEncoderLayer::WhisperEncoderLayer(const WhisperConfig &config)
    : self_attn(*this, "self_attn", config, config.encoder_attention_heads, 0),
      self_attn_layer_norm(*this, "self_attn_layer_norm", config.d_model, {.dtype = config.dtype}),
      fc1(*this, "fc1", config.d_model, config.encoder_ffn_dim, {.dtype = config.dtype, .bias = true}),
      fc2(*this, "fc2", config.encoder_ffn_dim, config.d_model, {.dtype = config.dtype, .bias = true}),
      final_layer_norm(*this, "final_layer_norm", config.d_model, {.dtype = config.dtype}) {}

Value WhisperEncoderLayer::forward(Value x) {
  x = x + self_attn(self_attn_layer_norm(x));
  return x + fc2(gelu(fc1(final_layer_norm(x))));
}

WhisperEncoder::WhisperEncoder(const WhisperConfig &config)
    : config(config), conv1(*this, "conv1", config.num_mel_bins, config.d_model,
                            {.kernel = {3}, .padding = {1}, .bias = true, .dtype = config.dtype}),
      conv2(*this, "conv2", config.d_model, config.d_model,
            {.kernel = {3}, .strides = {2}, .padding = {1}, .bias = true, .dtype = config.dtype}),
      embed_positions(*this, "embed_positions", config.max_source_positions, config.d_model, {.dtype = config.dtype}),
      layer_norm(*this, "layer_norm", config.d_model, {.dtype = config.dtype}) {
  for (int64_t i = 0; i < config.encoder_layers; ++i)
    layers.emplace(config);
}

Value WhisperEncoder::forward(Value mel) {
  int64_t frames = 2 * config.max_source_positions;
  if (mel.rank() != 3 || mel.dim(2) != Dim(frames))
    throw Error("expects a spectrogram of " + std::to_string(frames) + " frames, but got " + mel.type().str(), path(),
                declared());
  Value x = transpose(gelu(conv2(gelu(conv1(mel)))), {0, 2, 1}) + embed_positions.weight;
  for (WhisperEncoderLayer &layer : layers)
    x = layer(x);
  return layer_norm(x);
}

WhisperDecoderLayer::WhisperDecoderLayer(const WhisperConfig &config)
    : self_attn(*this, "self_attn", config, config.decoder_attention_heads, config.max_target_positions),
      self_attn_layer_norm(*this, "self_attn_layer_norm", config.d_model, {.dtype = config.dtype}),
      encoder_attn(*this, "encoder_attn", config.d_model,
                   {.heads = config.decoder_attention_heads,
                    .dtype = config.dtype,
                    .q_bias = true,
                    .v_bias = true,
                    .out_bias = true,
                    .cache = config.max_source_positions,
                    .batch = config.batch,
                    .source = config.max_source_positions}),
      encoder_attn_layer_norm(*this, "encoder_attn_layer_norm", config.d_model, {.dtype = config.dtype}),
      fc1(*this, "fc1", config.d_model, config.decoder_ffn_dim, {.dtype = config.dtype, .bias = true}),
      fc2(*this, "fc2", config.decoder_ffn_dim, config.d_model, {.dtype = config.dtype, .bias = true}),
      final_layer_norm(*this, "final_layer_norm", config.d_model, {.dtype = config.dtype}) {}

Value WhisperDecoderLayer::forward(Value x) {
  x = x + self_attn(self_attn_layer_norm(x));
  x = x + encoder_attn(encoder_attn_layer_norm(x));
  return x + fc2(gelu(fc1(final_layer_norm(x))));
}

WhisperDecoder::WhisperDecoder(const WhisperConfig &config)
    : embed_tokens(*this, "embed_tokens", config.vocab_size, config.d_model, {.dtype = config.dtype}),
      embed_positions(*this, "embed_positions", config.max_target_positions, config.d_model, {.dtype = config.dtype}),
      layer_norm(*this, "layer_norm", config.d_model, {.dtype = config.dtype}) {
  for (int64_t i = 0; i < config.decoder_layers; ++i)
    layers.emplace(config);
}

void WhisperDecoder::fill(Value states) {
  for (WhisperDecoderLayer &layer : layers)
    layer.encoder_attn.fill(states);
}

Value WhisperDecoder::forward(Value ids) {
  Value x = embed_tokens(ids) + embed_positions(iota({ids.dim(1)}) + dim_value("past"));
  for (WhisperDecoderLayer &layer : layers)
    x = layer(x);
  return layer_norm(x);
}

WhisperModel::WhisperModel(const WhisperConfig &config)
    : encoder(*this, "encoder", config), decoder(*this, "decoder", config) {}

Whisper::Whisper(const WhisperConfig &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    proj_out.set_shared_weight("weight", model.decoder.embed_tokens.weight);
}

Value Whisper::encode(Value mel) {
  Value states = model.encoder(mel);
  model.decoder.fill(states);
  return states;
}

Value Whisper::forward(Value ids) {
  Value x = model(ids);
  return proj_out(positions_of(x, logits));
}

WhisperConfig WhisperConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "whisper");
  file.expect("activation_function", "gelu");
  file.expect_off("scale_embedding");
  WhisperConfig config;
  config.d_model = file.integer("d_model");
  config.encoder_layers = file.integer("encoder_layers");
  config.decoder_layers = file.integer("decoder_layers");
  config.encoder_attention_heads = file.integer("encoder_attention_heads");
  config.decoder_attention_heads = file.integer("decoder_attention_heads");
  config.encoder_ffn_dim = file.integer("encoder_ffn_dim");
  config.decoder_ffn_dim = file.integer("decoder_ffn_dim");
  config.vocab_size = file.integer("vocab_size", config.vocab_size);
  config.num_mel_bins = file.integer("num_mel_bins", config.num_mel_bins);
  config.max_source_positions = file.integer("max_source_positions", config.max_source_positions);
  config.max_target_positions = file.integer("max_target_positions", config.max_target_positions);
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(config.dtype);
  return config;
}

WhisperConfig WhisperConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  return from_file(config_beside(checkpoint));
}

} // namespace varve::models
