// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Quantised weights as numbers. `linear` and `gather` take a weight in blocks as it is.
//   Value numbers = dequantize(weight);
#pragma once
#include "varve/Weight.h"
#include <array>

namespace varve {

/// The numbers that a weight in blocks stands for, bit for bit what gguf-py and PyTorch compute; itself if it is in none.
/// **Shapes** the input's. **Types** f32. **Throws** `Error`. **IR** `varve.dequantize`.
Value dequantize(Operand input);

/// The same times scales that are stored beside the weight, as in FP8 checkpoints: one for all, one for each row, or one for
/// each block of `block` rows and columns, of which those at the end may be smaller.
/// **Shapes** input [out, in]; scales of one element, [out, 1], or with a block [ceil(out / block[0]), ceil(in / block[1])].
/// **Types** input a weight in blocks or floats, scales floats; the result f32. **Throws** `Error`.
/// **IR** `varve.dequantize`, `varve.mul`. **Source** https://arxiv.org/abs/2412.19437, section 3.3, for blocks of 128x128.
Value dequantize(Operand input, Operand scales, std::array<int64_t, 2> block = {0, 0});

} // namespace varve
