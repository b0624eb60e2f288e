// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DeepSeek V3, small and random, against transformers: test/data/models/make_deepseek.py made it.
#include "varve/models/DeepSeek.h"
#include "test/unit/models/Decoder.h"

using namespace varve;
using test::check_decoder;
using test::contains;
using test::error_of;

TEST_CASE("DeepSeek V3 computes what transformers does") {
  check_decoder<models::DeepSeek, models::DeepSeekConfig>("deepseek");
}

TEST_CASE("DeepSeek's caches hold latents, of as many texts as are told") {
  models::DeepSeekConfig config = models::DeepSeekConfig::from_file(VARVE_TEST_DATA "/models/deepseek/config.json");
  config.batch = 3;
  models::DeepSeek model(config, models::Logits::last);
  std::string text = Graph("f", model, {{"ids", tensor_type(i64, {3, 1})}, dim_input("past")}).text();
  CHECK(contains(text, "!varve.buffer<3x32x1x16xf32> {varve.name = \"model.layers.2.self_attn.latent_cache\"}"));
  CHECK(contains(text, "-> (tensor<3x1x37xf32> {"));
  CHECK(contains(error_of([&] { Graph("f", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")}); }),
                 "in layer 'model.layers.0.self_attn': expects the cache's batch, which is 3, but got f32 [1, 1, 22]"));
}

TEST_CASE("DeepSeek: what a config asks for and the model has not is refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::DeepSeekConfig::from_file(path); });
  };
  CHECK(read("{}") == path + ": expects a positive integer as vocab_size, but got nothing");
  CHECK(read(R"({"model_type": "deepseek_v2"})") ==
        path + ": expects 'deepseek_v3' as model_type, but got \"deepseek_v2\"");
  CHECK(read(R"({"hidden_act": "gelu"})") == path + ": expects 'silu' as hidden_act, but got \"gelu\"");
  CHECK(read(R"({"scoring_func": "softmax"})") == path + ": expects 'sigmoid' as scoring_func, but got \"softmax\"");
  CHECK(read(R"({"topk_method": "greedy"})") == path + ": expects 'noaux_tc' as topk_method, but got \"greedy\"");
  CHECK(read(R"({"moe_layer_freq": 2})") == path + ": expects 1 as moe_layer_freq, but got 2");
  CHECK(contains(read(R"({"quantization_config": {"quant_method": "fp8"}})"),
                 path + ": expects nothing as quantization_config, but got"));
}
