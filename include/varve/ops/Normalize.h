// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that bring the elements along one axis to a common scale. All take their sums in f32.
//   Value y = rms_norm(x, weight, {.epsilon = 1e-6});
#pragma once
#include "varve/Weight.h"

namespace varve {

/// exp(x - max) / sum(exp(x - max)) along an axis; NaN where all are minus infinity.
/// **Shapes** any; the result has the input's. **Types** floats. **Throws** `Error`. **IR** `varve.softmax`.
Value softmax(Operand input, int64_t axis = -1);

struct NormOptions {
  double epsilon = 1e-5;
};

/// (x - mean) / sqrt(variance + epsilon) * weight + bias, over the last dimension.
/// **Shapes** input [.., n], weight and bias [n]; the result has the input's. **Types** floats, all the same.
/// **Throws** `Error`. **IR** `varve.layer_norm`. **Source** https://arxiv.org/abs/1607.06450
Value layer_norm(Operand input, Operand weight, Operand bias, NormOptions options = {});
/// The same without a bias.
Value layer_norm(Operand input, Operand weight, NormOptions options = {});

/// x / sqrt(mean(x * x) + epsilon) * weight, over the last dimension.
/// **Shapes** input [.., n], weight [n]; the result has the input's. **Types** floats, all the same.
/// **Throws** `Error`. **IR** `varve.rms_norm`. **Source** https://arxiv.org/abs/1910.07467
Value rms_norm(Operand input, Operand weight, NormOptions options = {});

} // namespace varve
