// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/CLIP.h"
#include "lib/models/Config.h"
#include "lib/models/Patches.h"

namespace varve::models {

static PatchGrid grid_of(const CLIPVisionConfig &config) {
  return {config.image_size, config.patch_size, config.interpolate_pos_encoding};
}

template <class Part> static CLIPEncoderOptions encoder_of(const Part &config, bool causal) {
  return {.dim = config.hidden_size,
          .hidden = config.intermediate_size,
          .layers = config.num_hidden_layers,
          .heads = config.num_attention_heads,
          .activation = config.hidden_act,
          .epsilon = config.layer_norm_eps,
          .causal = causal,
          .dtype = config.dtype};
}

template <class Part> static nn::LayerNormOptions norm_of(const Part &config) {
  return {.dtype = config.dtype, .epsilon = config.layer_norm_eps};
}

CLIPEncoderLayer::CLIPEncoderLayer(const CLIPEncoderOptions &options)
    : layer_norm1(*this, "layer_norm1", options.dim, {.dtype = options.dtype, .epsilon = options.epsilon}),
      self_attn(
          *this, "self_attn", options.dim,
          {.heads = options.heads, .dtype = options.dtype, .bias = true, .out_bias = true, .causal = options.causal}),
      layer_norm2(*this, "layer_norm2", options.dim, {.dtype = options.dtype, .epsilon = options.epsilon}),
      mlp(*this, "mlp", options.dim, options.hidden, {.dtype = options.dtype, .activation = options.activation}) {}

Value CLIPEncoderLayer::forward(Value x, Value mask) {
  x = x + self_attn(layer_norm1(x), nn::Rotation{}, mask);
  return x + mlp(layer_norm2(x));
}

CLIPEncoder::CLIPEncoder(const CLIPEncoderOptions &options) {
  for (int64_t i = 0; i < options.layers; ++i)
    layers.emplace(options);
}

Value CLIPEncoder::forward(Value x, Value mask) {
  for (CLIPEncoderLayer &layer : layers)
    x = layer(x, mask);
  return x;
}

CLIPTextEmbeddings::CLIPTextEmbeddings(const CLIPTextConfig &config)
    : token_embedding(*this, "token_embedding", config.vocab_size, config.hidden_size, {.dtype = config.dtype}),
      position_embedding(*this, "position_embedding", config.max_position_embeddings, config.hidden_size,
                         {.dtype = config.dtype}) {}

Value CLIPTextEmbeddings::forward(Value ids) { return token_embedding(ids) + position_embedding(iota({ids.dim(1)})); }

CLIPVisionEmbeddings::CLIPVisionEmbeddings(const CLIPVisionConfig &config)
    : config(config), class_embedding(*this, "class_embedding", config.dtype, {config.hidden_size}),
      patch_embedding(*this, "patch_embedding", config.num_channels, config.hidden_size,
                      {.kernel = {config.patch_size.begin(), config.patch_size.end()},
                       .strides = {config.patch_size.begin(), config.patch_size.end()},
                       .dtype = config.dtype}),
      position_embedding(*this, "position_embedding", grid_of(config).positions(), config.hidden_size,
                         {.dtype = config.dtype}) {}

Value CLIPVisionEmbeddings::forward(Value image) {
  PatchGrid grid = grid_of(config);
  grid.check(image);
  return embed_patches(patch_embedding(image), class_embedding, position_embedding.weight, grid);
}

CLIPTextModel::CLIPTextModel(const CLIPTextConfig &config)
    : eos_token_id(config.eos_token_id), embeddings(*this, "embeddings", config),
      encoder(*this, "encoder", encoder_of(config, true)),
      final_layer_norm(*this, "final_layer_norm", config.hidden_size, norm_of(config)) {}

CLIPStates CLIPTextModel::forward(Value ids, Value mask) {
  Dim batch = ids.dim(0), seq = ids.dim(1);
  if (mask)
    mask = broadcast(reshape(mask, {batch, 1, 1, seq}), {batch, 1, seq, seq});
  Value x = final_layer_norm(encoder(embeddings(ids), mask));
  Value end = argmax(eos_token_id == 2 ? ids : cast(equal(ids, eos_token_id), i32), {.axis = 1});
  Value at = broadcast(reshape(end, {batch, 1, 1}), {batch, 1, x.dim(2)});
  return {x, reshape(take_along_axis(x, at, 1), {batch, x.dim(2)})};
}

CLIPVisionModel::CLIPVisionModel(const CLIPVisionConfig &config)
    : embeddings(*this, "embeddings", config), pre_layrnorm(*this, "pre_layrnorm", config.hidden_size, norm_of(config)),
      encoder(*this, "encoder", encoder_of(config, false)),
      post_layernorm(*this, "post_layernorm", config.hidden_size, norm_of(config)) {}

CLIPStates CLIPVisionModel::forward(Value image) {
  Value x = encoder(pre_layrnorm(embeddings(image)), Value());
  return {x, post_layernorm(x(slice(), 0))};
}

CLIP::CLIP(const CLIPConfig &config)
    : text_model(*this, "text_model", config.text_config), vision_model(*this, "vision_model", config.vision_config),
      text_projection(*this, "text_projection", config.text_config.hidden_size, config.projection_dim,
                      {.dtype = config.dtype}),
      visual_projection(*this, "visual_projection", config.vision_config.hidden_size, config.projection_dim,
                        {.dtype = config.dtype}),
      logit_scale(*this, "logit_scale", config.dtype, {}) {}

Value CLIP::text_features(Value ids, Value mask) { return text_projection(text_model(ids, mask).pooler_output); }

Value CLIP::image_features(Value image) { return visual_projection(vision_model(image).pooler_output); }

CLIPOutput CLIP::forward(Value ids, Value image, Value mask) {
  auto unit = [](Value x) { return x / sqrt(reduce_sum(square(x), {.axes = {-1}, .keep_dims = true})); };
  Value text = unit(text_features(ids, mask)), seen = unit(image_features(image));
  return {linear(seen, text) * exp(logit_scale), text, seen};
}

// Where an old file has a text_config_dict too, that counts alone, as transformers has it.
static Config part_of(const Config &file, const std::string &name) {
  return file.part(file.has(name + "_dict") ? name + "_dict" : name);
}

// What both parts have.
template <class Part> static void read_part(const Config &part, Part &into) {
  into.hidden_size = part.integer("hidden_size", into.hidden_size);
  into.intermediate_size = part.integer("intermediate_size", into.intermediate_size);
  into.num_hidden_layers = part.integer("num_hidden_layers", into.num_hidden_layers);
  into.num_attention_heads = part.integer("num_attention_heads", into.num_attention_heads);
  into.hidden_act = part.activation("hidden_act", into.hidden_act);
  into.layer_norm_eps = part.number("layer_norm_eps", into.layer_norm_eps);
}

CLIPConfig CLIPConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "clip");
  CLIPConfig config;
  CLIPTextConfig &text = config.text_config;
  CLIPVisionConfig &vision = config.vision_config;
  Config words = part_of(file, "text_config"), images = part_of(file, "vision_config");
  read_part(words, text);
  read_part(images, vision);
  text.vocab_size = words.integer("vocab_size", text.vocab_size);
  text.max_position_embeddings = words.integer("max_position_embeddings", text.max_position_embeddings);
  text.eos_token_id = words.integer("eos_token_id", text.eos_token_id);
  vision.num_channels = images.integer("num_channels", vision.num_channels);
  vision.image_size = images.pair("image_size", vision.image_size);
  vision.patch_size = images.pair("patch_size", vision.patch_size);
  config.projection_dim = file.integer("projection_dim", config.projection_dim);
  config.dtype = text.dtype = vision.dtype = file.dtype(config.dtype);
  return config;
}

CLIPConfig CLIPConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  return from_file(config_beside(checkpoint));
}

} // namespace varve::models
