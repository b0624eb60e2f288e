// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mamba, a language model without attention, with Hugging Face's names.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::Mamba mamba(models::MambaConfig::from_checkpoint(checkpoint));
//   mamba.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
//   Graph step("step", mamba, {{"ids", tensor_type(i64, {1, 1})}});
#pragma once
#include "varve/models/Logits.h"
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct MambaConfig {
  int64_t vocab_size = 0, hidden_size = 0, num_hidden_layers = 0;
  int64_t state_size = 16, conv_kernel = 4;
  /// 0: twice hidden_size; hidden_size / 16, rounded up.
  int64_t intermediate_size = 0, time_step_rank = 0;
  double layer_norm_epsilon = 1e-5;
  bool use_bias = false, use_conv_bias = true;
  /// What goes around the blocks is f32, whatever the dtype.
  bool residual_in_fp32 = true;
  bool tie_word_embeddings = true;
  DType dtype = f32;
  /// How many texts are decoded together, all as far as each other; files do not say.
  int64_t batch = 1;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static MambaConfig from_file(const std::string &path);
  /// That of the config.json beside the files.
  static MambaConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// A block after a norm, and a way around it.
struct MambaBlock : nn::Layer<MambaBlock> {
  MambaConfig config;
  Child<nn::RMSNorm> norm{
      *this, "norm", config.hidden_size, {.dtype = config.dtype, .epsilon = config.layer_norm_epsilon}};
  Child<nn::Mamba> mixer{*this,
                         "mixer",
                         config.hidden_size,
                         {.state = config.state_size,
                          .kernel = config.conv_kernel,
                          .inner = config.intermediate_size,
                          .rank = config.time_step_rank,
                          .bias = config.use_bias,
                          .conv_bias = config.use_conv_bias,
                          .dtype = config.dtype,
                          .stateful = true,
                          .batch = config.batch}};

  explicit MambaBlock(const MambaConfig &config) : config(config) {}
  Value forward(Value x);
};

/// From tokens to the hidden state of each.
struct MambaModel : nn::Layer<MambaModel> {
  MambaConfig config;
  Child<nn::Embedding> embeddings{*this, "embeddings", config.vocab_size, config.hidden_size, {.dtype = config.dtype}};
  Child<nn::LayerList<MambaBlock>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm_f{
      *this, "norm_f", config.hidden_size, {.dtype = config.dtype, .epsilon = config.layer_norm_epsilon}};

  explicit MambaModel(const MambaConfig &config);
  Value forward(Value ids);
};

/// From tokens to the logits of what comes next. Each layer keeps its state in buffers: a call goes on where the last one
/// ended, and `Session::reset` begins a new text.
/// **Shapes** ids [batch, seq], result [batch, seq, vocab_size], or [batch, 1, vocab_size] for the last position only.
/// **Types** ids i64 or i32. **Source** https://arxiv.org/abs/2312.00752
struct Mamba : nn::Layer<Mamba> {
  MambaConfig config;
  Logits logits;
  Child<MambaModel> backbone{*this, "backbone", config};
  Child<nn::Linear> lm_head{*this, "lm_head", config.hidden_size, config.vocab_size, {.dtype = config.dtype}};

  explicit Mamba(const MambaConfig &config, Logits logits = Logits::all);
  Value forward(Value ids);
};

} // namespace varve::models
