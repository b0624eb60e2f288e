// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/MoE.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

std::string names_of(nn::LayerBase &layer) {
  std::string names;
  for (auto &[name, weight] : layer.raw_state_dict())
    names += name + " " + weight->type().str() + "\n";
  return names;
}

} // namespace

TEST_CASE("MoE has the weights of a checkpoint") {
  nn::MoE mixtral(12, 20, {.experts = 4, .top_k = 2, .dtype = bf16});
  CHECK(names_of(mixtral) == "gate.weight bf16 [4, 12]\nexperts.gate_up_proj bf16 [4, 40, 12]\n"
                             "experts.down_proj bf16 [4, 12, 20]\n");
  nn::MoE other(12, 20,
                {.experts = 4,
                 .top_k = 2,
                 .router = {.scoring = nn::Scoring::sigmoid, .bias = true, .selection_bias = true},
                 .bias = true,
                 .shared_hidden = 6,
                 .shared_gate = true,
                 .shared_name = "shared_expert"});
  CHECK(names_of(other) == "gate.weight f32 [4, 12]\ngate.bias f32 [4]\ngate.e_score_correction_bias f32 [4]\n"
                           "experts.gate_up_proj f32 [4, 40, 12]\nexperts.down_proj f32 [4, 12, 20]\n"
                           "experts.gate_up_proj_bias f32 [4, 40]\nexperts.down_proj_bias f32 [4, 12]\n"
                           "shared_expert.gate_proj.weight f32 [6, 12]\nshared_expert.up_proj.weight f32 [6, 12]\n"
                           "shared_expert.down_proj.weight f32 [12, 6]\nshared_expert_gate.weight f32 [1, 12]\n");
}

TEST_CASE("MoE: rows are sorted by expert, multiplied in groups and put back") {
  nn::MoE layer(12, 20, {.experts = 4, .top_k = 2});
  std::string text = Graph("f", layer, {tensor_type(f32, {"batch", "seq", 12})}).text();
  CHECK(contains(text, "varve.layer \"gate\" : \"Router\""));
  CHECK(contains(text, "varve.top_k"));
  CHECK(contains(text, "varve.sort"));
  size_t first = text.find("varve.grouped_matmul");
  CHECK(first != std::string::npos);
  CHECK(text.find("varve.grouped_matmul", first + 1) != std::string::npos);
  CHECK(contains(text, "#varve.dims<2*batch*seq, 40>"));
}

TEST_CASE("MoE: experts are split by expert or by hidden value, and all else is whole or an MLP's") {
  nn::MoE layer(12, 20, {.experts = 4, .top_k = 2, .bias = true, .shared_hidden = 6});
  layer.to({cpu(0), cpu(1)}, Sharding::expert_parallel());
  CHECK(layer.experts.gate_up_proj.sharding() == Sharding::axiswise(0));
  CHECK(layer.experts.down_proj.sharding() == Sharding::axiswise(0));
  CHECK(layer.experts.down_proj_bias->sharding() == Sharding::axiswise(0));
  CHECK(layer.gate.weight.sharding() == Sharding::replicate());
  CHECK(layer.shared->up_proj.weight.sharding() == Sharding::replicate());
  layer.to({cpu(0), cpu(1)}, Sharding::tensor_parallel());
  Sharding both = Sharding::segmented(1, {Segment::even(20), Segment::even(20)});
  CHECK(layer.experts.gate_up_proj.sharding() == both);
  CHECK(layer.experts.gate_up_proj_bias->sharding() == both);
  CHECK(layer.experts.down_proj.sharding() == Sharding::axiswise(2));
  CHECK(layer.experts.down_proj_bias->sharding() == Sharding::replicate());
  CHECK(layer.gate.weight.sharding() == Sharding::replicate());
  CHECK(layer.shared->up_proj.weight.sharding() == Sharding::rowwise());
}

TEST_CASE("MoE: numbers that do not fit each other are refused") {
  auto make = [](const nn::MoEOptions &options) { return error_of([&] { nn::MoE(8, 12, options); }); };
  CHECK(make({.experts = 4, .top_k = 5}) ==
        "in layer 'gate': expects a top_k of at least 1 and at most experts, but got 5 and 4");
  CHECK(make({.experts = 4, .top_k = 0}) ==
        "in layer 'gate': expects a top_k of at least 1 and at most experts, but got 0 and 4");
  CHECK(make({.experts = 4, .router = {.groups = 3}}) ==
        "in layer 'gate': expects groups that divide experts, but got 3 and 4");
  CHECK(make({.experts = 4, .router = {.groups = 2, .top_groups = 3}}) ==
        "in layer 'gate': expects top_groups of at least 1 and at most groups, but got 3 and 2");
  CHECK(make({.experts = 4, .top_k = 3, .router = {.groups = 2}}) ==
        "in layer 'gate': expects top_groups that hold at least top_k experts, but got 2 and 3");
  CHECK(make({.experts = 4, .router = {.groups = 4}}) ==
        "in layer 'gate': expects a group_best of at least 1 and at most the experts of a group, but got 2 and 1");
  CHECK(make({.experts = 4, .router = {.scale = 0}}) == "in layer 'gate': expects a positive scale, but got 0.000000");
  CHECK(make({.experts = 4, .shared_hidden = -1}) == "expects a shared_hidden of at least 0, but got -1");
  CHECK(make({.experts = 4, .shared_gate = true}) ==
        "expects a shared_hidden of at least 1 for a shared_gate, but got 0");
  CHECK(error_of([] { nn::Experts(8, 0, 4); }) == "expects a hidden of at least 1, but got 0");
  CHECK(error_of([] { nn::Experts(8, 12, 0); }) == "expects experts of at least 1, but got 0");
  CHECK(error_of([] { nn::Experts(0, 12, 4); }) == "expects a dim of at least 1, but got 0");
  CHECK(error_of([] { nn::Router(0, 4, 2); }) == "expects a dim of at least 1, but got 0");
}
