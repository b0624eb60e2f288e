// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ResNet, with torchvision's names; the rules for it lead Hugging Face's there.
//   models::ResNet resnet(models::ResNetConfig::of(50));
//   resnet.load_state_dict(checkpoint, {.renames = weights::Rules::shipped("resnet-hf")});
#pragma once
#include "varve/nn.h"
#include <array>

namespace varve::models {

/// What a checkpoint's config.json says; the names are its own. As it is, ResNet-50.
struct ResNetConfig {
  /// Channels of the images, and behind the first convolution.
  int64_t num_channels = 3, embedding_size = 64;
  /// Channels behind each of the four parts, and how many blocks are in it.
  std::array<int64_t, 4> hidden_sizes = {256, 512, 1024, 2048}, depths = {3, 4, 6, 3};
  /// Whether blocks have three convolutions, the middle one of a quarter of the channels; else two.
  bool bottleneck = true;
  /// Whether the first part halves the image too; whether a bottleneck does that in its first convolution.
  bool downsample_in_first_stage = false, downsample_in_bottleneck = false;
  /// 0: no classifier.
  int64_t num_labels = 1000;
  DType dtype = f32;

  /// torchvision's and the paper's. **Throws** `Error` for other numbers of layers than 18, 34, 50, 101 and 152.
  static ResNetConfig of(int64_t layers);
  /// **Throws** `Error`, naming the file, for one that cannot be read, or asks for what is not here.
  static ResNetConfig from_file(const std::string &path);
  /// The config.json beside the checkpoint; no labels if it has no classifier.
  static ResNetConfig from_checkpoint(const weights::Checkpoint &checkpoint);
};

/// Two or three convolutions, beside a way around them. **Shapes** x [batch, in, height, width], result [batch, out, ..],
/// height and width over the stride, rounded up. **Throws** `Error` for an `out` that is no multiple of 4, of a bottleneck.
struct ResNetBlock : nn::Layer<ResNetBlock> {
  Child<nn::Conv2d> conv1;
  Child<nn::BatchNorm> bn1;
  Child<nn::Conv2d> conv2;
  Child<nn::BatchNorm> bn2;
  std::optional<Child<nn::Conv2d>> conv3;
  std::optional<Child<nn::BatchNorm>> bn3;
  /// A convolution and a norm, where the number of channels or the size of the image changes.
  std::optional<Child<nn::Sequential>> downsample;

  ResNetBlock(int64_t in, int64_t out, int64_t stride, const ResNetConfig &config);
  Value forward(Value x);
};

/// From images to the logits of their labels; without a classifier, to the means of the last channels. **Shapes** x [batch,
/// num_channels, height, width], result [batch, num_labels] or [batch, channels]. **Types** floats.
/// **Source** https://arxiv.org/abs/1512.03385
struct ResNet : nn::Layer<ResNet> {
  Child<nn::Conv2d> conv1;
  Child<nn::BatchNorm> bn1;
  Child<nn::LayerList<ResNetBlock>> layer1{*this, "layer1"}, layer2{*this, "layer2"}, layer3{*this, "layer3"},
      layer4{*this, "layer4"};
  std::optional<Child<nn::Linear>> fc;

  explicit ResNet(const ResNetConfig &config);
  Value forward(Value x);
};

} // namespace varve::models
