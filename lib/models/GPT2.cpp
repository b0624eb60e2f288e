// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/GPT2.h"
#include "lib/models/Config.h"
#include "lib/nn/layers/Cache.h"

namespace varve::models {

static Shape cache_shape(const GPT2Config &config) {
  if (config.n_head < 1 || config.n_embd % config.n_head != 0)
    throw Error("expects an n_head that divides n_embd, but got " + std::to_string(config.n_head) + " and " +
                std::to_string(config.n_embd));
  return {config.batch, config.n_positions, config.n_head, config.n_embd / config.n_head};
}

GPT2Attention::GPT2Attention(const GPT2Config &config)
    : config(config), c_attn(*this, "c_attn", config.n_embd, 3 * config.n_embd, {.dtype = config.dtype, .bias = true}),
      c_proj(*this, "c_proj", config.n_embd, config.n_embd, {.dtype = config.dtype, .bias = true}),
      k_cache(*this, "k_cache", config.dtype, cache_shape(config)),
      v_cache(*this, "v_cache", config.dtype, cache_shape(config)) {}

Value GPT2Attention::forward(Value x) {
  nn::expect_batch_of(k_cache, x);
  Dim batch = x.dim(0), seq = x.dim(1), past("past");
  std::vector<Value> parts = split(c_attn(x), {config.n_embd, config.n_embd, config.n_embd}, -1);
  for (Value &part : parts)
    part = reshape(part, {batch, seq, config.n_head, -1});
  k_cache.store(parts[1], {0, past, 0, 0});
  v_cache.store(parts[2], {0, past, 0, 0});
  Value k = slice(k_cache.load(), 1, {.end = past + seq}), v = slice(v_cache.load(), 1, {.end = past + seq});
  return c_proj(reshape(attention(parts[0], k, v, {.causal = true}), {batch, seq, -1}));
}

GPT2MLP::GPT2MLP(const GPT2Config &config)
    : c_fc(*this, "c_fc", config.n_embd, config.n_inner == 0 ? 4 * config.n_embd : config.n_inner,
           {.dtype = config.dtype, .bias = true}),
      c_proj(*this, "c_proj", config.n_inner == 0 ? 4 * config.n_embd : config.n_inner, config.n_embd,
             {.dtype = config.dtype, .bias = true}) {}

Value GPT2MLP::forward(Value x) { return c_proj(gelu(c_fc(x), {.approximate = Approximate::tanh})); }

GPT2Block::GPT2Block(const GPT2Config &config)
    : ln_1(*this, "ln_1", config.n_embd, {.dtype = config.dtype, .epsilon = config.layer_norm_epsilon}),
      attn(*this, "attn", config),
      ln_2(*this, "ln_2", config.n_embd, {.dtype = config.dtype, .epsilon = config.layer_norm_epsilon}),
      mlp(*this, "mlp", config) {}

Value GPT2Block::forward(Value x) {
  x = x + attn(ln_1(x));
  return x + mlp(ln_2(x));
}

GPT2Model::GPT2Model(const GPT2Config &config)
    : wte(*this, "wte", config.vocab_size, config.n_embd, {.dtype = config.dtype}),
      wpe(*this, "wpe", config.n_positions, config.n_embd, {.dtype = config.dtype}),
      ln_f(*this, "ln_f", config.n_embd, {.dtype = config.dtype, .epsilon = config.layer_norm_epsilon}) {
  for (int64_t i = 0; i < config.n_layer; ++i)
    h.emplace(config);
}

Value GPT2Model::forward(Value ids) {
  Value x = wte(ids) + wpe(iota({ids.dim(1)}) + dim_value("past"));
  for (GPT2Block &block : h)
    x = block(x);
  return ln_f(x);
}

GPT2::GPT2(const GPT2Config &config, Logits logits) : config(config), logits(logits) {
  if (config.tie_word_embeddings)
    lm_head.set_shared_weight("weight", transformer.wte.weight);
}

Value GPT2::forward(Value ids) {
  Value x = transformer(ids);
  return lm_head(positions_of(x, logits));
}

GPT2Config GPT2Config::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "gpt2");
  file.expect("activation_function", std::vector<std::string>{"gelu_new", "gelu_pytorch_tanh"});
  file.expect_off("scale_attn_by_inverse_layer_idx");
  file.expect_off("add_cross_attention");
  GPT2Config config;
  config.vocab_size = file.integer("vocab_size");
  config.n_positions = file.integer("n_positions");
  config.n_embd = file.integer("n_embd");
  config.n_layer = file.integer("n_layer");
  config.n_head = file.integer("n_head");
  config.n_inner = file.integer("n_inner", 4 * config.n_embd);
  config.layer_norm_epsilon = file.number("layer_norm_epsilon", config.layer_norm_epsilon);
  config.tie_word_embeddings = file.boolean("tie_word_embeddings", config.tie_word_embeddings);
  config.dtype = file.dtype(config.dtype);
  return config;
}

GPT2Config GPT2Config::from_checkpoint(const weights::Checkpoint &checkpoint) {
  if (!is_gguf(checkpoint))
    return from_file(config_beside(checkpoint));
  Config file(checkpoint);
  file.expect("general.architecture", "gpt2");
  GgufEmbedding embedding = gguf_embedding(checkpoint);
  GPT2Config config;
  config.vocab_size = embedding.vocab_size;
  config.n_positions = file.integer("gpt2.context_length");
  config.n_embd = file.integer("gpt2.embedding_length");
  config.n_layer = file.integer("gpt2.block_count");
  config.n_head = file.integer("gpt2.attention.head_count");
  config.n_inner = file.integer("gpt2.feed_forward_length", 4 * config.n_embd);
  config.layer_norm_epsilon = file.number("gpt2.attention.layer_norm_epsilon", config.layer_norm_epsilon);
  config.tie_word_embeddings = embedding.tied;
  config.dtype = embedding.dtype;
  return config;
}

} // namespace varve::models
