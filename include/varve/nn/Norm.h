// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers that bring the last dimension to a common scale.
//   Child<nn::RMSNorm> norm{*this, "norm", 64, {.epsilon = 1e-6}};
#pragma once
#include "varve/nn/Layer.h"
#include <optional>

namespace varve::nn {

struct RMSNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
};

/// x / sqrt(mean(x * x) + epsilon) * weight. **Shapes** x [.., dim], weight [dim]. **Types** floats, the same.
/// **IR** `varve.rms_norm`. **Source** https://arxiv.org/abs/1910.07467
class RMSNorm : public Layer<RMSNorm> {
public:
  using Options = RMSNormOptions;
  explicit RMSNorm(int64_t dim, Options options = {});
  Value forward(Value x);

  Weight weight;
  double epsilon;
};

struct LayerNormOptions {
  DType dtype = f32;
  double epsilon = 1e-5;
  bool bias = true;
};

/// (x - mean) / sqrt(variance + epsilon) * weight + bias. **Shapes** x [.., dim], weight and bias [dim]. **Types** floats,
/// all the same. **IR** `varve.layer_norm`. **Source** https://arxiv.org/abs/1607.06450
class LayerNorm : public Layer<LayerNorm> {
public:
  using Options = LayerNormOptions;
  explicit LayerNorm(int64_t dim, Options options = {});
  Value forward(Value x);

  Weight weight;
  std::optional<Weight> bias;
  double epsilon;
};

} // namespace varve::nn
