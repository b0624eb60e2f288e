// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whisper, from the mel spectrogram of speech to its text, with Hugging Face's names.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::Whisper whisper(models::WhisperConfig::from_checkpoint(checkpoint));
//   whisper.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
//   Graph encode("encode", [&](Value mel) { return whisper.encode(mel); }, {{"mel", tensor_type(f32, {1, 80, 3000})}});
//   Graph decode("decode", whisper, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct WhisperConfig {
  int64_t d_model = 0, encoder_layers = 0, decoder_layers = 0, encoder_attention_heads = 0, decoder_attention_heads = 0;
  int64_t encoder_ffn_dim = 0, decoder_ffn_dim = 0;
  int64_t vocab_size = 51865, num_mel_bins = 80, max_source_positions = 1500, max_target_positions = 448;
  bool tie_word_embeddings = true;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static WhisperConfig from_file(const std::string &path);
  /// The config.json beside the files. **Throws** `Error` as above.
  static WhisperConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// Attention of a sequence to itself, whose keys have no bias; with a cache it is causal. **Throws** `Error` if heads do
/// not divide d_model.
struct WhisperAttention : nn::Layer<WhisperAttention> {
  int64_t heads;
  Child<nn::Linear> q_proj, k_proj, v_proj, out_proj;
  std::optional<Buffer> k_cache, v_cache;

  /// 0 positions of a cache: none.
  WhisperAttention(const WhisperConfig &config, int64_t heads, int64_t cache);
  Value forward(Value x);
};

/// Attention and feed-forward, each after a norm and beside a way around it.
struct WhisperEncoderLayer : nn::Layer<WhisperEncoderLayer> {
  Child<WhisperAttention> self_attn;
  Child<nn::LayerNorm> self_attn_layer_norm;
  Child<nn::Linear> fc1, fc2;
  Child<nn::LayerNorm> final_layer_norm;

  explicit WhisperEncoderLayer(const WhisperConfig &config);
  Value forward(Value x);
};

/// From a log-mel spectrogram to a state for every two frames. **Shapes** mel [batch, num_mel_bins, 2 *
/// max_source_positions], result [batch, max_source_positions, d_model].
struct WhisperEncoder : nn::Layer<WhisperEncoder> {
  WhisperConfig config;
  Child<nn::Conv1d> conv1, conv2;
  Child<nn::Embedding> embed_positions;
  Child<nn::LayerList<WhisperEncoderLayer>> layers{*this, "layers"};
  Child<nn::LayerNorm> layer_norm;

  explicit WhisperEncoder(const WhisperConfig &config);
  Value forward(Value mel);
};

struct WhisperDecoderLayer : nn::Layer<WhisperDecoderLayer> {
  Child<WhisperAttention> self_attn;
  Child<nn::LayerNorm> self_attn_layer_norm;
  Child<nn::CrossAttention> encoder_attn;
  Child<nn::LayerNorm> encoder_attn_layer_norm;
  Child<nn::Linear> fc1, fc2;
  Child<nn::LayerNorm> final_layer_norm;

  explicit WhisperDecoderLayer(const WhisperConfig &config);
  Value forward(Value x);
};

/// From tokens to the hidden state of each, which sees those before it, and the encoder's that `fill` was given.
struct WhisperDecoder : nn::Layer<WhisperDecoder> {
  Child<nn::Embedding> embed_tokens, embed_positions;
  Child<nn::LayerList<WhisperDecoderLayer>> layers{*this, "layers"};
  Child<nn::LayerNorm> layer_norm;

  explicit WhisperDecoder(const WhisperConfig &config);
  Value forward(Value ids);
  /// Keeps keys and values of the encoder's states in each layer.
  void fill(Value states);
};

struct WhisperModel : nn::Layer<WhisperModel> {
  Child<WhisperEncoder> encoder;
  Child<WhisperDecoder> decoder;

  explicit WhisperModel(const WhisperConfig &config);
  Value forward(Value ids) { return decoder(ids); }
};

/// Encoder and decoder: two entries of a program. `encode` is called once for each 30 seconds of speech; then the decoder
/// as often as wanted, which gives the logits of what comes next. Its graph takes `dim_input("past")`: how many tokens it
/// has seen. **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2212.04356
struct Whisper : nn::Layer<Whisper> {
  WhisperConfig config;
  Logits logits;
  Child<WhisperModel> model{*this, "model", config};
  Child<nn::Linear> proj_out{*this, "proj_out", config.d_model, config.vocab_size, {.dtype = config.dtype}};

  explicit Whisper(const WhisperConfig &config, Logits logits = Logits::all);
  /// The encoder's states, whose keys and values the decoder keeps.
  Value encode(Value mel);
  Value forward(Value ids);
};

} // namespace varve::models
