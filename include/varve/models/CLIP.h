// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// CLIP, with the names of Hugging Face's CLIPModel: how well texts and images go together.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   models::CLIP clip(models::CLIPConfig::from_checkpoint(checkpoint));
//   clip.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
#pragma once
#include "varve/nn.h"
#include <array>

namespace varve::models {

/// The text_config of a checkpoint's config.json; the names are its own.
struct CLIPTextConfig {
  int64_t vocab_size = 49408, max_position_embeddings = 77;
  int64_t hidden_size = 512, intermediate_size = 2048, num_hidden_layers = 12, num_attention_heads = 8;
  nn::Activation hidden_act = nn::Activation::quick_gelu;
  double layer_norm_eps = 1e-5;
  /// The token whose state is that of the text, where it first stands; if it is 2, as old files have it, the greatest token.
  int64_t eos_token_id = 49407;
  DType dtype = f32;
};

/// Its vision_config.
struct CLIPVisionConfig {
  int64_t hidden_size = 768, intermediate_size = 3072, num_hidden_layers = 12, num_attention_heads = 12;
  int64_t num_channels = 3;
  /// Height and width.
  std::array<int64_t, 2> image_size = {224, 224}, patch_size = {32, 32};
  nn::Activation hidden_act = nn::Activation::quick_gelu;
  double layer_norm_eps = 1e-5;
  /// Whether images may have other sizes than `image_size`: the positions are resized to them, cubically.
  bool interpolate_pos_encoding = false;
  DType dtype = f32;
};

struct CLIPConfig {
  CLIPTextConfig text_config;
  CLIPVisionConfig vision_config;
  int64_t projection_dim = 512;
  DType dtype = f32;

  /// **Throws** `Error`, naming the file, for one that cannot be read, or asks for what is not here.
  static CLIPConfig from_file(const std::string &path);
  /// The config.json beside the checkpoint.
  static CLIPConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

struct CLIPEncoderOptions {
  int64_t dim, hidden, layers, heads;
  nn::Activation activation;
  double epsilon;
  bool causal;
  DType dtype;
};

/// Attention and feed-forward, each after a norm and beside a way around it.
struct CLIPEncoderLayer : nn::Layer<CLIPEncoderLayer> {
  Child<nn::LayerNorm> layer_norm1;
  Child<nn::Attention> self_attn;
  Child<nn::LayerNorm> layer_norm2;
  Child<nn::FeedForward> mlp;

  explicit CLIPEncoderLayer(const CLIPEncoderOptions &options);
  Value forward(Value x, Value mask);
};

struct CLIPEncoder : nn::Layer<CLIPEncoder> {
  Child<nn::LayerList<CLIPEncoderLayer>> layers{*this, "layers"};

  explicit CLIPEncoder(const CLIPEncoderOptions &options);
  Value forward(Value x, Value mask);
};

struct CLIPTextEmbeddings : nn::Layer<CLIPTextEmbeddings> {
  Child<nn::Embedding> token_embedding, position_embedding;

  explicit CLIPTextEmbeddings(const CLIPTextConfig &config);
  Value forward(Value ids);
};

/// A class token, then a vector for each patch of the image; to all, that of their position is added.
struct CLIPVisionEmbeddings : nn::Layer<CLIPVisionEmbeddings> {
  CLIPVisionConfig config;
  Weight class_embedding;
  Child<nn::Conv2d> patch_embedding;
  Child<nn::Embedding> position_embedding;

  explicit CLIPVisionEmbeddings(const CLIPVisionConfig &config);
  Value forward(Value image);
};

struct CLIPStates {
  Value last_hidden_state, pooler_output;
};

/// From tokens to the hidden state of each, and to that of the text. **Shapes** ids [batch, seq]; mask [batch, seq], true
/// where a token is, false where padding, may be left out. **Types** ids i64 or i32, mask bool.
struct CLIPTextModel : nn::Layer<CLIPTextModel> {
  int64_t eos_token_id;
  Child<CLIPTextEmbeddings> embeddings;
  Child<CLIPEncoder> encoder;
  Child<nn::LayerNorm> final_layer_norm;

  explicit CLIPTextModel(const CLIPTextConfig &config);
  CLIPStates forward(Value ids, Value mask = {});
};

/// From images to the hidden state of each patch, the class token's first, and to that of the image. **Shapes** image
/// [batch, num_channels, height, width]. **Throws** `Error` for an image of another size, unless positions are interpolated.
struct CLIPVisionModel : nn::Layer<CLIPVisionModel> {
  Child<CLIPVisionEmbeddings> embeddings;
  Child<nn::LayerNorm> pre_layrnorm; // so in the checkpoints
  Child<CLIPEncoder> encoder;
  Child<nn::LayerNorm> post_layernorm;

  explicit CLIPVisionModel(const CLIPVisionConfig &config);
  CLIPStates forward(Value image);
};

struct CLIPOutput {
  Value logits_per_image, text_embeds, image_embeds;
};

/// How well each text goes with each image. **Shapes** ids and mask [texts, seq], image [images, num_channels, height,
/// width], logits_per_image [images, texts], text_embeds [texts, projection_dim], image_embeds [images, projection_dim],
/// these of length 1. **Types** ids i64 or i32, mask bool. **Source** https://arxiv.org/abs/2103.00020
struct CLIP : nn::Layer<CLIP> {
  Child<CLIPTextModel> text_model;
  Child<CLIPVisionModel> vision_model;
  Child<nn::Linear> text_projection, visual_projection;
  Weight logit_scale;

  explicit CLIP(const CLIPConfig &config);
  CLIPOutput forward(Value ids, Value image, Value mask = {});
  /// What stands for a text, [texts, projection_dim], not yet of length 1: for a graph of its own.
  Value text_features(Value ids, Value mask = {});
  /// What stands for an image, [images, projection_dim].
  Value image_features(Value image);
};

} // namespace varve::models
