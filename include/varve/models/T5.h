// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// T5, as it was first and as version 1.1; checkpoints of Hugging Face load by the rules for it.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::T5 t5(models::T5Config::from_checkpoint(checkpoint));
//   t5.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
//   Graph encode("encode", [&](Value ids) { return t5.encode(ids); }, {{"ids", tensor_type(i64, {1, "source"})}});
//   Graph decode("decode", t5, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past"), dim_input("source")});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct T5Config {
  int64_t d_model = 0, d_kv = 0, d_ff = 0, num_heads = 0;
  /// 0 layers of the decoder: as many as of the encoder.
  int64_t num_layers = 0, num_decoder_layers = 0;
  int64_t vocab_size = 32128, relative_attention_num_buckets = 32, relative_attention_max_distance = 128;
  double layer_norm_epsilon = 1e-6;
  /// Version 1.1's feed-forward: "gated-gelu", not "relu".
  bool gated = false;
  bool tie_word_embeddings = true;
  /// Whether states are multiplied by d_model^-0.5 before the head, as they are of the first version.
  bool scale_decoder_outputs = true;
  /// How many the caches hold of the encoder's positions, and of the decoder's; positions themselves have no limit.
  int64_t n_positions = 512;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static T5Config from_file(const std::string &path);
  /// The config.json beside the files; the head is tied if they have none. **Throws** `Error` as above.
  static T5Config from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// wo(relu(wi(x))), or wo(gelu(wi_0(x)) * wi_1(x)) if gated.
struct T5FeedForward : nn::Layer<T5FeedForward> {
  std::optional<Child<nn::Linear>> wi, wi_0, wi_1;
  Child<nn::Linear> wo;

  explicit T5FeedForward(const T5Config &config);
  Value forward(Value x);
};

/// **Shapes** x [batch, seq, d_model]; bias, what is added to scores, [batch or 1, num_heads, seq, seq].
struct T5EncoderBlock : nn::Layer<T5EncoderBlock> {
  Child<nn::Attention> self_attn;
  Child<nn::RMSNorm> self_attn_norm;
  Child<T5FeedForward> feed_forward;
  Child<nn::RMSNorm> feed_forward_norm;

  explicit T5EncoderBlock(const T5Config &config);
  Value forward(Value x, Value bias);
};

/// From embeddings to the hidden state of each. **Shapes** x [batch, seq, d_model]; mask [batch, seq], true where a token
/// is, false where padding. It may be left out.
struct T5Encoder : nn::Layer<T5Encoder> {
  Child<nn::RelativePositionBias> relative_attention_bias;
  Child<nn::LayerList<T5EncoderBlock>> block{*this, "block"};
  Child<nn::RMSNorm> final_layer_norm;

  explicit T5Encoder(const T5Config &config);
  Value forward(Value x, Value mask = {});
};

struct T5DecoderBlock : nn::Layer<T5DecoderBlock> {
  Child<nn::Attention> self_attn;
  Child<nn::RMSNorm> self_attn_norm;
  Child<nn::CrossAttention> cross_attn;
  Child<nn::RMSNorm> cross_attn_norm;
  Child<T5FeedForward> feed_forward;
  Child<nn::RMSNorm> feed_forward_norm;

  explicit T5DecoderBlock(const T5Config &config);
  Value forward(Value x, Value bias, Value mask);
};

/// From embeddings to the hidden state of each, which sees those before it, and the encoder's that `fill` was given.
struct T5Decoder : nn::Layer<T5Decoder> {
  Child<nn::RelativePositionBias> relative_attention_bias;
  Child<nn::LayerList<T5DecoderBlock>> block{*this, "block"};
  Child<nn::RMSNorm> final_layer_norm;

  explicit T5Decoder(const T5Config &config);
  Value forward(Value x, Value mask = {});
  /// Keeps keys and values of the encoder's states in each block.
  void fill(Value states);
};

/// From tokens to the encoder's states alone. The rest of a checkpoint is left out by `.ignored = {"decoder.*",
/// "lm_head.weight"}`. **Shapes** ids and mask [batch, seq], result [batch, seq, d_model]. **Types** ids i64 or i32, mask
/// bool. **Source** https://arxiv.org/abs/1910.10683
struct T5EncoderModel : nn::Layer<T5EncoderModel> {
  Child<nn::Embedding> shared;
  Child<T5Encoder> encoder;

  explicit T5EncoderModel(const T5Config &config);
  Value forward(Value ids, Value mask = {});
};

/// Encoder and decoder: two entries of a program. `encode` is called once for each text; then the decoder as often as
/// wanted, which gives the logits of what comes next. Its graph takes `dim_input("past")`, how many tokens of its own it
/// has seen, and the encoder's mask again, or `dim_input("source")` if there is no mask.
/// **Shapes** ids [batch, seq], mask [batch, source]; logits [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position
/// only. **Types** ids i64 or i32, mask bool. **Source** https://arxiv.org/abs/1910.10683, https://arxiv.org/abs/2002.05202
struct T5 : nn::Layer<T5> {
  T5Config config;
  Logits logits;
  Child<nn::Embedding> shared{*this, "shared", config.vocab_size, config.d_model, {.dtype = config.dtype}};
  Child<T5Encoder> encoder{*this, "encoder", config};
  Child<T5Decoder> decoder{*this, "decoder", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.d_model, config.vocab_size, {.dtype = config.dtype}};

  explicit T5(const T5Config &config, Logits logits = Logits::all);
  /// The encoder's states, [batch, source, d_model], whose keys and values the decoder keeps.
  Value encode(Value ids, Value mask = {});
  Value forward(Value ids, Value mask = {});
};

} // namespace varve::models
