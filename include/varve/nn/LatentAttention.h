// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DeepSeek's attention, whose cache holds one small latent for each position in place of every head's key and value.
//   Child<nn::RotaryEmbedding> rotary{*this, "rotary_emb", 64};
//   Child<nn::LatentAttention> attention{*this, "self_attn", 7168, {.heads = 128, .q_lora_rank = 1536, .causal = true}};
//   Value y = attention(x, rotary(x.dim(1)));
#pragma once
#include "varve/nn/Linear.h"
#include "varve/nn/Norm.h"
#include "varve/nn/Rotary.h"
#include "varve/ops/Attention.h"

namespace varve::nn {

struct LatentAttentionOptions {
  int64_t heads = 1;
  /// Of the latent that queries are made of; 0: one product, q_proj, makes them of x.
  int64_t q_lora_rank = 0;
  /// Of the latent that keys and values are made of.
  int64_t kv_lora_rank = 512;
  /// Of each head's query and key: elements that are not rotated, then those that are; all heads share the rotated key.
  int64_t qk_nope_head_dim = 128, qk_rope_head_dim = 64;
  /// Of each head's value.
  int64_t v_head_dim = 128;
  DType dtype = f32;
  /// Of q_a_proj, kv_a_proj_with_mqa and o_proj.
  bool bias = false;
  /// Of the latents' norms.
  double epsilon = 1e-6;
  /// What scores are multiplied by; none: 1 / sqrt(qk_nope_head_dim + qk_rope_head_dim), and what the next one says.
  std::optional<double> scale = {};
  /// That of the positions: with its mscale_all_dim, scores are multiplied by the square of yarn's factor for it.
  RopeScaling scaling = {};
  bool causal = false;
  Pairing pairing = Pairing::interleaved;
  /// Positions that the cache holds, and of how many sequences, which are all as far; 0 positions: no cache.
  int64_t cache = 0, batch = 1;
  /// How many positions of the cache are filled before the call; give the graph `dim_input("past")`.
  Dim past = "past";
};

/// Multi-head latent attention: keys and values of all heads are kv_b_proj of one latent, kv_a_layernorm of a part of
/// kv_a_proj_with_mqa(x), whose rest is rotated and is a part of every head's key. The cache holds latents and rotated parts,
/// side by side. Where seq is known and small, kv_b_proj's halves are multiplied into queries and results instead, and
/// latents themselves are keys and values, so that a step reads the cache once for all heads; kv_b_proj is not called then.
/// **Shapes** x [batch, seq, dim], cos and sin [seq, qk_rope_head_dim / 2], result as x. **Types** floats.
/// **IR** `varve.linear`, `varve.rms_norm`, `varve.rope`, `varve.buffer.store`, `varve.buffer.load`, `varve.attention`,
/// `varve.matmul`. **Source** https://arxiv.org/abs/2405.04434, https://arxiv.org/abs/2412.19437
class LatentAttention : public Layer<LatentAttention> {
public:
  using Options = LatentAttentionOptions;
  /// **Throws** `Error` for sizes below 1, or a qk_rope_head_dim that is odd.
  LatentAttention(int64_t dim, Options options);
  /// The mask as in `attention`. A position, a scalar that the model computes, as in `Attention`.
  Value forward(Value x, Rotation rotation, Value mask = {}, Value position = {});

  const Options options;
  std::optional<Child<Linear>> q_proj, q_a_proj, q_b_proj;
  std::optional<Child<RMSNorm>> q_a_layernorm;
  Child<Linear> kv_a_proj_with_mqa;
  Child<RMSNorm> kv_a_layernorm;
  Child<Linear> kv_b_proj, o_proj;
  /// [batch, cache, 1, kv_lora_rank + qk_rope_head_dim].
  std::optional<Buffer> latent_cache;

protected:
  /// Under `tensor_parallel`, each device has whole heads, and all have the latents.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;

private:
  Value queries(Value x);
  bool is_absorbed(const Dim &seq) const;
};

} // namespace varve::nn
