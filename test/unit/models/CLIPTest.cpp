// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A small random CLIP against transformers: test/data/models/make_vision.py made it.
#include "varve/models/CLIP.h"
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"

using namespace varve;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA "/models/clip/";

std::unique_ptr<models::CLIP> loaded(void (*change)(models::CLIPConfig &) = [](models::CLIPConfig &) {}) {
  weights::Checkpoint checkpoint = weights::open(data);
  models::CLIPConfig config = models::CLIPConfig::from_checkpoint(checkpoint);
  change(config);
  auto clip = std::make_unique<models::CLIP>(config);
  CHECK(clip->load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  return clip;
}

Tensor given(const std::string &name) { return load_npy(data + name + ".npy"); }
double apart(const Tensor &value, const std::string &expected) {
  return difference(value.to_vector<float>(), given(expected).to_vector<float>());
}

const GraphInput ids = {"ids", tensor_type(i64, {"texts", "seq"})},
                 mask = {"mask", tensor_type(boolean, {"texts", "seq"})};

} // namespace

TEST_CASE("CLIP finds texts and images as near as transformers does") {
  auto clip = loaded();
  Graph whole("clip", *clip, {ids, {"images", tensor_type(f32, {"images", 3, 15, 15})}, mask});
  Graph text("text", [&](Value ids, Value mask) { return clip->text_features(ids, mask); }, {ids, mask});
  Graph image("image", [&](Value image) { return clip->image_features(image); },
              {tensor_type(f32, {"images", 3, 15, 15})});
  Graph hidden("hidden", clip->text_model, {ids, mask});
  CHECK(apart(compile(whole)({given("ids"), given("images"), given("mask")})[0], "logits") < 1e-5);
  CHECK(apart(compile(text)({given("ids"), given("mask")})[0], "text") < 1e-5);
  CHECK(apart(compile(image)({given("images")})[0], "image") < 1e-5);
  CHECK(apart(compile(hidden)({given("ids"), given("mask")})[0], "hidden") < 1e-5);
}

TEST_CASE("CLIP reads texts as old files mean it, and without a mask") {
  auto clip = loaded([](models::CLIPConfig &config) { config.text_config.eos_token_id = 2; });
  Graph masked("text", [&](Value ids, Value mask) { return clip->text_features(ids, mask); }, {ids, mask});
  Graph plain("text", [&](Value ids) { return clip->text_features(ids); }, {ids});
  CHECK(apart(compile(masked)({given("ids"), given("mask")})[0], "features-argmax") < 1e-5);
  // What comes behind the end of a text is seen by nothing that counts.
  CHECK(apart(compile(plain)({given("ids")})[0], "features-argmax") < 1e-5);
}

TEST_CASE("CLIP sees images of other sizes as transformers does") {
  auto clip = loaded([](models::CLIPConfig &config) { config.vision_config.interpolate_pos_encoding = true; });
  Graph image("image", [&](Value image) { return clip->image_features(image); },
              {tensor_type(f32, {"images", 3, "height", "width"})});
  Executable exe = compile(image);
  CHECK(apart(exe({given("wide")})[0], "wide-image") < 1e-5);
  CHECK(apart(exe({given("images")})[0], "image") < 1e-5);
}

TEST_CASE("a CLIP's config.json, of today and of old") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::CLIPConfig::from_file(path); });
  };
  CHECK(read("{}") == "(no error)");
  CHECK(models::CLIPConfig::from_file(path).text_config.eos_token_id == 49407);
  CHECK(read(R"({"text_config_dict": {"hidden_size": 64}, "text_config": {"hidden_size": 32, "vocab_size": 9},
                 "vision_config_dict": null, "vision_config": {"hidden_size": 16}})") == "(no error)");
  models::CLIPConfig config = models::CLIPConfig::from_file(path);
  CHECK(config.text_config.hidden_size == 64);
  CHECK(config.text_config.vocab_size == 49408);
  CHECK(config.vision_config.hidden_size == 16);
  CHECK(read(R"({"model_type": "siglip"})") == path + ": expects 'clip' as model_type, but got \"siglip\"");
  CHECK(read(R"({"text_config": 3})") == path + ": expects an object as text_config, but got 3");
  CHECK(read(R"({"text_config": {"eos_token_id": [1, 2]}})") ==
        path + ": text_config: expects a positive integer as eos_token_id, but got [1,2]");
  CHECK(read(R"({"vision_config": {"hidden_act": 1}})") ==
        path +
            ": vision_config: expects 'gelu' or 'gelu_new' or 'gelu_pytorch_tanh' or 'quick_gelu' or 'relu' or 'silu' "
            "or 'swish' or 'sigmoid' or 'tanh' as hidden_act, but got 1");
}
