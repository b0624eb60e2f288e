// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights by name: what is loaded is seen, saved and shared under every name.
#include "varve/nn/State.h"
#include "test/unit/Support.h"
#include "test/unit/nn/States.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using test::filled;
using test::good;
using test::Model;
using Names = std::vector<std::string>;

namespace {

struct Tied : Model {
  Tied() { head.set_shared_weight("weight", embed.weight); }
};

// Every weight's name and first element; -1 where there is no value.
std::map<std::string, float> values(nn::LayerBase &model) {
  std::map<std::string, float> values;
  for (const auto &[name, weight] : model.raw_state_dict())
    values[name] = weight->value() ? weight->value().to_vector<float>()[0] : -1;
  return values;
}

const std::map<std::string, float> all_ones = {
    {"embed.weight", 1}, {"proj.weight", 1}, {"proj.bias", 1}, {"head.weight", 1}};

} // namespace

TEST_CASE("a state gives every weight its value") {
  Model model;
  nn::LoadReport report = model.load_state_dict(good());
  CHECK(report.loaded == Names{"embed.weight", "proj.weight", "proj.bias", "head.weight"});
  CHECK(values(model) == all_ones);
  CHECK(values(model.proj) == std::map<std::string, float>{{"weight", 1}, {"bias", 1}});
  model.proj.load_state_dict({{"weight", filled({3, 4}, 2)}, {"bias", filled({3}, 2)}});
  CHECK(values(model).at("proj.bias") == 2);
  CHECK(model.embed.weight.value().data() == model.state_dict().at("embed.weight").data());
}

TEST_CASE("the values that were loaded, and zeros for the others") {
  Model model;
  model.load_state_dict({{"proj.bias", filled({3}, 5)}}, {.strict = false});
  StateDict state = model.state_dict();
  CHECK(state.size() == 4);
  CHECK(state.at("proj.bias").to_vector<float>() == std::vector<float>{5, 5, 5});
  CHECK(state.at("proj.weight").type() == "f32 [3, 4]");
  CHECK(state.at("proj.weight").to_vector<float>() == std::vector<float>(12, 0));
}

TEST_CASE("a shared weight is one weight under two names") {
  Tied model;
  CHECK(model.head.weight.is_shared_with(model.embed.weight));
  CHECK(model.head.weight.path() == "embed.weight");
  Names names;
  for (const auto &[name, weight] : model.raw_state_dict())
    names.push_back(name);
  CHECK(names == Names{"embed.weight", "proj.weight", "proj.bias"});

  StateDict state = good();
  CHECK(model.load_state_dict(state).loaded.size() == 3); // both names, equal values
  state.erase("head.weight");
  model.load_state_dict(state);
  state["head.weight"] = filled({6, 4}, 3);
  state.erase("embed.weight");
  model.load_state_dict(state);
  CHECK(model.embed.weight.value().to_vector<float>()[0] == 3);
  state["embed.weight"] = filled({6, 4}, 4);
  CHECK(
      contains(error_of([&] { model.load_state_dict(state); }),
               "shared: 'embed.weight' expects 'embed.weight' and 'head.weight' to be equal, being one weight, but got "
               "values that differ"));
  CHECK(model.embed.weight.value().to_vector<float>()[0] == 3);
}

TEST_CASE("a shared weight is one symbol in the graph") {
  struct Both : nn::Layer<Both> {
    Child<nn::Embedding> embed{*this, "embed", 6, 4};
    Child<nn::Linear> head{*this, "head", 4, 6};
    Both() { head.set_shared_weight("weight", embed.weight); }
    Value forward(Value ids) { return head(embed(ids)); }
  } both;
  Graph graph("f", both, {tensor_type(i64, {"seq"})});
  CHECK(graph.weights().size() == 1);
  CHECK_FALSE(contains(graph.text(), "@head.weight"));
}

TEST_CASE("sharing works after a load, in any order") {
  Model model;
  model.load_state_dict(good(2));
  model.head.set_shared_weight("weight", model.embed.weight);
  CHECK(model.head.weight.value().data() == model.embed.weight.value().data());

  nn::Linear a(2, 2), b(2, 2), c(2, 2);
  b.set_shared_weight("weight", a.weight);
  a.set_shared_weight("weight", c.weight); // b follows
  CHECK(b.weight.is_shared_with(c.weight));
  c.set_shared_weight("weight", b.weight); // the same already
  b.load_state_dict({{"weight", filled({2, 2}, 4)}});
  CHECK(a.weight.value().to_vector<float>()[0] == 4);
  CHECK(c.weight.value().to_vector<float>()[0] == 4);
  nn::Linear loaded(2, 2), empty(2, 2);
  loaded.load_state_dict({{"weight", filled({2, 2}, 5)}});
  loaded.set_shared_weight("weight", empty.weight); // what is loaded is not lost
  CHECK(empty.weight.value().to_vector<float>()[0] == 5);
}

TEST_CASE("every weight has a value, or all that have none are named") {
  Model model;
  model.load_state_dict({{"proj.bias", filled({3}, 5)}}, {.strict = false});
  CHECK(error_of([&] { model.state_dict({.auto_initialize = false}); }) ==
        "expects a value for each weight, but got none for 'embed.weight', 'proj.weight', 'head.weight'");
  model.load_state_dict(good());
  CHECK(model.state_dict({.auto_initialize = false}).size() == 4);
}

TEST_CASE("a weight may outlive a layer that shares it, and not its owner") {
  nn::Linear a(2, 2);
  auto owner = std::make_unique<nn::Linear>(2, 2);
  a.set_shared_weight("weight", owner->weight);
  owner.reset();
  CHECK(contains(error_of([&] { (void)a.weight.path(); }),
                 "expects a weight whose layer is there, but the layer that owned 'weight' is gone"));
}

TEST_CASE("what cannot be shared is refused") {
  Model model;
  Graph("f", model.proj, {tensor_type(f32, {4})});
  nn::Linear other(4, 3);
  CHECK(contains(error_of([&] { model.proj.set_shared_weight("weight", other.weight); }),
                 "expects weight 'proj.weight' to be shared before a graph uses it, but graph 'f' has"));
  CHECK(contains(error_of([&] { model.head.set_shared_weight("wight", model.embed.weight); }),
                 "in layer 'head': expects the name of a weight of Linear, but got 'wight'; nearest: 'weight'"));
  CHECK(contains(error_of([&] { model.proj.set_shared_weight("weight", model.embed.weight); }),
                 "expects a weight of the type of 'weight', f32 [3, 4], but got 'embed.weight' of type f32 [6, 4]"));
}
