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

/// (x - mean) / sqrt(variance + epsilon) * weight + bias, over groups of neighbouring channels and all places of each item.
/// **Shapes** input [batch, channels, ..], weight and bias [channels]; the result has the input's. **Types** floats, all the
/// same. **Throws** `Error` for groups that do not divide the channels. **IR** `varve.group_norm`.
/// **Source** https://arxiv.org/abs/1803.08494
Value group_norm(Operand input, int64_t groups, Operand weight, Operand bias, NormOptions options = {});
/// The same without parameters.
Value group_norm(Operand input, int64_t groups, NormOptions options = {});

/// The group norm of as many groups as channels, of which the number is known. **Shapes**, **Types**, **IR** as
/// `group_norm`. **Throws** `Error`. **Source** https://arxiv.org/abs/1607.08022
Value instance_norm(Operand input, Operand weight, Operand bias, NormOptions options = {});
/// The same without parameters.
Value instance_norm(Operand input, NormOptions options = {});

/// (x - mean) / sqrt(variance + epsilon) * weight + bias for each channel, with the mean and variance that training found.
/// **Shapes** input [batch, channels, ..], all others [channels]; the result has the input's. **Types** floats, all the same.
/// **Throws** `Error`. **IR** `varve.batch_norm`. **Source** https://arxiv.org/abs/1502.03167
Value batch_norm(Operand input, Operand mean, Operand variance, Operand weight, Operand bias, NormOptions options = {});
/// The same without parameters.
Value batch_norm(Operand input, Operand mean, Operand variance, NormOptions options = {});

} // namespace varve
