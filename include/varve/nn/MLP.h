// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Feed-forward blocks: of a Llama-style decoder, with a gate; of an encoder, without.
//   Child<nn::MLP> mlp{*this, "mlp", 2048, 5632, {.dtype = bf16}};
//   Child<nn::FeedForward> mlp{*this, "mlp", 768, 3072, {.activation = nn::Activation::quick_gelu}};
#pragma once
#include "varve/nn/Activation.h"
#include "varve/nn/Linear.h"

namespace varve::nn {

struct MLPOptions {
  DType dtype = f32;
  bool bias = false;
  Activation activation = Activation::silu;
};

/// down_proj(activation(gate_proj(x)) * up_proj(x)): SwiGLU, with the default activation. **Shapes** x [.., dim], result
/// [.., dim]. **Types** floats. **IR** `varve.linear`, `varve.mul` and that of the
/// activation. **Source** https://arxiv.org/abs/2002.05202
class MLP : public Layer<MLP> {
public:
  using Options = MLPOptions;
  MLP(int64_t dim, int64_t hidden, Options options = {});
  Value forward(Value x);

  Child<Linear> gate_proj, up_proj, down_proj;
  Activation activation;

protected:
  /// Under `tensor_parallel`, each device has a part of the hidden values.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;
};

struct FeedForwardOptions {
  DType dtype = f32;
  bool bias = true;
  Activation activation = Activation::gelu;
};

/// fc2(activation(fc1(x))). **Shapes** x [.., dim], result [.., dim]. **Types** floats. **IR** `varve.linear`, `varve.add`,
/// that of the activation. **Source** https://arxiv.org/abs/1706.03762
class FeedForward : public Layer<FeedForward> {
public:
  using Options = FeedForwardOptions;
  FeedForward(int64_t dim, int64_t hidden, Options options = {});
  Value forward(Value x);

  Child<Linear> fc1, fc2;
  Activation activation;

protected:
  /// Under `tensor_parallel`, each device has a part of the hidden values.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;
};

} // namespace varve::nn
