// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Resampling along one, two or three spatial dimensions, as PyTorch's `interpolate`.
//   Value y = resize(x, {.mode = ResizeMode::linear, .scales = {2}});
#pragma once
#include "varve/Weight.h"

namespace varve {

enum class ResizeMode { nearest, nearest_exact, linear, cubic };

struct ResizeOptions {
  /// Which elements of the input count, and how.
  ResizeMode mode = ResizeMode::nearest;
  /// Of the result's spatial dimensions; none: as the scales say.
  Shape sizes = {};
  /// Of each spatial dimension, or one for all.
  std::vector<double> scales = {};
  /// Whether first and last elements stay where they are; of linear and cubic.
  bool align_corners = false;
  /// Whether a smaller result weighs all elements that lie between its own, not its neighbours alone; of linear and cubic.
  bool antialias = false;
};

/// The input at other sizes: the nearest element, or neighbours weighed linearly or cubically (two, four in each
/// dimension). **Shapes** input [batch, channels, spatial..], result [batch, channels, sizes..], or size * scale rounded
/// down; of a named size the scale is a fraction of small integers. **Types** floats, computed in f32. **Throws** `Error`;
/// an empty spatial dimension, when the model runs. **IR** `varve.resize`.
Value resize(Operand input, ResizeOptions options);

} // namespace varve
