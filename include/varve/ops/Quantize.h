// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights in blocks of an encoding. `linear` and `gather` take one as it is.
//   Value numbers = dequantize(weight);
#pragma once
#include "varve/Weight.h"

namespace varve {

/// The numbers that a weight in blocks stands for, bit for bit what gguf-py and PyTorch compute; itself if it is in none.
/// **Shapes** the input's. **Types** f32. **Throws** `Error`. **IR** `varve.dequantize`.
Value dequantize(Operand input);

} // namespace varve
