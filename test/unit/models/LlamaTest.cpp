// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Llama.h"
#include "test/unit/Support.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

using namespace varve;
using test::contains;

namespace {

const std::string folder = VARVE_TEST_DATA "/llama-kjv";

Graph decode(models::Llama &llama) {
  return Graph("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")}, {.outputs = {"logits"}});
}

} // namespace

TEST_CASE("a Llama loads Hugging Face's checkpoint as it is") {
  models::Llama llama(models::LlamaConfig::from_file(folder + "/config.json"));
  CHECK(llama.config.dtype == bf16);
  CHECK(llama.config.rms_norm_eps == 1e-5);
  CHECK(llama.load_state_dict(weights::open(folder)).loaded.size() == 56);
  Graph graph = decode(llama);
  CHECK(graph.state_dict().size() == 56);
  CHECK(contains(graph.text(), "(tensor<1x1x256xbf16> {varve.name = \"logits\"})"));
  CHECK(contains(graph.text(), "varve.name = \"model.layers.5.self_attn.v_cache\""));
  CHECK(contains(graph.text(), "varve.layer \"layers.5\" : \"LlamaDecoderLayer\""));
  CHECK_FALSE(contains(graph.text(), "@lm_head.weight")); // tied
}

TEST_CASE("a Llama gives the logits of all positions, or of the last") {
  models::LlamaConfig config = models::LlamaConfig::from_file(folder + "/config.json");
  auto prefill = [&](models::Logits logits) {
    models::Llama llama(config, logits);
    return Graph("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}).text();
  };
  CHECK(contains(prefill(models::Logits::all), "-> (tensor<1x?x256xbf16, #dims"));
  CHECK(contains(prefill(models::Logits::last), "-> (tensor<1x1x256xbf16> {"));
}

TEST_CASE("equal layers of a Llama have equal text, but for the names of their weights") {
  models::LlamaConfig config = models::LlamaConfig::from_file(folder + "/config.json");
  config.num_hidden_layers = 3;
  models::Llama llama(config);
  std::string text = decode(llama).text();
  auto layer = [&](int i) {
    std::string name = "layers." + std::to_string(i);
    size_t begin = text.find('{', text.find("varve.layer \"" + name + "\""));
    std::string body = text.substr(begin, text.find("\n      }", begin) - begin);
    for (size_t at = body.find(name); at != std::string::npos; at = body.find(name))
      body.replace(at, name.size(), "layer");
    return body.size();
  };
  CHECK(layer(1) == layer(2));
}

// Not asserted: machines differ. The aim is under 100 ms.
TEST_CASE("the time to trace an 80-layer Llama") {
  models::Llama llama({.vocab_size = 32000,
                       .hidden_size = 2048,
                       .intermediate_size = 5632,
                       .num_hidden_layers = 80,
                       .num_attention_heads = 32,
                       .num_key_value_heads = 4,
                       .head_dim = 64,
                       .max_position_embeddings = 2048});
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    auto begin = std::chrono::steady_clock::now();
    Graph graph("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
    std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    best = std::min(best, time.count());
  }
  std::printf("tracing an 80-layer Llama: %.1f ms\n", best);
}
