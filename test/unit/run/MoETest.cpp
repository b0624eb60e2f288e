// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mixtures of experts against transformers': test/data/layers/make_moe.py made what they compute.
#include "test/unit/Numbers.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::difference;

namespace {

void check(const std::string &name, const nn::MoEOptions &options) {
  INFO(name);
  std::string path = std::string(VARVE_LAYERS_DATA) + "/moe/" + name;
  Tensor input = load_npy(path + "-input.npy");
  auto expected = load_npy(path + "-expected.npy").to_vector<float>();
  std::vector<float> values = input.to_vector<float>();
  int64_t dim = 13, rows = input.shape()[0] * input.shape()[1];
  for (const Shape &shape : {Shape{3, 23, dim}, Shape{"batch", "seq", dim}, Shape{"rows", dim}}) {
    INFO(shape_text(shape));
    nn::MoE model(dim, 9, options);
    CHECK(model.load_state_dict(weights::open(path + ".safetensors")).problems.empty());
    Executable exe = compile(Graph("f", model, {tensor_type(f32, shape)}));
    Session one(exe, {.threads = 1}), two(exe, {.threads = 2});
    Tensor given = shape.size() == 2 ? Tensor::from<float>({rows, dim}, values) : input;
    Tensor made = one.run({given})[0];
    CHECK(made.shape() == given.shape());
    CHECK(difference(made.to_vector<float>(), expected) < 1e-5);
    CHECK(made.to_vector<float>() == two.run({given})[0].to_vector<float>());
    if (shape.size() != 2)
      continue;
    // One position: most experts get no row. None: no expert does.
    for (int64_t at : {int64_t(0), int64_t(17), rows - 1}) {
      std::vector<float> row(values.begin() + at * dim, values.begin() + (at + 1) * dim);
      std::vector<float> wanted(expected.begin() + at * dim, expected.begin() + (at + 1) * dim);
      std::vector<float> result = two.run({Tensor::from<float>({1, dim}, row)})[0].to_vector<float>();
      CHECK(difference(result, wanted) < 1e-5);
    }
    CHECK(two.run({Tensor::zeros(f32, {0, dim})})[0].shape() == std::vector<int64_t>{0, dim});
  }
}

} // namespace

TEST_CASE("Mixtral's experts: the softmax of all, of which the chosen ones' are made to sum to 1") {
  check("mixtral", {.experts = 5, .top_k = 2});
}

TEST_CASE("Qwen 3's experts: the softmax of all, as it is") {
  check("qwen3", {.experts = 7, .top_k = 3, .router = {.renormalize = false}});
}

TEST_CASE("Qwen 2's experts, beside a shared one with a gate") {
  check("qwen2", {.experts = 6, .top_k = 2, .shared_hidden = 11, .shared_gate = true, .shared_name = "shared_expert"});
}

TEST_CASE("DeepSeek's experts: sigmoids, chosen with a bias from the best groups, beside shared ones") {
  check(
      "deepseek",
      {.experts = 12,
       .top_k = 3,
       .router = {.scoring = nn::Scoring::sigmoid, .scale = 2.5, .selection_bias = true, .groups = 4, .top_groups = 2},
       .shared_hidden = 18});
}

TEST_CASE("GPT-OSS's experts: the softmax of the chosen ones, biases, a clamped SwiGLU") {
  check("gptoss", {.experts = 5,
                   .top_k = 2,
                   .router = {.scoring = nn::Scoring::softmax_of_chosen, .bias = true},
                   .bias = true,
                   .clamped = nn::ClampedSwiGLU()});
}
