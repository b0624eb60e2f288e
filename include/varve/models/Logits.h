// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the decoders here have in common.
#pragma once
#include "varve/nn.h"

namespace varve::models {

/// Which positions have logits.
enum class Logits : uint8_t { all, last };

/// The positions of hidden states [batch, seq, ..] that have logits.
inline Value positions_of(Value states, Logits logits) {
  return logits == Logits::last ? slice(states, 1, {.begin = -1}) : states;
}

} // namespace varve::models
