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
  /// Each query sees its own position and `window - 1` before it, and, if not `causal`, all that follow; none: all.
  std::optional<int64_t> window = {};
  /// Scores become soft_cap * tanh(score / soft_cap), before anything is added to them (Gemma 2, Grok).
  std::optional<double> soft_cap = {};
  /// [H], f32 or the query's: a score of each head that joins the softmax's sum and has no value (GPT-OSS).
  Value sinks = {};
  /// [H], f32 or the query's: slope * (key's position - query's) is added to scores (ALiBi), see `alibi_slopes`. They are
  /// computed key by key, not kept for all queries and keys as a mask would be.
  Value slopes = {};
};
/// softmax(scale * query * key^T + mask) * value for each head; sums and softmax in f32. Heads of the query share those
/// of key and value in groups. A query that sees no key gives zeros.
/// **Shapes** query [B, T, H, D], key [B, S, Hkv, D], value [B, S, Hkv, Dv], result [B, T, H, Dv]; H a multiple of Hkv.
/// **Types** floats, all the same. **Throws** `Error`. **IR** `varve.attention`.
/// **Source** https://arxiv.org/abs/1706.03762; sinks https://arxiv.org/abs/2309.17453
Value attention(Operand query, Operand key, Operand value, AttentionOptions options = {});

/// The slopes that ALiBi gives to that many heads: 2^(-8 i / heads), i = 1, 2, ..; if heads are no power of two, those of the
/// power of two below, then every other one of those of the power above, as BLOOM and MPT do.
/// **Shapes** result [heads]. **Types** f32. **Throws** `Error` for less than one head. **IR** `varve.constant`.
/// **Source** https://arxiv.org/abs/2108.12409
Value alibi_slopes(int64_t heads, Site site = Site::current());

} // namespace varve
