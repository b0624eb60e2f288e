// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention, and the rotation of its queries and keys.
//   Value out = attention(rope(q, cos, sin), rope(k, cos, sin), v, {.causal = true});
#pragma once
#include "varve/Weight.h"
#include <optional>

namespace varve {

/// Which elements form a pair: i and i + dim / 2 (Hugging Face's Llama), or 2 i and 2 i + 1 (the paper).
enum class Pairing { half, interleaved };
struct RopeOptions {
  /// Which elements are turned together.
  Pairing pairing = Pairing::half;
};
/// Rotates pairs of elements by the angles of their position: (a, b) becomes (a cos - b sin, b cos + a sin), in f32.
/// **Shapes** input [batch, seq, heads, dim], cos and sin [seq, dim / 2] or [batch, seq, dim / 2]; the result has the
/// input's. **Types** floats; cos and sin f32 or the input's. **Throws** `Error`. **IR** `varve.rope`.
/// **Source** https://arxiv.org/abs/2104.09864
Value rope(Operand input, Operand cos, Operand sin, RopeOptions options = {});

struct AttentionOptions {
  /// [B or 1, H or 1, T, S]: bool, true where a query sees a key; or floats, added to the scores.
  Value mask = {};
  /// What scores are multiplied with; 1 / sqrt(D) if none.
  std::optional<double> scale = {};
  /// Query i of T stands at position i + S - T of the S keys, and sees those up to its position.
  bool causal = false;
  /// Each query sees this many keys at most, up to its position; none: all.
  std::optional<int64_t> window = {};
};
/// softmax(scale * query * key^T + mask) * value for each head; sums and softmax in f32. Heads of the query share those
/// of key and value in groups. A query that sees no key gives zeros.
/// **Shapes** query [B, T, H, D], key [B, S, Hkv, D], value [B, S, Hkv, Dv], result [B, T, H, Dv]; H a multiple of Hkv.
/// **Types** floats, all the same. **Throws** `Error`. **IR** `varve.attention`.
/// **Source** https://arxiv.org/abs/1706.03762
Value attention(Operand query, Operand key, Operand value, AttentionOptions options = {});

} // namespace varve
