// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The block of a Mamba model: a state-space model whose steps depend on the input.
//   Child<nn::Mamba> mixer{*this, "mixer", 768, {.state = 16, .stateful = true}};
#pragma once
#include "varve/nn/Conv.h"
#include "varve/nn/Linear.h"

namespace varve::nn {

struct MambaOptions {
  /// Elements of the state of each channel.
  int64_t state = 16;
  /// Positions that the convolution sees.
  int64_t kernel = 4;
  /// Channels inside; 0: 2 * dim.
  int64_t inner = 0;
  /// Of the steps' projection; 0: dim / 16, rounded up.
  int64_t rank = 0;
  /// Of in_proj and out_proj.
  bool bias = false;
  /// Of conv1d.
  bool conv_bias = true;
  DType dtype = f32;
  /// Keeps the state in buffers: a call goes on where the last one ended, and `Session::reset` begins a
  /// new sequence. Without it each call is a sequence.
  bool stateful = false;
  /// Of how many sequences, if it is kept.
  int64_t batch = 1;
};

/// out_proj(selective_scan(silu(causal_conv(x'))) * silu(z)), of (x', z) = in_proj(x). **Shapes** x [batch, seq, dim],
/// result the same. **Types** floats. **Throws** `Error` for sizes below 1. **IR** `varve.linear`, `varve.causal_conv`,
/// `varve.selective_scan`, `varve.buffer.load`, `varve.buffer.store` and elementwise ops.
/// **Source** https://arxiv.org/abs/2312.00752
class Mamba : public Layer<Mamba> {
public:
  using Options = MambaOptions;
  explicit Mamba(int64_t dim, Options options = {});
  Value forward(Value x);

  const Options options;
  Child<Linear> in_proj;
  /// Of this and dt_proj the weights are used; they are not called.
  Child<Conv1d> conv1d;
  Child<Linear> x_proj, dt_proj;
  Weight A_log, D;
  Child<Linear> out_proj;
  std::optional<Buffer> conv_state, ssm_state;
};

} // namespace varve::nn
