// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Attention.h"
#include "lib/graph/Record.h"
#include "lib/nn/layers/Cache.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Structure.h"
#include <cmath>

namespace varve::nn {

static AttentionOptions completed(int64_t dim, AttentionOptions options) {
  auto expect = [](bool holds, const std::string &rule, int64_t a, int64_t b) {
    if (!holds)
      throw Error("expects " + rule + ", but got " + std::to_string(a) + " and " + std::to_string(b));
  };
  expect(dim >= 1 && options.heads >= 1 && (options.head_dim > 0 || dim % options.heads == 0), "heads that divide dim",
         options.heads, dim);
  if (options.kv_heads == 0)
    options.kv_heads = options.heads;
  expect(options.kv_heads >= 1 && options.heads % options.kv_heads == 0, "kv_heads that divide heads", options.kv_heads,
         options.heads);
  if (options.head_dim == 0)
    options.head_dim = dim / options.heads;
  if (options.rotary_dim == 0)
    options.rotary_dim = options.head_dim;
  else
    expect(options.rotary_dim >= 2 && options.rotary_dim % 2 == 0 && options.rotary_dim <= options.head_dim,
           "an even rotary_dim of at most head_dim", options.rotary_dim, options.head_dim);
  if (options.soft_cap && !(*options.soft_cap > 0 && std::isfinite(*options.soft_cap)))
    throw Error("expects a finite soft_cap above 0, but got " + std::to_string(*options.soft_cap));
  return options;
}

Attention::Attention(int64_t dim, Options given)
    : options(completed(dim, std::move(given))),
      q_proj(*this, "q_proj", dim, options.heads * options.head_dim, {options.dtype, options.bias}),
      k_proj(*this, "k_proj", dim, options.kv_heads * options.head_dim, {options.dtype, options.bias}),
      v_proj(*this, "v_proj", dim, options.kv_heads * options.head_dim, {options.dtype, options.bias}),
      o_proj(*this, "o_proj", options.heads * options.head_dim, dim, {options.dtype, options.out_bias}) {
  if (options.qk_norm) {
    RMSNormOptions norm{options.dtype, *options.qk_norm, options.qk_norm_offset};
    q_norm.emplace(*this, "q_norm", options.head_dim, norm);
    k_norm.emplace(*this, "k_norm", options.head_dim, norm);
  }
  if (options.sinks)
    sinks.emplace(*this, "sinks", options.dtype, Shape{options.heads}, Site());
  if (options.cache == 0)
    return;
  Shape shape = {options.batch, options.cache, options.kv_heads, options.head_dim};
  k_cache.emplace(*this, "k_cache", options.dtype, shape, Site());
  v_cache.emplace(*this, "v_cache", options.dtype, shape, Site());
}

std::optional<Sharding> Attention::sharding_of(std::string_view part, const Sharding &sharding) const {
  if (sharding.kind() != Sharding::Kind::tensor_parallel)
    return {};
  int64_t group = options.heads / options.kv_heads * options.head_dim;
  if (part == "sinks")
    return Sharding::segmented(0, {Segment::head_aware(options.kv_heads, options.heads / options.kv_heads)});
  if (part == "q_proj")
    return Sharding::segmented(0, {Segment::head_aware(options.kv_heads, group)});
  if (part == "k_proj" || part == "v_proj")
    return Sharding::segmented(0, {Segment::head_aware(options.kv_heads, options.head_dim)});
  return Sharding::head_aware_columnwise(options.kv_heads, group);
}

// Which of the cache's positions each query sees, [1, 1, seq, cache], if the first query is at `position`.
static Value seen_from(Value position, const Dim &seq, const AttentionOptions &options) {
  Value key = iota({1, 1, seq, options.cache}, i64, 3);
  Value query = iota({1, 1, seq, 1}, i64, 2) + position;
  Value seen = options.causal ? less_equal(key, query) : less(key, position + dim_value(seq));
  return options.window ? seen & greater(key, query - *options.window) : seen;
}

// The first rotary_dim elements of each head are rotated, the others stay.
static Value rotated(Value heads, const Rotation &rotation, const AttentionOptions &options) {
  RopeOptions pairing{.pairing = options.pairing};
  if (options.rotary_dim == options.head_dim)
    return rope(heads, rotation.cos, rotation.sin, pairing);
  Value first = rope(slice(heads, -1, {.end = options.rotary_dim}), rotation.cos, rotation.sin, pairing);
  return concat({first, slice(heads, -1, {.begin = options.rotary_dim})}, -1);
}

Value Attention::forward(Value x, Rotation rotation, Value mask, Value position) {
  if (x.rank() != 3)
    varve::detail::fail("expects x [batch, seq, dim], but got " + x.type().str(), Site());
  if (position && !k_cache)
    varve::detail::fail("expects a cache that has positions, but got an Attention without one", Site());
  if (position && options.sinks && options.alibi)
    varve::detail::fail("expects sinks or alibi at a position, but got both", Site());
  if (static_cast<bool>(rotation.cos) != static_cast<bool>(rotation.sin))
    varve::detail::fail("expects both cos and sin of a rotation, or neither, but got one", Site());
  if (k_cache)
    expect_batch_of(*k_cache, x);
  auto batch = x.dim(0), seq = x.dim(1);
  auto heads = [&](Value value, int64_t count) { return reshape(value, {batch, seq, count, options.head_dim}); };
  Value q = heads(q_proj(x), options.heads), k = heads(k_proj(x), options.kv_heads),
        v = heads(v_proj(x), options.kv_heads);
  if (q_norm) {
    q = (*q_norm)(q);
    k = (*k_norm)(k);
  }
  if (rotation.cos) {
    q = rotated(q, rotation, options);
    k = rotated(k, rotation, options);
  }
  bool isAt = k_cache && position;
  if (isAt) {
    k_cache->store_at(k, position, 1);
    v_cache->store_at(v, position, 1);
    k = k_cache->load();
    v = v_cache->load();
    Value seen = seen_from(position, seq, options);
    mask = mask ? mask & seen : seen;
  } else if (k_cache) {
    const Dim &past = options.past;
    k_cache->store(k, {0, past, 0, 0});
    v_cache->store(v, {0, past, 0, 0});
    k = slice(k_cache->load(), 1, {.end = past + seq});
    v = slice(v_cache->load(), 1, {.end = past + seq});
  }
  // In a cache that is seen whole, the last key is not the last query's; then biases of ALiBi are all off by the same, which softmax
  // does not see.
  Value out = attention(q, k, v,
                        {.mask = mask,
                         .scale = options.scale,
                         .causal = options.causal && !isAt,
                         .window = isAt ? std::nullopt : options.window,
                         .soft_cap = options.soft_cap,
                         .sinks = sinks ? Value(*sinks) : Value(),
                         .slopes = options.alibi ? alibi_slopes(options.heads, Site()) : Value()});
  return o_proj(reshape(out, {batch, seq, options.heads * options.head_dim}));
}

} // namespace varve::nn
