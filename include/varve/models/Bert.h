// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// BERT, with the names of Hugging Face's BertModel; the rules for it take the prefix off that models with a head have.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::BertModel bert(models::BertConfig::from_checkpoint(checkpoint));
//   bert.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/nn.h"

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct BertConfig {
  int64_t hidden_size = 0, intermediate_size = 0, num_attention_heads = 0;
  /// As Hugging Face's, where a file says nothing.
  int64_t vocab_size = 30522, max_position_embeddings = 512, type_vocab_size = 2, num_hidden_layers = 12;
  double layer_norm_eps = 1e-12;
  /// What a classifier looks at; GGUF keeps none.
  bool pooler = true;
  DType dtype = f32;

  /// **Throws** `Error`, naming the file, for one that cannot be read, lacks an entry or asks for what is not here.
  static BertConfig from_file(const std::string &path);
  /// What the metadata of a GGUF file say, or the config.json beside other files; as `LlamaConfig::from_checkpoint`.
  static BertConfig from_checkpoint(const weights::Checkpoint &checkpoint);
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

/// LayerNorm of the sum of three rows of tables: of the token, of its kind (which sentence it is in), of its position.
struct BertEmbeddings : nn::Layer<BertEmbeddings> {
  Child<nn::Embedding> word_embeddings, position_embeddings, token_type_embeddings;
  Child<nn::LayerNorm> norm;

  explicit BertEmbeddings(const BertConfig &config);
  /// Without kinds, all are 0.
  Value forward(Value ids, Value types);
};

struct BertEncoder : nn::Layer<BertEncoder> {
  Child<nn::LayerList<BertLayer>> layer{*this, "layer"};

  explicit BertEncoder(const BertConfig &config);
  Value forward(Value x, Value mask);
};

/// tanh(dense(x)) of the first position.
struct BertPooler : nn::Layer<BertPooler> {
  Child<nn::Linear> dense;

  explicit BertPooler(const BertConfig &config);
  Value forward(Value x);
};

struct BertStates {
  Value last_hidden_state;
  std::optional<Value> pooler_output;
};

/// From tokens to the hidden state of each. **Shapes** ids and types [batch, seq]; mask [batch, seq], true where a token
/// is, false where padding; last_hidden_state [batch, seq, hidden_size], pooler_output [batch, hidden_size]. Types and
/// mask may be left out. **Types** ids and types i64 or i32, mask bool. **Source** https://arxiv.org/abs/1810.04805
struct BertModel : nn::Layer<BertModel> {
  BertConfig config;
  Child<BertEmbeddings> embeddings{*this, "embeddings", config};
  Child<BertEncoder> encoder{*this, "encoder", config};
  std::optional<Child<BertPooler>> pooler;

  explicit BertModel(const BertConfig &config);
  BertStates forward(Value ids, Value types = {}, Value mask = {});
};

} // namespace varve::models
