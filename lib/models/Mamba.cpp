// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Mamba.h"
#include "lib/models/Config.h"

namespace varve::models {

Value MambaBlock::forward(Value x) {
  Value mixed = mixer(norm(cast(x, config.dtype)));
  return config.residual_in_fp32 ? cast(x, f32) + cast(mixed, f32) : x + mixed;
}

MambaModel::MambaModel(const MambaConfig &config) : config(config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layers.emplace(config);
}

Value MambaModel::forward(Value ids) {
  Value x = embeddings(ids);
  for (MambaBlock &layer : layers)
    x = layer(x);
  return norm_f(cast(x, config.dtype));
}

Mamba::Mamba(const MambaConfig &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", backbone.embeddings.weight);
}

Value Mamba::forward(Value ids) {
  Value x = backbone(ids);
  return lm_head(positions_of(x, logits));
}

MambaConfig MambaConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "mamba");
  file.expect("hidden_act", "silu");
  MambaConfig config;
  config.vocab_size = file.integer("vocab_size");
  config.hidden_size = file.integer("hidden_size");
  config.num_hidden_layers = file.integer("num_hidden_layers");
  config.state_size = file.integer("state_size", config.state_size);
  config.conv_kernel = file.integer("conv_kernel", config.conv_kernel);
  double inner = file.number("expand", 2) * static_cast<double>(config.hidden_size);
  config.intermediate_size = file.integer("intermediate_size", static_cast<int64_t>(inner));
  if (!file.is("time_step_rank", "auto"))
    config.time_step_rank = file.integer("time_step_rank", (config.hidden_size + 15) / 16);
  config.layer_norm_epsilon = file.number("layer_norm_epsilon", config.layer_norm_epsilon);
  config.use_bias = file.boolean("use_bias", config.use_bias);
  config.use_conv_bias = file.boolean("use_conv_bias", config.use_conv_bias);
  config.residual_in_fp32 = file.boolean("residual_in_fp32", config.residual_in_fp32);
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(config.dtype);
  return config;
}

MambaConfig MambaConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  return from_file(config_beside(checkpoint));
}

} // namespace varve::models
