// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Self-attention with grouped queries, rotary positions and a KV cache; each of the three only if asked for.
//   Child<nn::RotaryEmbedding> rotary{*this, "rotary_emb", 64};
//   Child<nn::Attention> attention{*this, "self_attn", 2048, {.heads = 32, .kv_heads = 4, .causal = true}};
//   Value y = attention(x, rotary(x.dim(1)));
#pragma once
#include "varve/nn/Linear.h"
#include "varve/nn/Norm.h"
#include "varve/nn/Rotary.h"
#include "varve/ops/Attention.h"

namespace varve::nn {

struct AttentionOptions {
  int64_t heads = 1;
  /// Heads of key and value; 0: as many as of the query.
  int64_t kv_heads = 0;
  /// 0: dim / heads.
  int64_t head_dim = 0;
  DType dtype = f32;
  /// Of q_proj, k_proj and v_proj.
  bool bias = false;
  /// Of o_proj.
  bool out_bias = false;
  /// Epsilon of an RMSNorm, q_norm and k_norm, of each head's query and key before they are rotated; none: no norm.
  std::optional<double> qk_norm = {};
  /// Added to the weights of these norms, as `RMSNormOptions::weight_offset`.
  double qk_norm_offset = 0;
  /// What scores are multiplied by; none: 1 / sqrt(head_dim).
  std::optional<double> scale = {};
  bool causal = false;
  /// Each position sees itself and `window - 1` before it, and, if not `causal`, all that follow; none: all.
  std::optional<int64_t> window = {};
  /// Scores become soft_cap * tanh(score / soft_cap); none: as they are.
  std::optional<double> soft_cap = {};
  /// A weight `sinks` [heads]: a score of each head that joins the softmax's sum and has no value.
  bool sinks = false;
  /// ALiBi: scores fall with the distance of the key, by the head's `alibi_slopes`; call it without a rotation then.
  bool alibi = false;
  Pairing pairing = Pairing::half;
  /// Elements of each head that are rotated, the first ones, by a RotaryEmbedding of that size; 0: all.
  int64_t rotary_dim = 0;
  /// Positions that the KV cache holds, and of how many sequences, which are all as far; 0 positions: no cache.
  int64_t cache = 0, batch = 1;
  /// How many positions of the cache are filled before the call; give the graph `dim_input("past")`.
  Dim past = "past";
};

/// o_proj(attention(rope(q_proj(x)), rope(k_proj(x)), v_proj(x))), queries and keys perhaps normed. With a cache, keys and values are written into it
/// from `past` on, and queries see all from 0 on. Biases of ALiBi are computed key by key: a mask of [heads, seq, keys] is not kept. **Shapes** x [batch, seq, dim], result the same. **Types** floats.
/// **IR** `varve.linear`, `varve.rope`, `varve.buffer.store`, `varve.buffer.load`, `varve.attention`.
/// **Source** https://arxiv.org/abs/1706.03762, https://arxiv.org/abs/2305.13245, https://arxiv.org/abs/2309.17453 (sinks),
/// https://arxiv.org/abs/2108.12409 (ALiBi)
class Attention : public Layer<Attention> {
public:
  using Options = AttentionOptions;
  /// **Throws** `Error` if heads do not divide dim, or kv_heads the heads, or rotary_dim is odd or above head_dim, or soft_cap is
  /// not above 0.
  Attention(int64_t dim, Options options);
  /// The mask as in `attention`. With a position, a scalar that the model computes, keys and values are written into the
  /// cache from there on instead of from `past`, and queries see the whole cache up to them; not with both sinks and alibi.
  Value forward(Value x, Rotation rotation = {}, Value mask = {}, Value position = {});

  const Options options;
  Child<Linear> q_proj, k_proj, v_proj, o_proj;
  std::optional<Child<RMSNorm>> q_norm, k_norm;
  std::optional<Weight> sinks;
  std::optional<Buffer> k_cache, v_cache;

protected:
  /// Under `tensor_parallel`, each device has whole groups of heads that share a head of key and value.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;
};

} // namespace varve::nn
