// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/CrossAttention.h"
#include "lib/nn/layers/Cache.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Structure.h"
#include <algorithm>
#include <cmath>

namespace varve::nn {

static CrossAttentionOptions completed(int64_t dim, CrossAttentionOptions options) {
  auto expect = [](bool holds, const std::string &rule, int64_t a, int64_t b) {
    if (!holds)
      throw Error("expects " + rule + ", but got " + std::to_string(a) + " and " + std::to_string(b));
  };
  expect(options.heads >= 1 && (options.head_dim > 0 || dim % options.heads == 0), "heads that divide dim",
         options.heads, dim);
  if (options.kv_heads == 0)
    options.kv_heads = options.heads;
  expect(options.kv_heads >= 1 && options.heads % options.kv_heads == 0, "kv_heads that divide heads", options.kv_heads,
         options.heads);
  expect(options.cache >= 0 && options.batch >= 1, "a cache of at least 0 positions, of at least 1 context",
         options.cache, options.batch);
  if (options.head_dim == 0)
    options.head_dim = dim / options.heads;
  if (options.context_dim == 0)
    options.context_dim = dim;
  return options;
}

CrossAttention::CrossAttention(int64_t dim, Options given)
    : options(completed(dim, std::move(given))),
      q_proj(*this, "q_proj", dim, options.heads * options.head_dim, {options.dtype, options.q_bias}),
      k_proj(*this, "k_proj", options.context_dim, options.kv_heads * options.head_dim,
             {options.dtype, options.k_bias}),
      v_proj(*this, "v_proj", options.context_dim, options.kv_heads * options.head_dim,
             {options.dtype, options.v_bias}),
      o_proj(*this, "o_proj", options.heads * options.head_dim, dim, {options.dtype, options.out_bias}) {
  if (options.cache == 0)
    return;
  Shape shape = {options.batch, options.cache, options.kv_heads, options.head_dim};
  k_cache.emplace(*this, "k_cache", options.dtype, shape, Site());
  v_cache.emplace(*this, "v_cache", options.dtype, shape, Site());
}

std::optional<Sharding> CrossAttention::sharding_of(std::string_view part, const Sharding &sharding) const {
  if (sharding.kind() != Sharding::Kind::tensor_parallel)
    return {};
  int64_t group = options.heads / options.kv_heads * options.head_dim;
  if (part == "q_proj")
    return Sharding::segmented(0, {Segment::head_aware(options.kv_heads, group)});
  if (part == "k_proj" || part == "v_proj")
    return Sharding::segmented(0, {Segment::head_aware(options.kv_heads, options.head_dim)});
  return Sharding::head_aware_columnwise(options.kv_heads, group);
}

CrossAttention::KeyValue CrossAttention::project(Value context) {
  Shape shape = {context.dim(0), context.dim(1), options.kv_heads, options.head_dim};
  Value k = reshape(k_proj(context), shape), v = reshape(v_proj(context), shape);
  if (k_cache) {
    k_cache->store(k);
    v_cache->store(v);
  }
  return {k, v};
}

void CrossAttention::fill(Value context) {
  if (!k_cache)
    throw Error("expects a cache to fill, but got a cache of 0 positions", path(), declared());
  expect_batch_of(*k_cache, context, this);
  project(context);
}

Value CrossAttention::forward(Value x, Value context, Value mask) {
  if (!context && !k_cache)
    throw Error("expects a context, or a cache, but got neither", path(), declared());
  if (k_cache)
    expect_batch_of(*k_cache, x);
  Dim batch = x.dim(0), seq = x.dim(1);
  Value q = reshape(q_proj(x), {batch, seq, options.heads, options.head_dim});
  auto kept = [&](const Buffer &cache) { return slice(cache.load(), 1, {.end = options.source}); };
  auto [k, v] = context ? project(context) : KeyValue{kept(*k_cache), kept(*v_cache)};
  if (mask && mask.rank() == 4 && mask.dim(2) == Dim(1) && seq != Dim(1))
    mask = broadcast(mask, {mask.dim(0), mask.dim(1), seq, mask.dim(3)});
  Value out = attention(q, k, v, {.mask = mask, .scale = options.scale});
  return o_proj(reshape(out, {batch, seq, options.heads * options.head_dim}));
}

static int64_t buckets_of_direction(const RelativePositionBiasOptions &options) {
  return options.bidirectional ? options.buckets / 2 : options.buckets;
}

static RelativePositionBiasOptions checked(RelativePositionBiasOptions options) {
  int64_t exact = buckets_of_direction(options) / 2;
  if (exact < 1 || (options.bidirectional && options.buckets % 2 != 0))
    throw Error("expects at least 2 buckets for a direction, as many for each, but got " +
                std::to_string(options.buckets) + (options.bidirectional ? " for two" : " for one"));
  if (options.max_distance <= exact)
    throw Error("expects a max_distance above the distances that have a bucket of their own, but got " +
                std::to_string(options.max_distance) + " and " + std::to_string(exact));
  return options;
}

// In f32 as PyTorch computes it, so that distances at the border of two buckets are in the same one.
static Tensor buckets_by_distance(const RelativePositionBiasOptions &options) {
  int64_t most = options.max_distance, count = buckets_of_direction(options), exact = count / 2;
  auto whole = static_cast<float>(std::log(static_cast<double>(most) / static_cast<double>(exact)));
  std::vector<int64_t> table;
  for (int64_t relative = -most; relative <= most; ++relative) {
    int64_t distance = options.bidirectional ? std::abs(relative) : std::max<int64_t>(-relative, 0), bucket = distance;
    if (distance >= exact) {
      float part = std::log(static_cast<float>(distance) / static_cast<float>(exact)) / whole;
      bucket = std::min(exact + static_cast<int64_t>(part * static_cast<float>(count - exact)), count - 1);
    }
    table.push_back(bucket + (options.bidirectional && relative > 0 ? count : 0));
  }
  return Tensor::from<int64_t>({2 * most + 1}, table);
}

RelativePositionBias::RelativePositionBias(int64_t heads, Options given)
    : options(checked(given)), weight(*this, "weight", options.dtype, {options.buckets, heads}, Site()),
      buckets(buckets_by_distance(options)) {}

Value RelativePositionBias::forward(const Dim &queries, const Dim &keys, const Dim &past) {
  Value query = iota({queries, 1});
  if (past != Dim(0))
    query = query + dim_value(past);
  Value relative = iota({1, keys}, i64, 1) - query;
  Value index = minimum(maximum(relative, -options.max_distance), options.max_distance) + options.max_distance;
  Value of_distance = transpose(gather(weight, constant(buckets)), {1, 0});
  return unsqueeze(gather(of_distance, index, 1), 0);
}

} // namespace varve::nn
