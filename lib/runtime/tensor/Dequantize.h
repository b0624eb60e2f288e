// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks of an encoding as the floats that they stand for: the reference that everything faster is measured against.
#pragma once
#include "varve/Encoding.h"
#include <cstddef>
#include <cstdint>

namespace varve::runtime {

/// Writes the elements of `blocks` blocks. Bit for bit what gguf-py computes. The encoding is not `none`.
void dequantize(Encoding encoding, const std::byte *from, float *to, int64_t blocks);

} // namespace varve::runtime
