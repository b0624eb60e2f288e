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

/// How a GPTQ checkpoint stores its weights.
struct GptqOptions {
  /// Of a quant: 2, 4 or 8.
  int64_t bits = 4;
  /// What is added to a stored zero point: 1 in the format `gptq`, 0 in `gptq_v2`, whatever a checkpoint calls itself.
  int64_t zero_offset = 1;
};

/// The numbers of a weight that GPTQ has quantised, as the product's second factor: (quant - zero) * scale, where column
/// k of the weight has the zeros and scales of group `groups[k]`.
/// **Shapes** with n = 32 / bits: qweight [in / n, out], qzeros [groups, out / n], scales [groups, out], groups [in];
/// the result [in, out]. **Types** scales floats, all others i32; the result f32.
/// **Throws** `Error`; a group that is not there, when the model runs. **IR** `varve.shift_right`, `varve.bitwise_and`,
/// `varve.gather` and others. **Source** https://arxiv.org/abs/2210.17323; AutoGPTQ's packing of quants.
Value dequantize_gptq(Operand qweight, Operand qzeros, Operand scales, Operand groups, GptqOptions options = {});

} // namespace varve
