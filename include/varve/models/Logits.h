// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the decoders here have in common.
#pragma once
#include <cstdint>

namespace varve::models {

/// Which positions have logits.
enum class Logits : uint8_t { all, last };

} // namespace varve::models
