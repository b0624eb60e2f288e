// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that go along a sequence with a state. What comes out at the end is what the next call begins with: so a
// sequence may be given whole, in pieces, or one position at a time.
//   auto [y, state] = causal_conv(x, weight);
#pragma once
#include "varve/Weight.h"

namespace varve {

/// What comes out for each position, and the state after the last.
struct Scanned {
  Value result, state;
};

struct CausalConvOptions {
  /// [channels].
  Value bias = {};
  /// [batch, kernel - 1, channels]; none: zeros, the beginning of a sequence.
  Value state = {};
};

/// Each channel's convolution along the sequence: position t sees the `kernel` positions up to itself. The state is the
/// last kernel - 1 positions. **Shapes** input [batch, seq, channels], weight [channels, kernel], result as the input.
/// **Types** floats, all the same; summed in f32. **Throws** `Error`. **IR** `varve.causal_conv`, `varve.add`.
Scanned causal_conv(Operand input, Operand weight, CausalConvOptions options = {});

struct SelectiveScanOptions {
  /// [channels]: input times this is added to the result.
  Value d = {};
  /// [batch, seq, channels]: the result is multiplied by its silu.
  Value z = {};
  /// [channels]: added to delta.
  Value delta_bias = {};
  /// Whether delta, with its bias, goes through log(1 + exp(x)).
  bool delta_softplus = false;
  /// [batch, channels, n] of f32; none: zeros, the beginning of a sequence.
  Value state = {};
};

/// A linear recurrence for each channel: h = exp(delta * a) * h + delta * b * input, result = sum of c * h over its n
/// elements, at each position. **Shapes** input and delta [batch, seq, channels], a [channels, n], b and c [batch, seq, n],
/// result as the input. **Types** floats; input, b and c the same; computed in f32. **Throws** `Error`.
/// **IR** `varve.selective_scan` and elementwise ops. **Source** https://arxiv.org/abs/2312.00752
Scanned selective_scan(Operand input, Operand delta, Operand a, Operand b, Operand c,
                       SelectiveScanOptions options = {});

} // namespace varve
