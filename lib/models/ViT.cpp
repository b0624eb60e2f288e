// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/ViT.h"
#include "lib/models/Config.h"
#include "lib/models/Patches.h"

namespace varve::models {

static PatchGrid grid_of(const ViTConfig &config) {
  return {config.image_size, config.patch_size, config.interpolate_pos_encoding};
}

static nn::LayerNormOptions norm_of(const ViTConfig &config) {
  return {.dtype = config.dtype, .epsilon = config.layer_norm_eps};
}

ViTPatchEmbeddings::ViTPatchEmbeddings(const ViTConfig &config)
    : projection(*this, "projection", config.num_channels, config.hidden_size,
                 {.kernel = {config.patch_size.begin(), config.patch_size.end()},
                  .strides = {config.patch_size.begin(), config.patch_size.end()},
                  .bias = true,
                  .dtype = config.dtype}) {}

Value ViTPatchEmbeddings::forward(Value image) { return projection(image); }

ViTEmbeddings::ViTEmbeddings(const ViTConfig &config)
    : config(config), cls_token(*this, "cls_token", config.dtype, {1, 1, config.hidden_size}),
      position_embeddings(*this, "position_embeddings", config.dtype,
                          {1, grid_of(config).positions(), config.hidden_size}),
      patch_embeddings(*this, "patch_embeddings", config) {}

Value ViTEmbeddings::forward(Value image) {
  PatchGrid grid = grid_of(config);
  grid.check(image);
  return embed_patches(patch_embeddings(image), cls_token, position_embeddings, grid);
}

ViTLayer::ViTLayer(const ViTConfig &config)
    : layernorm_before(*this, "layernorm_before", config.hidden_size, norm_of(config)),
      attention(
          *this, "attention", config.hidden_size,
          {.heads = config.num_attention_heads, .dtype = config.dtype, .bias = config.qkv_bias, .out_bias = true}),
      layernorm_after(*this, "layernorm_after", config.hidden_size, norm_of(config)),
      mlp(*this, "mlp", config.hidden_size, config.intermediate_size,
          {.dtype = config.dtype, .activation = config.hidden_act}) {}

Value ViTLayer::forward(Value x) {
  x = x + attention(layernorm_before(x));
  return x + mlp(layernorm_after(x));
}

ViTPooler::ViTPooler(const ViTConfig &config)
    : dense(*this, "dense", config.hidden_size, config.pooler_output_size, {.dtype = config.dtype, .bias = true}),
      activation(config.pooler_act) {}

Value ViTPooler::forward(Value first) { return nn::activate(dense(first), activation); }

ViT::ViT(const ViTConfig &config)
    : embeddings(*this, "embeddings", config), layernorm(*this, "layernorm", config.hidden_size, norm_of(config)) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers.emplace(config);
  if (config.pooler_output_size > 0)
    pooler.emplace(*this, "pooler", config);
  if (config.num_labels > 0)
    classifier.emplace(*this, "classifier", config.hidden_size, config.num_labels,
                       nn::LinearOptions{.dtype = config.dtype, .bias = true});
}

ViTStates ViT::forward(Value image) {
  Value x = embeddings(image);
  for (ViTLayer &layer : layers)
    x = layer(x);
  x = layernorm(x);
  ViTStates states{x, {}, {}};
  if (pooler)
    states.pooler_output = (*pooler)(x(slice(), 0));
  if (classifier)
    states.logits = (*classifier)(x(slice(), 0));
  return states;
}

ViTConfig ViTConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "vit");
  ViTConfig config;
  config.hidden_size = file.integer("hidden_size", config.hidden_size);
  config.intermediate_size = file.integer("intermediate_size", config.intermediate_size);
  config.num_hidden_layers = file.integer("num_hidden_layers", config.num_hidden_layers);
  config.num_attention_heads = file.integer("num_attention_heads", config.num_attention_heads);
  config.num_channels = file.integer("num_channels", config.num_channels);
  config.image_size = file.pair("image_size", config.image_size);
  config.patch_size = file.pair("patch_size", config.patch_size);
  config.hidden_act = file.activation("hidden_act", config.hidden_act);
  config.layer_norm_eps = file.number("layer_norm_eps", config.layer_norm_eps);
  config.qkv_bias = file.boolean("qkv_bias", config.qkv_bias);
  config.pooler_act = file.activation("pooler_act", config.pooler_act);
  if (file.lists("architectures", "ViTForImageClassification"))
    config.num_labels = file.labels();
  else
    config.pooler_output_size = file.integer("pooler_output_size", config.hidden_size);
  config.dtype = file.dtype(config.dtype);
  return config;
}

ViTConfig ViTConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  ViTConfig config = from_file(config_beside(checkpoint));
  auto rows = [&](const std::string &name) -> int64_t {
    auto found = checkpoint.tensors.find(name);
    return found == checkpoint.tensors.end() || found->second.shape().empty() ? 0 : found->second.shape()[0];
  };
  config.pooler_output_size = std::max(rows("pooler.dense.weight"), rows("vit.pooler.dense.weight"));
  config.num_labels = rows("classifier.weight");
  return config;
}

} // namespace varve::models
