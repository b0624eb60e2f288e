// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// GPT-2, with Hugging Face's names; its matrices are stored [in, out] there, which the rules for it mend.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::GPT2 gpt(models::GPT2Config::from_checkpoint(checkpoint));
//   gpt.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct GPT2Config {
  int64_t vocab_size = 0, n_positions = 0, n_embd = 0, n_layer = 0, n_head = 0;
  /// 0: four times n_embd.
  int64_t n_inner = 0;
  double layer_norm_epsilon = 1e-5;
  bool tie_word_embeddings = true;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static GPT2Config from_file(const std::string &path);
  /// What the metadata of a GGUF file say, or the config.json beside other files; as `LlamaConfig::from_checkpoint`.
  static GPT2Config from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// Attention whose query, key and value come from one product. **Throws** `Error` if n_head does not divide n_embd.
struct GPT2Attention : nn::Layer<GPT2Attention> {
  GPT2Config config;
  Child<nn::Linear> c_attn, c_proj;
  Buffer k_cache, v_cache;

  explicit GPT2Attention(const GPT2Config &config);
  Value forward(Value x);
};

struct GPT2MLP : nn::Layer<GPT2MLP> {
  Child<nn::Linear> c_fc, c_proj;

  explicit GPT2MLP(const GPT2Config &config);
  Value forward(Value x);
};

/// Attention and feed-forward, each after a norm and beside a way around it.
struct GPT2Block : nn::Layer<GPT2Block> {
  Child<nn::LayerNorm> ln_1;
  Child<GPT2Attention> attn;
  Child<nn::LayerNorm> ln_2;
  Child<GPT2MLP> mlp;

  explicit GPT2Block(const GPT2Config &config);
  Value forward(Value x);
};

/// From tokens to the hidden state of each. Positions are looked up in a table.
struct GPT2Model : nn::Layer<GPT2Model> {
  Child<nn::Embedding> wte, wpe;
  Child<nn::LayerList<GPT2Block>> h{*this, "h"};
  Child<nn::LayerNorm> ln_f;

  explicit GPT2Model(const GPT2Config &config);
  Value forward(Value ids);
};

/// From tokens to the logits of what comes next. The graph takes `dim_input("past")`: how many tokens the KV caches hold
/// already. **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32.
/// **Source** https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
struct GPT2 : nn::Layer<GPT2> {
  GPT2Config config;
  Logits logits;
  Child<GPT2Model> transformer{*this, "transformer", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.n_embd, config.vocab_size, {.dtype = config.dtype}};

  explicit GPT2(const GPT2Config &config, Logits logits = Logits::all);
  Value forward(Value ids);
};

} // namespace varve::models
