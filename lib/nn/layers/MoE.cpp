// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/MoE.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Normalize.h"
#include "varve/ops/Reduce.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Sort.h"
#include "varve/ops/Structure.h"
#include <cmath>

namespace varve::nn {
namespace {

void expect(bool holds, const std::string &rule, int64_t a, int64_t b) {
  if (!holds)
    throw Error("expects " + rule + ", but got " + std::to_string(a) + " and " + std::to_string(b));
}

RouterOptions checked(int64_t experts, int64_t top_k, const RouterOptions &options) {
  expect(top_k >= 1 && top_k <= experts, "a top_k of at least 1 and at most experts", top_k, experts);
  int64_t groups = options.groups, top = options.top_groups;
  expect(groups >= 1 && experts % groups == 0, "groups that divide experts", groups, experts);
  expect(top >= 1 && top <= groups, "top_groups of at least 1 and at most groups", top, groups);
  int64_t size = experts / groups;
  expect(top * size >= top_k, "top_groups that hold at least top_k experts", top * size, top_k);
  if (groups > 1)
    expect(options.group_best >= 1 && options.group_best <= size,
           "a group_best of at least 1 and at most the experts of a group", options.group_best, size);
  if (!std::isfinite(options.scale) || options.scale <= 0)
    throw Error("expects a positive scale, but got " + std::to_string(options.scale));
  return options;
}

int64_t checked_size(const char *name, int64_t size) {
  if (size < 1)
    throw Error(std::string("expects ") + name + " of at least 1, but got " + std::to_string(size));
  return size;
}

Value filled(Operand number, DType dtype, Shape shape) { return broadcast(constant(number, dtype), std::move(shape)); }

// Scores [rows, experts], those of groups that are not among the best being -inf.
Value limited(Value scores, const RouterOptions &options) {
  Dim rows = scores.dim(0), experts = scores.dim(1);
  Value grouped = reshape(scores, {rows, options.groups, -1});
  Value best = reduce_sum(top_k(grouped, options.group_best).values, {.axes = {-1}});
  Value groups = top_k(best, options.top_groups).indices;
  Value open =
      put_along_axis(filled(false, boolean, best.shape()), groups, filled(true, boolean, groups.shape()), {.axis = 1});
  return reshape(select(unsqueeze(open, -1), grouped, constant(-INFINITY, f32)), {rows, experts});
}

} // namespace

Router::Router(int64_t dim, int64_t experts, int64_t top_k, Options given)
    : options(checked(experts, top_k, given)), experts(experts), top_k(top_k),
      weight(*this, "weight", options.dtype, {experts, checked_size("a dim", dim)}, Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{experts}, Site());
  if (options.selection_bias)
    e_score_correction_bias.emplace(*this, "e_score_correction_bias", f32, Shape{experts}, Site());
}

Routed Router::forward(Value x) {
  bool isSigmoid = options.scoring == Scoring::sigmoid;
  // As transformers does: what a sigmoid takes is computed in f32, what a softmax takes only made that.
  Value logits = isSigmoid ? linear(cast(x, f32), cast(weight, f32)) : linear(x, weight);
  if (bias)
    logits = logits + (isSigmoid ? cast(*bias, f32) : Value(*bias));
  logits = cast(logits, f32);
  Value scores = isSigmoid ? sigmoid(logits) : options.scoring == Scoring::softmax ? softmax(logits) : logits;
  Value choice = e_score_correction_bias ? scores + *e_score_correction_bias : scores;
  if (options.groups > 1)
    choice = limited(choice, options);
  auto [best, chosen] = varve::top_k(choice, top_k);
  Value weights = choice == scores ? best : take_along_axis(scores, chosen, 1);
  if (options.scoring == Scoring::softmax_of_chosen)
    weights = softmax(weights);
  if (options.renormalize && options.scoring != Scoring::softmax_of_chosen) {
    Value sum = reduce_sum(weights, {.axes = {-1}, .keep_dims = true});
    weights = weights / (isSigmoid ? sum + 1e-20 : sum); // sigmoids may all be 0
  }
  if (options.scale != 1)
    weights = weights * options.scale;
  return {chosen, weights};
}

Experts::Experts(int64_t dim, int64_t hidden, int64_t experts, Options options)
    : options(options), experts(checked_size("experts", experts)), hidden(checked_size("a hidden", hidden)),
      gate_up_proj(*this, "gate_up_proj", options.dtype, {experts, 2 * hidden, checked_size("a dim", dim)}, Site()),
      down_proj(*this, "down_proj", options.dtype, {experts, dim, hidden}, Site()) {
  if (!options.bias)
    return;
  gate_up_proj_bias.emplace(*this, "gate_up_proj_bias", options.dtype, Shape{experts, 2 * hidden}, Site());
  down_proj_bias.emplace(*this, "down_proj_bias", options.dtype, Shape{experts, dim}, Site());
}

std::optional<Sharding> Experts::sharding_of(std::string_view part, const Sharding &sharding) const {
  if (sharding.kind() == Sharding::Kind::expert_parallel)
    return Sharding::axiswise(0);
  if (sharding.kind() != Sharding::Kind::tensor_parallel || part == "down_proj_bias")
    return {};
  if (part == "down_proj")
    return Sharding::axiswise(2);
  return Sharding::segmented(1, {Segment::even(hidden), Segment::even(hidden)});
}

Value Experts::forward(Value x, Routed routed) {
  Dim rows = x.dim(0);
  int64_t each = routed.experts.dim(1).value();
  // One entry for each row and expert of it, in the order of experts.
  auto [expert, order] = sort(reshape(routed.experts, {-1}));
  Dim entries = expert.dim(0);
  Value counts = scatter(filled(0, i64, {experts}), expert, filled(1, i64, {entries}), {.reduction = Scatter::add});

  Value hidden_values = grouped_matmul(gather(x, order / each), gate_up_proj, counts);
  if (gate_up_proj_bias)
    hidden_values = hidden_values + gather(*gate_up_proj_bias, expert);
  std::vector<Value> halves = split(hidden_values, {hidden, hidden}, -1);
  Value gate = halves[0], up = halves[1];
  if (options.clamped) {
    gate = clip(gate, {.high = options.clamped->limit});
    up = clip(up, {.low = -options.clamped->limit, .high = options.clamped->limit});
    hidden_values = (up + 1) * (gate * sigmoid(gate * options.clamped->alpha));
  } else {
    hidden_values = activate(gate, options.activation) * up;
  }
  Value made = grouped_matmul(hidden_values, down_proj, counts);
  if (down_proj_bias)
    made = made + gather(*down_proj_bias, expert);

  // Back in the order of rows: where each entry stands is the inverse of what stands where.
  Value places = iota({entries});
  made = gather(made, scatter(places, order, places));
  made = reshape(cast(made, f32), {rows, each, -1}) * unsqueeze(routed.weights, -1);
  return cast(reduce_sum(made, {.axes = {1}}), x.dtype());
}

static RouterOptions with_dtype(RouterOptions options, DType dtype) {
  options.dtype = dtype;
  return options;
}

MoE::MoE(int64_t dim, int64_t hidden, Options given)
    : options(std::move(given)),
      gate(*this, "gate", dim, options.experts, options.top_k, with_dtype(options.router, options.dtype)),
      experts(*this, "experts", dim, hidden, options.experts,
              {options.dtype, options.bias, options.activation, options.clamped}) {
  if (options.shared_hidden < 0)
    throw Error("expects a shared_hidden of at least 0, but got " + std::to_string(options.shared_hidden));
  if (options.shared_gate && options.shared_hidden == 0)
    throw Error("expects a shared_hidden of at least 1 for a shared_gate, but got 0");
  if (options.shared_hidden == 0)
    return;
  shared.emplace(*this, Name(options.shared_name, Site()), dim, options.shared_hidden,
                 MLPOptions{.dtype = options.dtype, .activation = options.activation});
  if (options.shared_gate)
    shared_expert_gate.emplace(*this, "shared_expert_gate", dim, 1, LinearOptions{.dtype = options.dtype});
}

Value MoE::forward(Value x) {
  Value rows = reshape(x, {-1, x.dim(-1)});
  Value sum = experts(rows, gate(rows));
  if (shared) {
    Value common = (*shared)(rows);
    if (shared_expert_gate)
      common = sigmoid((*shared_expert_gate)(rows)) * common;
    sum = sum + common;
  }
  return reshape(sum, x.shape());
}

} // namespace varve::nn
