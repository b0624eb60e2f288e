// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Small random vision transformers against transformers: test/data/models/make_vision.py made them.
#include "varve/models/ViT.h"
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"

using namespace varve;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA "/models/";

void load(models::ViT &vit, const weights::Checkpoint &checkpoint) {
  CHECK(vit.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
}

double apart(const Tensor &value, const std::string &expected) {
  return difference(value.to_vector<float>(), load_npy(data + expected + ".npy").to_vector<float>());
}

} // namespace

TEST_CASE("ViT classifies images that are no squares as transformers does") {
  weights::Checkpoint checkpoint = weights::open(data + "vit");
  models::ViT vit(models::ViTConfig::from_checkpoint(checkpoint));
  load(vit, checkpoint);
  Graph graph("vit", vit, {tensor_type(f32, {"batch", 2, 12, 16})});
  CHECK_FALSE(contains(graph.text(), "pooler"));
  Tensor images = load_npy(data + "vit/images.npy");
  CHECK(apart(compile(graph)({images})[1], "vit/logits") < 1e-5);
}

TEST_CASE("ViT without a head computes what transformers does, of images of any size") {
  weights::Checkpoint checkpoint = weights::open(data + "vit-base");
  models::ViTConfig config = models::ViTConfig::from_checkpoint(checkpoint);
  CHECK(config.num_labels == 0);
  CHECK(config.pooler_output_size == 10);
  models::ViT fixed(config);
  load(fixed, checkpoint);
  Executable exe = compile(Graph("vit", fixed, {tensor_type(f32, {2, 2, 13, 13})}));
  std::vector<Tensor> states = exe({load_npy(data + "vit-base/images.npy")});
  CHECK(apart(states[0], "vit-base/images-hidden") < 1e-5);
  CHECK(apart(states[1], "vit-base/images-pooled") < 1e-5);

  config.interpolate_pos_encoding = true;
  models::ViT any(config);
  load(any, checkpoint);
  exe = compile(Graph("vit", any, {tensor_type(f32, {"batch", 2, "height", "width"})}));
  for (std::string name : {"images", "large", "wide"}) {
    INFO(name);
    states = exe({load_npy(data + "vit-base/" + name + ".npy")});
    CHECK(apart(states[0], "vit-base/" + name + "-hidden") < 1e-5);
    CHECK(apart(states[1], "vit-base/" + name + "-pooled") < 1e-5);
  }
}

TEST_CASE("ViT loads the names of files of today") {
  weights::Checkpoint old = weights::open(data + "vit"), today = old;
  today.tensors.clear();
  weights::Checkpoint named = weights::rules_for(old).apply(old);
  for (const auto &[name, tensor] : named.tensors)
    today.tensors[name.starts_with("classifier") ? name : "vit." + name] = tensor;
  models::ViT vit(models::ViTConfig::from_checkpoint(today));
  load(vit, today);
}

TEST_CASE("what ViT cannot do is refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::ViTConfig::from_file(path); });
  };
  CHECK(read("{}") == "(no error)");
  CHECK(read(R"({"model_type": "deit"})") == path + ": expects 'vit' as model_type, but got \"deit\"");
  CHECK(read(R"({"hidden_act": "mish"})") ==
        path +
            ": expects 'gelu' or 'gelu_new' or 'gelu_pytorch_tanh' or 'quick_gelu' or 'relu' or 'silu' or 'swish' or "
            "'sigmoid' or 'tanh' as hidden_act, but got \"mish\"");
  CHECK(read(R"({"image_size": [8, 8, 8]})") == path + ": expects 2 positive integers as image_size, but got [8,8,8]");
  CHECK(read(R"({"patch_size": 0})") == path + ": expects a positive integer as patch_size, but got 0");
  test::write_text(path,
                   R"({"architectures": ["ViTForImageClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}})");
  CHECK(models::ViTConfig::from_file(path).num_labels == 3);
  CHECK(models::ViTConfig::from_file(path).pooler_output_size == 0);

  models::ViTConfig config{.hidden_size = 4, .num_hidden_layers = 1, .num_attention_heads = 1, .image_size = {12, 15}};
  CHECK(contains(error_of([&] { models::ViT vit(config); }),
                 "expects an image that holds a patch, but got 12 x 15 and 16 x 16"));
  config.patch_size = {3, 4};
  models::ViT vit(config);
  auto graph = [&](Shape shape) {
    try {
      Graph("vit", vit, {tensor_type(f32, std::move(shape))});
    } catch (const Error &error) {
      CHECK(error.line() != 0);
      return "in '" + error.layer() + "': " + error.message();
    }
    return std::string("(no error)");
  };
  CHECK(graph({1, 3, 12, 15}) == "(no error)");
  CHECK(graph({1, 3, 15, 12}) ==
        "in 'embeddings': expects an image of 12 x 15, or interpolate_pos_encoding, but got f32 [1, 3, 15, 12]");
  CHECK(graph({1, 3, "height", 15}) ==
        "in 'embeddings': expects an image of 12 x 15, or interpolate_pos_encoding, but got f32 [1, 3, height, 15]");
  CHECK(graph({3, 12, 15}) ==
        "in 'embeddings': expects an image [batch, channels, height, width], but got f32 [3, 12, 15]");
}
