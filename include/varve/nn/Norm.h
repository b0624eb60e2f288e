// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers that bring the last dimension, or channels, to a common scale.
//   Child<nn::RMSNorm> norm{*this, "norm", 64, {.epsilon = 1e-6}};
#pragma once
#include "varve/nn/Layer.h"
#include <optional>

namespace varve::nn {

struct RMSNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
  /// Added to the weight, in f32, before it is multiplied with; what x is then is rounded once, at the end. Gemma's is 1.
  double weight_offset = 0;
};

/// x / sqrt(mean(x * x) + epsilon) * weight. **Shapes** x [.., dim], weight [dim]. **Types** floats, the same.
/// **Throws** `Error` for a dim below 1. **IR** `varve.rms_norm`. **Source** https://arxiv.org/abs/1910.07467
class RMSNorm : public Layer<RMSNorm> {
public:
  using Options = RMSNormOptions;
  explicit RMSNorm(int64_t dim, Options options = {});
  Value forward(Value x);

  Weight weight;
  double epsilon, weight_offset;
};

struct LayerNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
  bool bias = true;
};

/// (x - mean) / sqrt(variance + epsilon) * weight + bias. **Shapes** x [.., dim], weight and bias [dim]. **Types** floats,
/// all the same. **Throws** as `RMSNorm`. **IR** `varve.layer_norm`. **Source** https://arxiv.org/abs/1607.06450
class LayerNorm : public Layer<LayerNorm> {
public:
  using Options = LayerNormOptions;
  explicit LayerNorm(int64_t dim, Options options = {});
  Value forward(Value x);

  Weight weight;
  std::optional<Weight> bias;
  double epsilon;
};

struct GroupNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
  /// Whether it has a weight and a bias.
  bool affine = true;
};

/// (x - mean) / sqrt(variance + epsilon) * weight + bias over groups of channels. **Shapes** x [batch, channels, ..], weight
/// and bias [channels]. **Types** floats, all the same. **Throws** `Error` for less than a channel, and for groups that do
/// not divide the channels.
/// **IR** `varve.group_norm`. **Source** https://arxiv.org/abs/1803.08494
class GroupNorm : public Layer<GroupNorm> {
public:
  using Options = GroupNormOptions;
  GroupNorm(int64_t groups, int64_t channels, Options options = {});
  Value forward(Value x);

  int64_t groups;
  std::optional<Weight> weight, bias;
  double epsilon;
};

struct InstanceNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
  /// Whether it has a weight and a bias.
  bool affine = false;
};

/// A group norm with as many groups as channels. **Shapes**, **Types**, **Throws**, **IR** as `GroupNorm`.
/// **Source** https://arxiv.org/abs/1607.08022
class InstanceNorm : public Layer<InstanceNorm> {
public:
  using Options = InstanceNormOptions;
  explicit InstanceNorm(int64_t channels, Options options = {});
  Value forward(Value x);

  int64_t channels;
  std::optional<Weight> weight, bias;
  double epsilon;
};

struct BatchNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
  /// Whether it has a weight and a bias.
  bool affine = true;
};

/// (x - running_mean) / sqrt(running_var + epsilon) * weight + bias for each channel: the form for inference, of inputs of
/// any number of dimensions. PyTorch's checkpoints have a `num_batches_tracked` beside them, which a rename rule takes
/// away: {"from": "*.num_batches_tracked", "to": []}. **Shapes** x [batch, channels, ..], weights [channels]. **Types**
/// floats, all the same. **Throws** `Error` for less than a channel. **IR** `varve.batch_norm`. **Source** https://arxiv.org/abs/1502.03167
class BatchNorm : public Layer<BatchNorm> {
public:
  using Options = BatchNormOptions;
  explicit BatchNorm(int64_t channels, Options options = {});
  Value forward(Value x);

  std::optional<Weight> weight, bias;
  Weight running_mean, running_var;
  double epsilon;
};

} // namespace varve::nn
