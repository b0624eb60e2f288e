// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The feed-forward block of a Llama-style decoder.
//   Child<nn::MLP> mlp{*this, "mlp", 2048, 5632, {.dtype = bf16}};
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
/// [.., dim]. **Types** floats. **Source** https://arxiv.org/abs/2002.05202
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

} // namespace varve::nn
