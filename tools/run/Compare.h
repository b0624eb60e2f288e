// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compares what a program gave with what it should have given.
#pragma once
#include "varve/runtime/Tensor.h"
#include <string>

namespace varve::run {

struct Tolerance {
  double relative = 0, absolute = 0;
};

struct Comparison {
  bool equal = true;
  /// The greatest error if equal, else what is wrong: of another shape or dtype, or the first element that differs.
  std::string text;
};

/// Each element passes if |found - expected| <= absolute + relative * |expected|; infinities and NaN must be equal,
/// integers exactly equal. f16 and bf16 may be compared with f32.
Comparison compare(const Tensor &found, const Tensor &expected, Tolerance tolerance);

} // namespace varve::run
