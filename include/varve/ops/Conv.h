// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolutions along one, two or three spatial dimensions. Lists have an entry for each of them, or one for all.
//   Value y = conv(x, weight, {.strides = {2}, .padding = {1}});
#pragma once
#include "varve/Weight.h"

namespace varve {

struct ConvOptions {
  /// None: 1.
  std::vector<int64_t> strides = {};
  /// Zeros before and behind the input. None: 0.
  std::vector<int64_t> padding = {};
  /// Behind the input, where that differs. None: as `padding`.
  std::vector<int64_t> padding_end = {};
  /// None: 1.
  std::vector<int64_t> dilations = {};
  int64_t groups = 1;
};

/// The weights of each output channel times each window, summed in f32. With groups, an output channel sees the input
/// channels of its own group alone.
/// **Shapes** input [batch, channels, spatial..], weight [out, channels / groups, kernel..], bias [out], result
/// [batch, out, spatial..], each (size + padding + padding_end - dilation * (kernel - 1) - 1) / stride + 1.
/// **Types** floats, all the same. **Throws** `Error`; a padded input that holds no window, when the model runs.
/// **IR** `varve.conv`.
Value conv(Operand input, Operand weight, ConvOptions options = {});
Value conv(Operand input, Operand weight, Operand bias, ConvOptions options = {});

struct ConvTransposeOptions {
  /// None: 1.
  std::vector<int64_t> strides = {};
  /// What is cut from the result's beginning and end. None: 0.
  std::vector<int64_t> padding = {};
  /// From its end, where that differs. None: as `padding`.
  std::vector<int64_t> padding_end = {};
  /// How much longer the result is at its end. None: 0.
  std::vector<int64_t> output_padding = {};
  /// None: 1.
  std::vector<int64_t> dilations = {};
  int64_t groups = 1;
};

/// Adds the weights, times each element of the input, to the window of the result that it stands for. Summed in f32.
/// **Shapes** input [batch, channels, spatial..], weight [channels, out / groups, kernel..], bias [out], result
/// [batch, out, spatial..], each (size - 1) * stride - padding - padding_end + dilation * (kernel - 1) + output_padding + 1.
/// **Types** floats, all the same. **Throws** `Error`. **IR** `varve.conv_transpose`.
Value conv_transpose(Operand input, Operand weight, ConvTransposeOptions options = {});
Value conv_transpose(Operand input, Operand weight, Operand bias, ConvTransposeOptions options = {});

} // namespace varve
