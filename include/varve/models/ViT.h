// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The vision transformer, with the names of Hugging Face's ViTModel; the rules for it lead those of its checkpoints there.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::ViT vit(models::ViTConfig::from_checkpoint(checkpoint));
//   vit.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/nn.h"
#include <array>

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own.
struct ViTConfig {
  int64_t hidden_size = 768, intermediate_size = 3072, num_hidden_layers = 12, num_attention_heads = 12;
  int64_t num_channels = 3;
  /// Height and width.
  std::array<int64_t, 2> image_size = {224, 224}, patch_size = {16, 16};
  nn::Activation hidden_act = nn::Activation::gelu;
  double layer_norm_eps = 1e-12;
  bool qkv_bias = true;
  /// 0: no pooler.
  int64_t pooler_output_size = 0;
  nn::Activation pooler_act = nn::Activation::tanh;
  /// 0: no classifier.
  int64_t num_labels = 0;
  /// Whether images may have other sizes than `image_size`: the positions are resized to them, cubically.
  bool interpolate_pos_encoding = false;
  DType dtype = f32;

  /// A classifier if the file is of a ViTForImageClassification, else a pooler. **Throws** `Error`, naming the file, for one
  /// that cannot be read, or asks for what is not here.
  static ViTConfig from_file(const std::string &path);
  /// The config.json beside the checkpoint; a classifier and a pooler if it has them.
  static ViTConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

struct ViTPatchEmbeddings : nn::Layer<ViTPatchEmbeddings> {
  Child<nn::Conv2d> projection;

  explicit ViTPatchEmbeddings(const ViTConfig &config);
  Value forward(Value image);
};

/// A class token, then a vector for each patch of the image; to all, that of their position is added.
struct ViTEmbeddings : nn::Layer<ViTEmbeddings> {
  ViTConfig config;
  Weight cls_token, position_embeddings;
  Child<ViTPatchEmbeddings> patch_embeddings;

  explicit ViTEmbeddings(const ViTConfig &config);
  Value forward(Value image);
};

/// Attention and feed-forward, each after a norm and beside a way around it.
struct ViTLayer : nn::Layer<ViTLayer> {
  Child<nn::LayerNorm> layernorm_before;
  Child<nn::Attention> attention;
  Child<nn::LayerNorm> layernorm_after;
  Child<nn::FeedForward> mlp;

  explicit ViTLayer(const ViTConfig &config);
  Value forward(Value x);
};

/// activation(dense(x)) of the class token.
struct ViTPooler : nn::Layer<ViTPooler> {
  Child<nn::Linear> dense;
  nn::Activation activation;

  explicit ViTPooler(const ViTConfig &config);
  Value forward(Value first);
};

struct ViTStates {
  Value last_hidden_state;
  std::optional<Value> pooler_output, logits;
};

/// From images to the hidden state of each patch, the class token's first. **Shapes** image [batch, num_channels, height,
/// width], last_hidden_state [batch, 1 + patches, hidden_size], pooler_output [batch, pooler_output_size], logits [batch,
/// num_labels]. **Types** floats. **Throws** `Error` for an image of another size, unless positions are interpolated.
/// **Source** https://arxiv.org/abs/2010.11929
struct ViT : nn::Layer<ViT> {
  Child<ViTEmbeddings> embeddings;
  Child<nn::LayerList<ViTLayer>> layers{*this, "layers"};
  Child<nn::LayerNorm> layernorm;
  std::optional<Child<ViTPooler>> pooler;
  std::optional<Child<nn::Linear>> classifier;

  explicit ViT(const ViTConfig &config);
  ViTStates forward(Value image);
};

} // namespace varve::models
