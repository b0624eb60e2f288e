// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checks of values: against what they should be, and for NaN and infinities.
#pragma once
#include "varve/runtime/Tensor.h"
#include <string>

namespace varve::runtime {

struct Tolerance {
  double relative = 0, absolute = 0;
};

struct Comparison {
  bool equal = true;
  /// The greatest error if equal, else what is wrong: of another shape or dtype, or how many elements differ, the first
  /// of them and the worst.
  std::string text;
};

/// Each element passes if |found - expected| <= absolute + relative * |expected|; infinities and NaN must be equal,
/// integers exactly equal. f16 and bf16 may be compared with f32.
Comparison compare(const Tensor &found, const Tensor &expected, Tolerance tolerance);

/// "2 NaN and 1 infinity among 12 elements, the first at [0, 1]"; "" if all are finite, as integers are.
std::string not_finite(const Tensor &tensor);

} // namespace varve::runtime
