// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats as blocks of an encoding.
#pragma once
#include "varve/Encoding.h"
#include <cstddef>
#include <cstdint>

namespace varve::runtime {

/// Writes `blocks` blocks. Bit for bit what gguf-py makes on x86, or PyTorch of FP8, also of infinities and NaN; but the
/// sign of a minimum that is zero where there are zeros of both signs, and what a NaN carries, are the CPU's there.
/// The encoding is one that `quantizes`.
void quantize(Encoding encoding, const float *from, std::byte *to, int64_t blocks);

} // namespace varve::runtime
