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

BertEmbeddings::BertEmbeddings(const BertConfig &config)
    : word_embeddings(*this, "word_embeddings", config.vocab_size, config.hidden_size, {.dtype = config.dtype}),
      position_embeddings(*this, "position_embeddings", config.max_position_embeddings, config.hidden_size,
                          {.dtype = config.dtype}),
      token_type_embeddings(*this, "token_type_embeddings", config.type_vocab_size, config.hidden_size,
                            {.dtype = config.dtype}),
      norm(*this, "LayerNorm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.layer_norm_eps}) {}

Value BertEmbeddings::forward(Value ids, Value types) {
  Dim seq = ids.dim(1);
  Value kinds = token_type_embeddings(types ? types : iota({1}));
  return norm(word_embeddings(ids) + kinds + position_embeddings(iota({seq})));
}

BertEncoder::BertEncoder(const BertConfig &config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i)
    layer.emplace(config);
}

Value BertEncoder::forward(Value x, Value mask) {
  for (BertLayer &each : layer)
    x = each(x, mask);
  return x;
}

BertPooler::BertPooler(const BertConfig &config)
    : dense(*this, "dense", config.hidden_size, config.hidden_size, {.dtype = config.dtype, .bias = true}) {}

Value BertPooler::forward(Value x) {
  Value first = slice(x, 1, {.end = 1});
  return tanh(dense(reshape(first, {x.dim(0), x.dim(2)})));
}

BertModel::BertModel(const BertConfig &config) : config(config) {
  if (config.pooler)
    pooler.emplace(*this, "pooler", config);
}

BertStates BertModel::forward(Value ids, Value types, Value mask) {
  if (mask)
    mask = reshape(mask, {mask.dim(0), 1, 1, mask.dim(1)});
  Value x = encoder(embeddings(ids, types), mask);
  return {x, pooler ? std::optional((*pooler)(x)) : std::nullopt};
}

BertConfig BertConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "bert");
  file.expect("hidden_act", "gelu");
  file.expect("position_embedding_type", "absolute");
  file.expect_off("is_decoder");
  BertConfig config;
  config.hidden_size = file.integer("hidden_size");
  config.intermediate_size = file.integer("intermediate_size");
  config.num_attention_heads = file.integer("num_attention_heads");
  config.vocab_size = file.integer("vocab_size", config.vocab_size);
  config.max_position_embeddings = file.integer("max_position_embeddings", config.max_position_embeddings);
  config.type_vocab_size = file.integer("type_vocab_size", config.type_vocab_size);
  config.num_hidden_layers = file.integer("num_hidden_layers", config.num_hidden_layers);
  config.layer_norm_eps = file.number("layer_norm_eps", config.layer_norm_eps);
  config.dtype = file.dtype(config.dtype);
  return config;
}

BertConfig BertConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  if (!is_gguf(checkpoint))
    return from_file(config_beside(checkpoint));
  Config file(checkpoint);
  file.expect("general.architecture", "bert");
  GgufEmbedding embedding = gguf_embedding(checkpoint);
  BertConfig config;
  config.hidden_size = file.integer("bert.embedding_length");
  config.intermediate_size = file.integer("bert.feed_forward_length");
  config.num_attention_heads = file.integer("bert.attention.head_count");
  config.vocab_size = embedding.vocab_size;
  config.max_position_embeddings = file.integer("bert.context_length");
  config.type_vocab_size = file.integer("tokenizer.ggml.token_type_count", config.type_vocab_size);
  config.num_hidden_layers = file.integer("bert.block_count");
  config.layer_norm_eps = file.number("bert.attention.layer_norm_epsilon", config.layer_norm_eps);
  config.pooler = false;
  config.dtype = embedding.dtype;
  return config;
}

} // namespace varve::models
