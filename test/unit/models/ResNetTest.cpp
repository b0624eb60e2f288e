// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Small random networks against torchvision and transformers: test/data/models/make_vision.py made them.
#include "varve/models/ResNet.h"
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

const std::string data = VARVE_TEST_DATA "/models/resnet/";

// Sizes that are named, and those of the images.
void check(models::ResNet &resnet, const std::string &name) {
  INFO(name);
  std::vector<float> expected = load_npy(data + name + "/logits.npy").to_vector<float>();
  for (Shape shape : {Shape{"batch", 3, "height", "width"}, Shape{2, 3, 45, 37}}) {
    INFO(shape_text(shape));
    Graph graph("resnet", resnet, {tensor_type(f32, shape)});
    Executable exe = compile(graph);
    CHECK(difference(exe({load_npy(data + "images.npy")})[0].to_vector<float>(), expected) < 1e-5);
  }
}

models::ResNetConfig small(bool bottleneck) {
  models::ResNetConfig config = models::ResNetConfig::of(bottleneck ? 50 : 18);
  config.embedding_size = 5;
  config.hidden_sizes = bottleneck ? std::array<int64_t, 4>{8, 12, 16, 20} : std::array<int64_t, 4>{5, 7, 9, 11};
  config.depths = {2, 1, 2, 1};
  config.num_labels = 6;
  return config;
}

} // namespace

TEST_CASE("ResNet computes what torchvision does, from its names") {
  for (bool bottleneck : {false, true}) {
    std::string name = bottleneck ? "torchvision-bottleneck" : "torchvision-basic";
    models::ResNet resnet(small(bottleneck));
    nn::LoadReport report = resnet.load_state_dict(weights::open(data + name + "/model.safetensors"),
                                                   {.renames = weights::Rules::shipped("resnet-hf")});
    CHECK(report.problems.empty());
    check(resnet, name);
  }
}

TEST_CASE("ResNet computes what transformers does, from its checkpoint") {
  for (std::string name : {"basic", "bottleneck"}) {
    weights::Checkpoint checkpoint = weights::open(data + name);
    models::ResNet resnet(models::ResNetConfig::from_checkpoint(checkpoint));
    CHECK(resnet.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
    check(resnet, name);
  }
}

TEST_CASE("taps in every layer of a ResNet change no bit of it") {
  weights::Checkpoint checkpoint = weights::open(data + "basic");
  auto logits = [&] {
    models::ResNet resnet(models::ResNetConfig::from_checkpoint(checkpoint));
    resnet.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Graph graph("resnet", resnet, {tensor_type(f32, {"batch", 3, "height", "width"})});
    return compile(graph)({load_npy(data + "images.npy")})[0].to_vector<float>();
  };
  std::vector<float> plain = logits();
  auto hook = nn::tap_hook();
  CHECK(logits() == plain);
}

TEST_CASE("a ResNet without a classifier loads one that was saved so") {
  weights::Checkpoint checkpoint = weights::open(data + "basic"), base = checkpoint;
  base.tensors.clear();
  for (const auto &[name, tensor] : checkpoint.tensors)
    if (name.starts_with("resnet."))
      base.tensors[name.substr(7)] = tensor;
  models::ResNetConfig config = models::ResNetConfig::from_checkpoint(base);
  CHECK(config.num_labels == 0);
  models::ResNet resnet(config);
  CHECK(resnet.load_state_dict(base, {.renames = weights::rules_for(base)}).problems.empty());
  CHECK(contains(Graph("f", resnet, {tensor_type(f32, {2, 3, 45, 37})}).text(), "-> (tensor<2x11xf32>"));
}

TEST_CASE("the ResNets that people know have their numbers of parameters") {
  for (auto [layers, count] : {std::pair(18, 11689512), {34, 21797672}, {50, 25557032}, {101, 44549160}}) {
    models::ResNet resnet(models::ResNetConfig::of(layers));
    int64_t parameters = 0;
    for (auto &[name, weight] : resnet.raw_state_dict())
      if (!contains(name, "running_")) {
        int64_t size = 1;
        for (const Dim &dim : weight->shape())
          size *= dim.value();
        parameters += size;
      }
    CHECK(parameters == count); // torchvision's
  }
}

TEST_CASE("what a config asks for and ResNet has not is refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::ResNetConfig::from_file(path); });
  };
  CHECK(read("{}") == "(no error)");
  CHECK(read(R"({"model_type": "vit"})") == path + ": expects 'resnet' as model_type, but got \"vit\"");
  CHECK(read(R"({"layer_type": "wide"})") ==
        path + ": expects 'basic' or 'bottleneck' as layer_type, but got \"wide\"");
  CHECK(read(R"({"hidden_act": "gelu"})") == path + ": expects 'relu' as hidden_act, but got \"gelu\"");
  CHECK(read(R"({"depths": [2, 2, 2]})") == path + ": expects 4 positive integers as depths, but got [2,2,2]");
  CHECK(read(R"({"hidden_sizes": [8, 8, 8, 0]})") ==
        path + ": expects 4 positive integers as hidden_sizes, but got [8,8,8,0]");
  CHECK(read(R"({"id2label": [1]})") == path + ": expects an object as id2label, but got [1]");
  CHECK(error_of([] { models::ResNetConfig::of(20); }) ==
        "expects a ResNet of 18, 34, 50, 101 or 152 layers, but got 20");
  models::ResNetConfig config;
  config.hidden_sizes[1] = 510;
  CHECK(contains(error_of([&] { models::ResNet resnet(config); }),
                 "expects hidden_sizes of bottlenecks that are multiples of 4, but got 510"));
}
