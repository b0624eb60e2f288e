// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights by name: loading is all or nothing, and says everything at once.
#include "varve/nn/State.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include "varve/weights/Safetensors.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using Names = std::vector<std::string>;

namespace {

struct Model : nn::Layer<Model> {
  Child<nn::Embedding> embed{*this, "embed", 6, 4};
  Child<nn::Linear> proj{*this, "proj", 4, 3, {.bias = true}};
  Child<nn::Linear> head{*this, "head", 4, 6};
  Value forward(Value x) { return head(proj(embed(x))); }
};
struct Tied : Model {
  Tied() { head.set_shared_weight("weight", embed.weight); }
};

Tensor filled(std::vector<int64_t> shape, float value) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return Tensor::from<float>(std::move(shape), std::vector<float>(static_cast<size_t>(count), value));
}

StateDict good(float value = 1) {
  return {{"embed.weight", filled({6, 4}, value)},
          {"proj.weight", filled({3, 4}, value)},
          {"proj.bias", filled({3}, value)},
          {"head.weight", filled({6, 4}, value)}};
}

// Every weight's name and first element; -1 where there is no value.
std::map<std::string, float> values(nn::LayerBase &model) {
  std::map<std::string, float> values;
  for (const auto &[name, weight] : model.raw_state_dict())
    values[name] = weight->value() ? weight->value().to_vector<float>()[0] : -1;
  return values;
}

const std::map<std::string, float> none = {
    {"embed.weight", -1}, {"proj.weight", -1}, {"proj.bias", -1}, {"head.weight", -1}};
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

TEST_CASE("everything that is wrong is said at once, and nothing changes") {
  Model model;
  model.load_state_dict(good());
  StateDict bad = good(7);
  bad.erase("proj.weight");
  bad["proj.wieght"] = filled({3, 4}, 7);
  bad["other"] = filled({1}, 7);
  bad["head.weight"] = filled({4, 6}, 7);
  bad["proj.bias"] = Tensor::from<int32_t>({3}, {1, 2, 3});
  std::string file = Site::current().file_name();
  std::string text = error_of([&] { model.load_state_dict(bad); });
  auto at = [&](const nn::LayerBase &layer) {
    return ", declared at " + file + ":" + std::to_string(layer.declared().line());
  };
  CHECK(text == "expects a state that fits Model, but got 5 problems:"
                "\n  dtype: 'proj.bias' expects f32 [3]" +
                    at(model.proj) +
                    ", but got i32 [3]"
                    "\n  shape: 'head.weight' expects f32 [6, 4]" +
                    at(model.head) +
                    ", but got f32 [4, 6]; it looks transposed"
                    "\n  missing: 'proj.weight' (f32 [3, 4])" +
                    at(model.proj) +
                    "; nearest: 'proj.wieght'"
                    "\n  unused: 'other'"
                    "\n  unused: 'proj.wieght'; nearest: 'proj.weight'");
  CHECK(values(model) == all_ones);
}

TEST_CASE("each kind of failure leaves all values as they were") {
  auto fails = [](const StateDict &state, nn::LoadOptions options, const std::string &text) {
    Model model;
    CHECK(contains(error_of([&] { model.load_state_dict(state, options); }), text));
    CHECK(values(model) == none);
    model.load_state_dict(good());
    CHECK(contains(error_of([&] { model.load_state_dict(state, options); }), text));
    CHECK(values(model) == all_ones);
  };
  StateDict state = good(7);
  state.erase("head.weight");
  fails(state, {}, "missing: 'head.weight'");
  state = good(7);
  state["x"] = filled({1}, 7);
  fails(state, {}, "unused: 'x'");
  state = good(7);
  state["head.weight"] = filled({2, 12}, 7);
  fails(state, {}, "it has as many elements");
  fails(state, {.strict = false}, "shape: 'head.weight'");
  state["head.weight"] = Tensor::from<Half>({6, 4}, std::vector<Half>(24, 7.0F));
  fails(state, {}, "dtype: 'head.weight' expects f32 [6, 4]");
  fails({}, {}, "4 problems");
  state["head.weight"] = Tensor();
  fails(state, {}, "expects a tensor, but got none");
}

TEST_CASE("what is missing or unused may be left to the report, or ignored by a pattern") {
  Model model;
  nn::LoadReport report =
      model.load_state_dict({{"proj.bias", filled({3}, 1)}, {"rotary.inv_freq", filled({2}, 1)}}, {.strict = false});
  CHECK(report.loaded == Names{"proj.bias"});
  CHECK(report.missing == Names{"embed.weight", "proj.weight", "head.weight"});
  CHECK(report.unused == Names{"rotary.inv_freq"});
  StateDict state = good();
  state["rotary.inv_freq"] = filled({2}, 1);
  CHECK(contains(error_of([&] { model.load_state_dict(state); }), "unused: 'rotary.inv_freq'"));
  CHECK(model.load_state_dict(state, {.ignored = {"*.inv_freq"}}).unused.empty());
}

TEST_CASE("a prefix that all names have, or lack, is found") {
  Model model;
  StateDict longer, shorter;
  for (auto &[name, value] : good())
    longer["model." + name] = value;
  CHECK(contains(error_of([&] { model.load_state_dict(longer); }), "the state's names begin with 'model.'"));
  struct Root : nn::Layer<Root> {
    Child<Model> model{*this, "model"};
  } root;
  CHECK(contains(error_of([&] { root.load_state_dict(good()); }), "the state's names lack 'model.'"));
}

TEST_CASE("values of another float type are converted if asked for") {
  Model model;
  StateDict state = good();
  state["proj.bias"] = Tensor::from<BFloat16>({3}, {0.5F, 1, 2});
  state["proj.weight"] = Tensor::from<Half>({3, 4}, std::vector<Half>(12, 3.0F));
  model.load_state_dict(state, {.cast = true});
  CHECK(model.proj.bias->value().type() == "f32 [3]");
  CHECK(model.proj.bias->value().to_vector<float>() == std::vector<float>{0.5F, 1, 2});
  CHECK(model.proj.weight.value().to_vector<float>()[0] == 3);
  state["proj.bias"] = Tensor::from<int32_t>({3}, {1, 2, 3});
  CHECK(contains(error_of([&] { model.load_state_dict(state, {.cast = true}); }), "dtype: 'proj.bias'"));
  nn::Linear narrow(1, 2, {.dtype = bf16});
  narrow.load_state_dict({{"weight", Tensor::from<float>({2, 1}, {1.0F, 1.00390625F})}}, {.cast = true});
  CHECK(narrow.weight.value().to_vector<float>() == std::vector<float>{1, 1});
}

TEST_CASE("errors of a checkpoint name the file and the place in it") {
  test::TemporaryFolder folder;
  StateDict state = good();
  state["head.weight"] = filled({4, 6}, 7);
  weights::save_safetensors(folder / "m.safetensors", state);
  Model model;
  weights::Checkpoint checkpoint = weights::open_safetensors(folder / "m.safetensors");
  std::string text = error_of([&] { model.load_state_dict(checkpoint); });
  CHECK(contains(text, "but got f32 [4, 6] (" + (folder / "m.safetensors").string() + " at offset "));
  CHECK(contains(text, "); it looks transposed"));
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
  CHECK(contains(error_of([&] { model.load_state_dict(state); }),
                 "shared: 'embed.weight' and 'head.weight' are one weight, but differ in the state"));
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
  CHECK(contains(error_of([&] { model.head.set_shared_weight("wight", model.embed.weight); }),
                 "in layer 'head': expects the name of a weight of Linear, but got 'wight'; nearest: 'weight'"));
  CHECK(contains(error_of([&] { model.proj.set_shared_weight("weight", model.embed.weight); }),
                 "expects a weight of the type of 'weight', f32 [3, 4], but got 'embed.weight' of type f32 [6, 4]"));
}
