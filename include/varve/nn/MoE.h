// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mixtures of experts: each position goes through the few feed-forward blocks that a router chooses for it.
//   Child<nn::MoE> mlp{*this, "mlp", 4096, 14336, {.experts = 8, .top_k = 2}};               // Mixtral
//   Child<nn::MoE> mlp{*this, "mlp", 7168, 2048, {.experts = 256, .top_k = 8,                // DeepSeek V3
//                      .router = {.scoring = nn::Scoring::sigmoid, .selection_bias = true, .groups = 8, .top_groups = 4, .scale = 2.5},
//                      .shared_hidden = 2048}};
#pragma once
#include "varve/nn/MLP.h"

namespace varve::nn {

/// How a router makes weights of its logits: the softmax of all, of which the chosen ones' are taken; the softmax of those
/// that were chosen; or each one's sigmoid.
enum class Scoring : uint8_t { softmax, softmax_of_chosen, sigmoid };

struct RouterOptions {
  /// How logits become weights.
  Scoring scoring = Scoring::softmax;
  /// The weights of a position are divided by their sum.
  bool renormalize = true;
  /// What they are multiplied with after that.
  double scale = 1;
  /// Of the logits.
  bool bias = false;
  /// Added to scores where experts are chosen, not in their weights: `e_score_correction_bias`, f32.
  bool selection_bias = false;
  /// Experts stand in so many groups, of which only the `top_groups` best may be chosen from. The score of a group is the
  /// sum of its `group_best` best.
  int64_t groups = 1, top_groups = 1, group_best = 2;
  DType dtype = f32;
};

/// The experts of each position, the best first, i64, and their weights, f32; both [rows, top_k].
struct Routed {
  Value experts, weights;
};

/// Chooses experts. **Shapes** x [rows, dim], weight [experts, dim], bias and e_score_correction_bias [experts].
/// **Types** floats; logits of `sigmoid` are computed in f32. **Throws** `Error` for numbers that do not fit each other.
/// **IR** `varve.linear`, `varve.softmax` or `varve.sigmoid`, `varve.top_k`, `varve.take_along_axis`.
/// **Source** https://arxiv.org/abs/2401.04088, https://arxiv.org/abs/2412.19437, https://arxiv.org/abs/2508.10925
class Router : public Layer<Router> {
public:
  using Options = RouterOptions;
  Router(int64_t dim, int64_t experts, int64_t top_k, Options options = {});
  Routed forward(Value x);

  const Options options;
  const int64_t experts, top_k;
  Weight weight;
  std::optional<Weight> bias, e_score_correction_bias;
};

/// GPT-OSS's: gate up to `limit` and up between both of it, (up + 1) * gate * sigmoid(alpha * gate).
struct ClampedSwiGLU {
  double alpha = 1.702, limit = 7;
};

struct ExpertsOptions {
  DType dtype = f32;
  bool bias = false;
  Activation activation = Activation::silu;
  /// Instead of activation(gate) * up.
  std::optional<ClampedSwiGLU> clamped = {};
};

/// down(activation(gate(x)) * up(x)) by each of a row's experts, times their weights and summed, in f32. Rows are sorted by
/// expert, so that an expert's weight is multiplied with all of its rows at once, and one without rows costs nothing.
/// **Shapes** x [rows, dim], what a router gives; gate_up_proj [experts, 2 * hidden, dim], gate's rows first, down_proj
/// [experts, dim, hidden], gate_up_proj_bias [experts, 2 * hidden], down_proj_bias [experts, dim]; result as x.
/// **Types** floats. **Throws** `Error` for sizes below 1. **IR** `varve.sort`, `varve.gather`, `varve.grouped_matmul`,
/// `varve.scatter`, `varve.reduce_sum`.
class Experts : public Layer<Experts> {
public:
  using Options = ExpertsOptions;
  Experts(int64_t dim, int64_t hidden, int64_t experts, Options options = {});
  Value forward(Value x, Routed routed);

  const Options options;
  const int64_t experts, hidden;
  Weight gate_up_proj, down_proj;
  std::optional<Weight> gate_up_proj_bias, down_proj_bias;

protected:
  /// Under `expert_parallel`, each device has some of the experts; under `tensor_parallel`, a part of each one's hidden values.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;
};

struct MoEOptions {
  /// How many there are.
  int64_t experts = 1;
  /// How many of them a position goes through.
  int64_t top_k = 1;
  /// Its dtype is not looked at: there is one for all.
  RouterOptions router = {};
  /// Of the experts, and of those that are shared.
  Activation activation = Activation::silu;
  bool bias = false;
  std::optional<ClampedSwiGLU> clamped = {};
  /// Hidden values of an expert that every position goes through, of several as one; 0: none.
  int64_t shared_hidden = 0;
  /// What it makes is multiplied with the sigmoid of a product, `shared_expert_gate`.
  bool shared_gate = false;
  /// Qwen calls it shared_expert.
  std::string shared_name = "shared_experts";
  DType dtype = f32;
};

/// experts(x, gate(x)) + shared_experts(x). **Shapes** x [.., dim], result the same. **Types** floats. **Throws** `Error` as
/// `Router` and `Experts`, and for a gate of no shared expert. **IR** that of its parts.
/// **Source** https://arxiv.org/abs/1701.06538, https://arxiv.org/abs/2401.06066
class MoE : public Layer<MoE> {
public:
  using Options = MoEOptions;
  MoE(int64_t dim, int64_t hidden, Options options);
  Value forward(Value x);

  const Options options;
  Child<Router> gate;
  Child<Experts> experts;
  std::optional<Child<MLP>> shared;
  std::optional<Child<Linear>> shared_expert_gate;
};

} // namespace varve::nn
