// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loading is all or nothing, and says everything at once.
#include "test/unit/Support.h"
#include "test/unit/nn/States.h"
#include "varve/nn.h"
#include "varve/nn/State.h"
#include "varve/weights/Safetensors.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using test::filled;
using test::good;
using test::Model;
using Names = std::vector<std::string>;

namespace {

// Everything that a load may change, of every weight.
std::map<std::string, std::string> everything(nn::LayerBase &model) {
  std::map<std::string, std::string> all;
  for (const auto &[name, weight] : model.raw_state_dict())
    all[name] = weight->path() + " " + weight->type().str() + " " +
                std::string(name_of(weight->quantization_encoding())) + " " + std::to_string(weight->align()) + " " +
                (weight->value() ? weight->value().type() + " " + to_text(weight->value()) : "none");
  return all;
}

nn::LoadReport report_of(nn::LayerBase &model, const StateDict &state, const nn::LoadOptions &options = {}) {
  try {
    return model.load_state_dict(state, options);
  } catch (const nn::LoadError &error) {
    return error.report;
  }
}

} // namespace

TEST_CASE("everything that is wrong is said at once, and nothing changes") {
  Model model;
  model.load_state_dict(good());
  auto before = everything(model);
  StateDict bad = good(7);
  bad.erase("proj.weight");
  bad["proj.wieght"] = filled({3, 4}, 7);
  bad["other"] = filled({1}, 7);
  bad["head.weight"] = filled({4, 6}, 7);
  bad["proj.bias"] = Tensor::from<int32_t>({3}, {1, 2, 3});
  std::string file = (std::filesystem::path(Site::current().file_name()).parent_path() / "States.h").string();
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
  CHECK(everything(model) == before);
}

TEST_CASE("each kind of failure leaves all values as they were") {
  auto fails = [](const StateDict &state, nn::LoadOptions options, const std::string &text) {
    Model model;
    for (bool loaded : {false, true}) {
      if (loaded)
        model.load_state_dict(good());
      auto before = everything(model);
      CHECK(contains(error_of([&] { model.load_state_dict(state, options); }), text));
      CHECK(everything(model) == before);
    }
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
  state["head.weight"] = Tensor::from<Half>({6, 4}, std::vector<Half>(24, 7.0F));
  fails(state, {}, "dtype: 'head.weight' expects f32 [6, 4]");
  fails({}, {}, "4 problems");
  state["head.weight"] = Tensor::encoded(Encoding::q4_0, Tensor::zeros(u8, {6, 1, 18}));
  fails(state, {}, "shape: 'head.weight' expects f32 [6, 4]");
  state["head.weight"] = Tensor();
  fails(state, {}, "expects a tensor, but got none");
  fails(good(7), {.weight_alignment = 48}, "expects weight_alignment to be 0 or a power of two up to 2^30, but got 48");
  fails(good(7), {.renames = {{"nothing", "x"}}},
        "expects rules that fit the checkpoint, but got 1 problem:\n  expects a rule that matches a name, but got "
        "'nothing'");
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

TEST_CASE("a load that is not strict does what can be done, and reports the rest") {
  Model model;
  StateDict state = good(2);
  state["head.weight"] = filled({4, 6}, 2);
  state["proj.bias"] = Tensor::from<int32_t>({3}, {1, 2, 3});
  state.erase("proj.weight");
  state["more"] = filled({1}, 2);
  nn::LoadReport report = model.load_state_dict(state, {.strict = false});
  CHECK(report.loaded == Names{"embed.weight"});
  CHECK(report.missing == Names{"proj.weight"});
  CHECK(report.unused == Names{"more"});
  REQUIRE(report.mismatches.size() == 2);
  CHECK(report.mismatches[0].what == "dtype");
  CHECK(report.mismatches[0].found == "i32 [3]");
  CHECK(report.mismatches[1].name == "head.weight");
  CHECK(report.mismatches[1].cause == "it looks transposed");
  CHECK(contains(report.text(), "loaded 1, missing 1, unused 1, not fitting 2\n  dtype: 'proj.bias' expects f32 [3]"));
  CHECK_FALSE(model.head.weight.value());
}

TEST_CASE("the report that a strict load throws says what it would have done") {
  Model model;
  StateDict state = good();
  state.erase("head.weight");
  nn::LoadReport report = report_of(model, state);
  CHECK(report.missing == Names{"head.weight"});
  CHECK(report.loaded.empty());
  CHECK(report.problems.size() == 1);
}

TEST_CASE("weights that are missing may be zeros") {
  Model model;
  model.load_state_dict({{"proj.bias", filled({3}, 5)}}, {.strict = false, .zero_missing = true});
  CHECK(model.proj.weight.value().to_vector<float>() == std::vector<float>(12, 0));
  model.load_state_dict({{"proj.weight", filled({3, 4}, 1)}}, {.strict = false, .zero_missing = true});
  CHECK(model.proj.bias->value().to_vector<float>()[0] == 5); // it has a value
}

TEST_CASE("the likely cause of another shape is told") {
  struct Block : nn::Layer<Block> {
    Child<nn::Attention> attention{*this, "attention", 64, {.heads = 8, .kv_heads = 2}};
    Child<nn::Linear> up{*this, "up", 64, 96};
  } block;
  auto cause = [&](const std::string &name, std::vector<int64_t> shape) {
    nn::LoadReport report = report_of(block, {{name, filled(std::move(shape), 0)}}, {.strict = false});
    REQUIRE(report.mismatches.size() == 1);
    return report.mismatches[0].cause;
  };
  CHECK(cause("up.weight", {64, 96}) == "it looks transposed");
  CHECK(cause("up.weight", {192, 64}) == "it looks like 2 of them stacked along axis 0");
  CHECK(cause("up.weight", {48, 64}) == "it looks like one of 2 parts along axis 0");
  CHECK(cause("up.weight", {32, 192}) == "it has as many elements");
  CHECK(cause("up.weight", {95, 64}).empty());
  CHECK(cause("up.weight", {0, 64}).empty());
  CHECK(cause("attention.k_proj.weight", {64, 64}) == "it looks like 8 heads of 8 instead of 2");
  CHECK(cause("attention.o_proj.weight", {64, 32}) == "it looks like 4 heads of 8 instead of 8");
  CHECK(cause("attention.k_proj.weight", {13, 64}).empty());
}

TEST_CASE("names of the state may be others than the model's") {
  Model model;
  StateDict state;
  for (auto &[name, value] : good(3))
    state["model." + name] = value;
  CHECK(model.load_state_dict(state, {.renames = {{"model.*", "*"}}}).loaded.size() == 4);
  CHECK(model.proj.weight.value().to_vector<float>()[0] == 3);
  state["model.proj.weight"] = filled({4, 3}, 0);
  CHECK(contains(error_of([&] { model.load_state_dict(state, {.renames = {{"model.*", "*"}}}); }),
                 "but got f32 [4, 3] (from 'model.proj.weight'); it looks transposed"));
  state["proj.weight"] = filled({3, 4}, 0);
  CHECK(contains(error_of([&] { model.load_state_dict(state, {.renames = {{"model.*", "*"}}}); }),
                 "expects different names, but got 'proj.weight' for 'model.proj.weight' and 'proj.weight'"));
}

TEST_CASE("a value whose alignment is short is copied, and no other") {
  nn::Linear layer(4, 4);
  Tensor memory = Tensor::zeros(u8, {64 + 4 + 64});
  auto *bytes = static_cast<std::byte *>(memory.mutable_data());
  auto at = [&](size_t offset) {
    return StateDict{{"weight", Tensor::view(f32, {4, 4}, static_cast<const void *>(bytes + offset), nullptr)}};
  };
  CHECK(layer.load_state_dict(at(4)).realigned.empty()); // as an element asks
  CHECK(layer.weight.value().data() == bytes + 4);
  nn::LoadReport report = layer.load_state_dict(at(4), {.weight_alignment = 128});
  CHECK(report.realigned == Names{"weight"});
  CHECK(report.copied_bytes == 64);
  CHECK(reinterpret_cast<uintptr_t>(layer.weight.value().data()) % 128 == 0);
  CHECK(contains(report.text(), "copied, since its alignment was short: 'weight'\n  copied 64 bytes"));
  CHECK(layer.load_state_dict(at(2)).realigned == Names{"weight"});
  nn::Linear picky(4, 4);
  picky.weight.set_align(64);
  CHECK(picky.load_state_dict(at(0)).realigned.empty());
  CHECK(picky.load_state_dict(at(4)).realigned == Names{"weight"});
}

TEST_CASE("the first value fixes a size that has a name, for every weight that uses the name") {
  struct Vocabulary : nn::Layer<Vocabulary> {
    Weight embed{*this, "embed", f32, {"vocab", 4}}, head{*this, "head", f32, {"vocab", 4}};
    Weight bias{*this, "bias", f32, {"vocab"}};
    Value forward(Value x) { return linear(x, head) + bias; }
  } layer;
  struct Root : nn::Layer<Root> {
    Child<Vocabulary> a{*this, "a"}, b{*this, "b"};
  } root;
  auto state = [](int64_t a, int64_t b, int64_t c) {
    return StateDict{{"embed", filled({a, 4}, 1)}, {"head", filled({b, 4}, 1)}, {"bias", filled({c}, 1)}};
  };
  const TensorType x = tensor_type(f32, {4});
  CHECK(contains(error_of([&] { Graph("f", layer, {x}); }),
                 "expects a weight whose sizes are known, but got 'head' of f32 [vocab, 4]: load its value, or set its "
                 "shape, before a graph uses it"));
  CHECK(contains(error_of([&] { layer.state_dict(); }),
                 "expects sizes that are known, to make zeros, but got 'embed' f32 [vocab, 4], 'head' f32 [vocab, 4]"));
  auto before = everything(layer);
  std::string text = error_of([&] { layer.load_state_dict(state(7, 8, 9)); });
  CHECK(contains(text, "but got 2 problems"));
  CHECK(contains(text, "but got f32 [8, 4]; vocab is 7 in other weights"));
  CHECK(everything(layer) == before);
  layer.load_state_dict({{"bias", filled({5}, 1)}}, {.strict = false});
  CHECK(layer.embed.type().str() == "f32 [5, 4]");
  CHECK(contains(error_of([&] { layer.load_state_dict(state(7, 7, 7)); }), "expects f32 [5, 4]"));
  layer.load_state_dict(state(5, 5, 5));
  CHECK(contains(Graph("f", layer, {x}).text(), "varve.weight @head : tensor<5x4xf32>"));

  root.a.load_state_dict(state(3, 3, 3)); // a part of a model: the name means the same in all of it
  CHECK(root.b.bias.type().str() == "f32 [3]");
  CHECK(error_of([&] { root.b.embed.set_value(filled({4, 4}, 0)); }).find("but got f32 [4, 4]") != std::string::npos);
}

TEST_CASE("an encoding is the weight's own, or the value's if asked for") {
  nn::Linear layer(64, 3);
  StateDict state = {{"weight", Tensor::encoded(Encoding::q4_0, Tensor::zeros(u8, {3, 2, 18}))}};
  auto before = everything(layer);
  CHECK(contains(error_of([&] { layer.load_state_dict(state); }), "encoding: 'weight' expects f32 [3, 64]"));
  CHECK(everything(layer) == before);
  nn::Linear floats(64, 3, {.dtype = bf16});
  CHECK(floats.load_state_dict(state, {.cast = true}).converted == Names{"weight"});
  CHECK(floats.weight.value().type() == "bf16 [3, 64]");
  layer.load_state_dict(state, {.override_quantization_encoding = true});
  CHECK(layer.weight.quantization_encoding() == Encoding::q4_0);
  CHECK(layer.weight.value().type() == "q4_0 [3, 64]");
  layer.load_state_dict(state);
  StateDict plain = {{"weight", filled({3, 64}, 1)}};
  CHECK(contains(error_of([&] { layer.load_state_dict(plain); }), "encoding: 'weight' expects q4_0 of f32 [3, 64]"));
  layer.load_state_dict(plain, {.override_quantization_encoding = true});
  CHECK(layer.weight.quantization_encoding() == Encoding::none);
}
