// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/LatentAttention.h"
#include "lib/graph/Record.h"
#include "lib/nn/layers/Cache.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Structure.h"
#include <cmath>

namespace varve::nn {

static LatentAttentionOptions completed(int64_t dim, LatentAttentionOptions options) {
  for (auto [name, size] : {std::pair("dim", dim),
                            {"heads", options.heads},
                            {"kv_lora_rank", options.kv_lora_rank},
                            {"qk_nope_head_dim", options.qk_nope_head_dim},
                            {"v_head_dim", options.v_head_dim}})
    if (size < 1)
      throw Error("expects " + std::string(name) + " of at least 1, but got " + std::to_string(size));
  if (options.q_lora_rank < 0)
    throw Error("expects q_lora_rank of at least 0, but got " + std::to_string(options.q_lora_rank));
  if (options.qk_rope_head_dim < 2 || options.qk_rope_head_dim % 2 != 0)
    throw Error("expects an even qk_rope_head_dim of at least 2, but got " + std::to_string(options.qk_rope_head_dim));
  if (!options.scale) {
    double factor = options.scaling.factor, all = options.scaling.mscale_all_dim.value_or(0);
    double mscale =
        options.scaling.kind != RopeScaling::Kind::none && factor > 1 ? 0.1 * all * std::log(factor) + 1 : 1;
    options.scale =
        mscale * mscale / std::sqrt(static_cast<double>(options.qk_nope_head_dim + options.qk_rope_head_dim));
  }
  return options;
}

LatentAttention::LatentAttention(int64_t dim, Options given)
    : options(completed(dim, std::move(given))),
      kv_a_proj_with_mqa(*this, "kv_a_proj_with_mqa", dim, options.kv_lora_rank + options.qk_rope_head_dim,
                         {options.dtype, options.bias}),
      kv_a_layernorm(*this, "kv_a_layernorm", options.kv_lora_rank, {options.dtype, options.epsilon}),
      kv_b_proj(*this, "kv_b_proj", options.kv_lora_rank,
                options.heads * (options.qk_nope_head_dim + options.v_head_dim), {options.dtype}),
      o_proj(*this, "o_proj", options.heads * options.v_head_dim, dim, {options.dtype, options.bias}) {
  int64_t out = options.heads * (options.qk_nope_head_dim + options.qk_rope_head_dim);
  if (int64_t rank = options.q_lora_rank) {
    q_a_proj.emplace(*this, "q_a_proj", dim, rank, LinearOptions{options.dtype, options.bias});
    q_a_layernorm.emplace(*this, "q_a_layernorm", rank, RMSNormOptions{options.dtype, options.epsilon});
    q_b_proj.emplace(*this, "q_b_proj", rank, out, LinearOptions{options.dtype});
  } else {
    q_proj.emplace(*this, "q_proj", dim, out, LinearOptions{options.dtype});
  }
  if (options.cache != 0)
    latent_cache.emplace(*this, "latent_cache", options.dtype,
                         Shape{options.batch, options.cache, 1, options.kv_lora_rank + options.qk_rope_head_dim},
                         Site());
}

std::optional<Sharding> LatentAttention::sharding_of(std::string_view part, const Sharding &sharding) const {
  if (sharding.kind() != Sharding::Kind::tensor_parallel)
    return {};
  auto heads_of = [&](int64_t size) { return Sharding::segmented(0, {Segment::head_aware(options.heads, size)}); };
  if (part == "q_proj" || part == "q_b_proj")
    return heads_of(options.qk_nope_head_dim + options.qk_rope_head_dim);
  if (part == "kv_b_proj")
    return heads_of(options.qk_nope_head_dim + options.v_head_dim);
  return part == "o_proj" ? Sharding::head_aware_columnwise(options.heads, options.v_head_dim) : Sharding::replicate();
}

Value LatentAttention::queries(Value x) {
  return q_proj ? (*q_proj)(x) : (*q_b_proj)((*q_a_layernorm)((*q_a_proj)(x)));
}

// Expanding S keys takes rank * (nope + value) products for each, and a score nope + value; absorbing takes as many products for
// each of T queries, and a score twice the rank. What is rotated counts for both. Above some T, expanding is cheaper whatever
// S is; a T that is not known yet may be a whole prompt. Only a weight as it is can be taken apart.
bool LatentAttention::is_absorbed(const Dim &seq) const {
  if (!latent_cache || !seq.is_static() || kv_b_proj.scale ||
      kv_b_proj.weight.quantization_encoding() != Encoding::none)
    return false;
  int64_t both = options.qk_nope_head_dim + options.v_head_dim;
  return seq.value() * (2 * options.kv_lora_rank - both) < options.kv_lora_rank * both;
}

// Which of the cache's positions each query sees, [1, 1, seq, cache], if the first query is at `position`.
static Value seen_from(Value position, const Dim &seq, const LatentAttentionOptions &options) {
  Value key = iota({1, 1, seq, options.cache}, i64, 3);
  return options.causal ? less_equal(key, iota({1, 1, seq, 1}, i64, 2) + position)
                        : less(key, position + dim_value(seq));
}

// [batch, seq, heads, in] to [heads, batch * seq, in], so that each head's matrix is read once; and back.
static Value by_head(Value x) { return reshape(transpose(x, {2, 0, 1, 3}), {x.dim(2), x.dim(0) * x.dim(1), x.dim(3)}); }
static Value by_position(Value x, const Dim &batch, const Dim &seq) {
  return transpose(reshape(x, {x.dim(0), batch, seq, x.dim(2)}), {1, 2, 0, 3});
}

Value LatentAttention::forward(Value x, Rotation rotation, Value mask, Value position) {
  if (x.rank() != 3)
    varve::detail::fail("expects x [batch, seq, dim], but got " + x.type().str(), Site());
  if (!rotation.cos || !rotation.sin)
    varve::detail::fail("expects both cos and sin of a rotation, but got " +
                            std::string(rotation.cos || rotation.sin ? "one" : "neither"),
                        Site());
  if (position && !latent_cache)
    varve::detail::fail("expects a cache that has positions, but got a LatentAttention without one", Site());
  if (latent_cache)
    expect_batch_of(*latent_cache, x);
  int64_t heads = options.heads, rank = options.kv_lora_rank, nope = options.qk_nope_head_dim,
          turned = options.qk_rope_head_dim, size = options.v_head_dim;
  Dim batch = x.dim(0), seq = x.dim(1);
  RopeOptions pairing{.pairing = options.pairing};

  std::vector<Value> q = split(reshape(queries(x), {batch, seq, heads, nope + turned}), {nope, turned}, -1);
  q[1] = rope(q[1], rotation.cos, rotation.sin, pairing);
  std::vector<Value> made = split(kv_a_proj_with_mqa(x), {rank, turned}, -1);
  Value latent = reshape(kv_a_layernorm(made[0]), {batch, seq, 1, rank});
  Value shared = rope(reshape(made[1], {batch, seq, 1, turned}), rotation.cos, rotation.sin, pairing);
  Value kept = concat({latent, shared}, -1);
  if (position) {
    latent_cache->store_at(kept, position, 1);
    kept = latent_cache->load();
    Value seen = seen_from(position, seq, options);
    mask = mask ? mask & seen : seen;
  } else if (latent_cache) {
    latent_cache->store(kept, {0, options.past, 0, 0});
    kept = slice(latent_cache->load(), 1, {.end = options.past + seq});
  }
  latent = slice(kept, -1, {.end = rank});
  // In a cache that is seen whole, the last key is not the last query's.
  varve::AttentionOptions how{.mask = mask, .scale = options.scale, .causal = options.causal && !position};

  if (is_absorbed(seq)) {
    std::vector<Value> halves = split(reshape(kv_b_proj.weight, {heads, nope + size, rank}), {nope, size}, 1);
    Value absorbed = by_position(matmul(by_head(q[0]), halves[0]), batch, seq);
    Value found = attention(concat({absorbed, q[1]}, -1), kept, latent, how);
    Value out = by_position(matmul(by_head(found), transpose(halves[1], {0, 2, 1})), batch, seq);
    return o_proj(reshape(out, {batch, seq, heads * size}));
  }
  Dim keys = kept.dim(1);
  Value both = reshape(kv_b_proj(reshape(latent, {batch, keys, rank})), {batch, keys, heads, nope + size});
  std::vector<Value> parts = split(both, {nope, size}, -1);
  Value turns = broadcast(slice(kept, -1, {.begin = rank}), {batch, keys, heads, turned});
  Value out = attention(concat(q, -1), concat({parts[0], turns}, -1), parts[1], how);
  return o_proj(reshape(out, {batch, seq, heads * size}));
}

} // namespace varve::nn
