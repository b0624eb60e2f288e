// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One value from each window along one, two or three spatial dimensions. Lists have an entry for each of them, or one for
// all.
//   Value y = max_pool(x, {.kernel = {3}, .strides = {2}, .padding = {1}});
#pragma once
#include "varve/Weight.h"
#include <optional>

namespace varve {

struct MaxPoolOptions {
  std::vector<int64_t> kernel;
  /// None: those of the kernel, so that windows lie side by side.
  std::vector<int64_t> strides = {};
  /// Before and behind the input, at most half of a window; never the maximum. None: 0.
  std::vector<int64_t> padding = {};
  /// None: 1.
  std::vector<int64_t> dilations = {};
  /// One window more where the last one leaves elements out.
  bool ceil_mode = false;
};

/// The maximum of each window; NaN if an element is NaN.
/// **Shapes** input [batch, channels, spatial..], result the same with (size + 2 * padding - dilation * (kernel - 1) - 1)
/// / stride + 1. **Types** floats. **Throws** `Error`; a padded input that holds no window, when the model runs.
/// **IR** `varve.max_pool`.
Value max_pool(Operand input, MaxPoolOptions options);

struct AvgPoolOptions {
  std::vector<int64_t> kernel;
  /// None: those of the kernel, so that windows lie side by side.
  std::vector<int64_t> strides = {};
  /// Before and behind the input, at most half of a window. None: 0.
  std::vector<int64_t> padding = {};
  /// One window more where the last one leaves elements out.
  bool ceil_mode = false;
  /// Whether padding counts, as zeros.
  bool count_include_pad = true;
  /// What sums are divided by, in place of the number of elements; not 0.
  std::optional<int64_t> divisor_override = {};
};

/// The mean of each window, summed in f32. **Shapes**, **Types**, **Throws** as `max_pool`. **IR** `varve.avg_pool`.
Value avg_pool(Operand input, AvgPoolOptions options);

/// The maxima of as many windows as `size` says; window i of n goes from i * size / n to (i + 1) * size / n, rounded up.
/// **Shapes** input [batch, channels, spatial..], result [batch, channels, size..]. **Types** floats. **Throws** `Error`;
/// an empty spatial dimension, when the model runs. **IR** `varve.adaptive_max_pool`.
Value adaptive_max_pool(Operand input, std::vector<int64_t> size);
/// Their means, summed in f32; the rest as `adaptive_max_pool`. **IR** `varve.adaptive_avg_pool`.
Value adaptive_avg_pool(Operand input, std::vector<int64_t> size);
/// The maximum of each channel. **Shapes** input [batch, channels, spatial..], result [batch, channels, 1..].
/// **Types**, **Throws**, **IR** as `adaptive_max_pool`.
Value global_max_pool(Operand input);
/// The mean of each channel. **Shapes**, **Types**, **Throws**, **IR** as `adaptive_avg_pool`.
Value global_avg_pool(Operand input);

} // namespace varve
