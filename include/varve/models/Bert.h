// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The block of a BERT-style encoder, with the names of Hugging Face's BertLayer.
//   models::BertLayer block(config);
//   Graph graph("block", block, {tensor_type(f32, {"batch", "seq", 64}), tensor_type(f32, {"batch", 1, 1, "seq"})});
#pragma once
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct BertConfig {
  int64_t hidden_size = 0, intermediate_size = 0, num_attention_heads = 0;
  double layer_norm_eps = 1e-12;
  DType dtype = f32;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static BertConfig from_file(const std::string &path);
};

/// LayerNorm(dense(x) + residual): the end of both halves of a block.
struct BertOutput : nn::Layer<BertOutput> {
  Child<nn::Linear> dense;
  Child<nn::LayerNorm> norm;

  BertOutput(int64_t in, const BertConfig &config);
  Value forward(Value x, Value residual);
};

struct BertSelfAttention : nn::Layer<BertSelfAttention> {
  BertConfig config;
  Child<nn::Linear> query{
      *this, "query", config.hidden_size, config.hidden_size, {.dtype = config.dtype, .bias = true}};
  Child<nn::Linear> key{*this, "key", config.hidden_size, config.hidden_size, {.dtype = config.dtype, .bias = true}};
  Child<nn::Linear> value{
      *this, "value", config.hidden_size, config.hidden_size, {.dtype = config.dtype, .bias = true}};

  explicit BertSelfAttention(const BertConfig &config) : config(config) {}
  Value forward(Value x, Value mask);
};

struct BertAttention : nn::Layer<BertAttention> {
  Child<BertSelfAttention> self;
  Child<BertOutput> output;

  explicit BertAttention(const BertConfig &config);
  Value forward(Value x, Value mask);
};

struct BertIntermediate : nn::Layer<BertIntermediate> {
  Child<nn::Linear> dense;

  explicit BertIntermediate(const BertConfig &config);
  Value forward(Value x);
};

/// **Shapes** x [batch, seq, hidden_size]; mask [batch or 1, heads or 1, seq or 1, seq], bool (true: seen) or x's type
/// (added to the scores); the result has x's. **Source** https://arxiv.org/abs/1810.04805
struct BertLayer : nn::Layer<BertLayer> {
  Child<BertAttention> attention;
  Child<BertIntermediate> intermediate;
  Child<BertOutput> output;

  explicit BertLayer(const BertConfig &config);
  Value forward(Value x, Value mask = {});
};

} // namespace varve::models
