// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Bert.h"
#include "lib/models/Config.h"

namespace varve::models {

BertOutput::BertOutput(int64_t in, const BertConfig &config)
    : dense(*this, "dense", in, config.hidden_size, {.dtype = config.dtype, .bias = true}),
      norm(*this, "LayerNorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.layer_norm_eps}) {}

Value BertOutput::forward(Value x, Value residual) { return norm(dense(x) + residual); }

Value BertSelfAttention::forward(Value x, Value mask) {
  Dim batch = x.dim(0), seq = x.dim(1);
  auto heads = [&](Value each) { return reshape(each, {batch, seq, config.num_attention_heads, -1}); };
  if (mask && mask.dim(2) != seq)
    mask = broadcast(mask, {mask.dim(0), mask.dim(1), seq, seq});
  Value context = varve::attention(heads(query(x)), heads(key(x)), heads(value(x)), {.mask = mask});
  return reshape(context, {batch, seq, -1});
}

BertAttention::BertAttention(const BertConfig &config)
    : self(*this, "self", config), output(*this, "output", config.hidden_size, config) {}

Value BertAttention::forward(Value x, Value mask) { return output(self(x, mask), x); }

BertIntermediate::BertIntermediate(const BertConfig &config)
    : dense(*this, "dense", config.hidden_size, config.intermediate_size, {.dtype = config.dtype, .bias = true}) {}

Value BertIntermediate::forward(Value x) { return gelu(dense(x)); }

BertLayer::BertLayer(const BertConfig &config)
    : attention(*this, "attention", config), intermediate(*this, "intermediate", config),
      output(*this, "output", config.intermediate_size, config) {}

Value BertLayer::forward(Value x, Value mask) {
  x = attention(x, mask);
  return output(intermediate(x), x);
}

BertConfig BertConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "bert");
  file.expect("hidden_act", "gelu");
  BertConfig config;
  config.hidden_size = file.integer("hidden_size");
  config.intermediate_size = file.integer("intermediate_size");
  config.num_attention_heads = file.integer("num_attention_heads");
  config.layer_norm_eps = file.number("layer_norm_eps", config.layer_norm_eps);
  config.dtype = file.dtype(config.dtype);
  return config;
}

} // namespace varve::models
