// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention to another sequence, whose keys and values may be computed once and kept; and T5's bias of relative positions.
//   Child<nn::CrossAttention> attention{*this, "cross_attn", 512, {.heads = 8, .context_dim = 768, .cache = 1500}};
//   attention.fill(states);          // in one entry of a program
//   Value y = attention(x);          // in another one, as often as wanted
#pragma once
#include "varve/nn/Linear.h"
#include "varve/ops/Attention.h"

namespace varve::nn {

struct CrossAttentionOptions {
  int64_t heads = 1;
  /// Heads of key and value; 0: as many as of the query.
  int64_t kv_heads = 0;
  /// 0: dim / heads.
  int64_t head_dim = 0;
  /// Of the context; 0: dim.
  int64_t context_dim = 0;
  DType dtype = f32;
  /// Of q_proj, k_proj, v_proj and o_proj.
  bool q_bias = false, k_bias = false, v_bias = false, out_bias = false;
  /// What scores are multiplied by; none: 1 / sqrt(head_dim).
  std::optional<double> scale = {};
  /// Positions of a context whose keys and values are kept, and how many contexts there are; 0 positions: none are kept.
  int64_t cache = 0, batch = 1;
  /// How many of them are filled; a name is given to the graph by `dim_input("source")`, or by a mask of that size.
  Dim source = "source";
};

/// o_proj(attention(q_proj(x), k_proj(context), v_proj(context))). With a cache, keys and values of a context that is given
/// are kept in it, and a call without one sees those. **Shapes** x [batch, seq, dim], context [batch, source, context_dim],
/// mask [batch or 1, heads or 1, seq or 1, source], result [batch, seq, dim]. **Types** floats, all the same; mask as in
/// `attention`. **Throws** `Error` if there is neither a context nor a cache. **IR** `varve.linear`,
/// `varve.buffer.store`, `varve.buffer.load`, `varve.attention`. **Source** https://arxiv.org/abs/1706.03762
class CrossAttention : public Layer<CrossAttention> {
public:
  using Options = CrossAttentionOptions;
  /// **Throws** `Error` if heads do not divide dim, or kv_heads the heads, or a size is negative.
  CrossAttention(int64_t dim, Options options);
  Value forward(Value x, Value context = {}, Value mask = {});
  /// Keeps keys and values of a context, which calls without one see from then on. **Throws** `Error` without a cache.
  void fill(Value context);

  const Options options;
  Child<Linear> q_proj, k_proj, v_proj, o_proj;
  std::optional<Buffer> k_cache, v_cache;

protected:
  /// Under `tensor_parallel`, each device has whole groups of heads that share a head of key and value.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;

private:
  struct KeyValue {
    Value key, value;
  };
  KeyValue project(Value context);
};

struct RelativePositionBiasOptions {
  /// Distances that a query tells apart: half of those of a direction one by one, the others ever more coarsely.
  int64_t buckets = 32;
  /// From here on all are the same.
  int64_t max_distance = 128;
  /// Whether keys behind the query have buckets of their own; else all of them are as near as the query's own position.
  bool bidirectional = true;
  DType dtype = f32;
};

/// A number for each head, by how far a key is from the query: what T5 adds to scores, as a mask of `attention`.
/// **Shapes** weight [buckets, heads], result [1, heads, queries, keys]; queries stand at `past`, past + 1, .., keys at 0, 1, ..
/// **Types** floats. **IR** `varve.gather`, `varve.iota`, `varve.dim`. **Source** https://arxiv.org/abs/1910.10683
class RelativePositionBias : public Layer<RelativePositionBias> {
public:
  using Options = RelativePositionBiasOptions;
  /// **Throws** `Error` for less than 2 buckets of a direction, an odd number for two, and a max_distance among those that
  /// are told apart one by one.
  explicit RelativePositionBias(int64_t heads, Options options = {});
  Value forward(const Dim &queries, const Dim &keys, const Dim &past = 0);

  const Options options;
  Weight weight;

private:
  Tensor buckets; // [2 * max_distance + 1], of each distance from -max_distance on
};

} // namespace varve::nn
