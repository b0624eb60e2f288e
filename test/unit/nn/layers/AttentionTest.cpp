// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Attention.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType hidden = tensor_type(f32, {"batch", "seq", 32});

struct Model : nn::Layer<Model> {
  Child<nn::RotaryEmbedding> rotary{*this, "rotary", 8};
  Child<nn::Attention> attention;
  explicit Model(nn::AttentionOptions options) : attention(*this, "attention", 32, std::move(options)) {}
  Value forward(Value x) {
    return attention(x, rotary(x.dim(1), attention.options.cache ? attention.options.past : Dim(0)));
  }
};

} // namespace

TEST_CASE("Attention: grouped queries with rotary positions") {
  Model model({.heads = 4, .kv_heads = 2, .causal = true});
  std::string text = Graph("f", model, {hidden}).text();
  CHECK(contains(text, "varve.weight @attention.k_proj.weight : tensor<16x32xf32>"));
  CHECK(contains(text, "varve.rope"));
  CHECK(contains(text, "{causal}"));
  CHECK_FALSE(contains(text, "varve.buffer"));
  CHECK_FALSE(contains(text, "varve.dim "));
}

TEST_CASE("Attention: the cache is written at past, and read up to past + seq") {
  Model model({.heads = 4, .kv_heads = 2, .causal = true, .cache = 256});
  std::string text = Graph("f", model, {tensor_type(f32, {1, "seq", 32}), dim_input("past")}).text();
  CHECK(contains(text, "!varve.buffer<1x256x2x8xf32> {varve.name = \"attention.k_cache\"}"));
  CHECK(contains(text, "offsets(0, past, 0, 0)"));
  CHECK(contains(text, "#varve.dims<1, past + seq, 2, 8>"));
  CHECK(contains(error_of([&] { Graph("f", model, {hidden, dim_input("past")}); }),
                 "in layer 'attention': expects the cache's batch, which is 1, but got f32 [batch, seq, 32]"));
  CHECK(contains(error_of([&] { Graph("f", model, {tensor_type(f32, {1, "seq", 32})}); }),
                 "expects an argument that gives dimension 'past' its value"));
}

TEST_CASE("Attention: biases, a window, a mask, no positions") {
  nn::Attention attention(32, {.heads = 4, .bias = true, .out_bias = true, .window = 16});
  Graph graph("f", [&](Value x, Value mask) { return attention(x, nn::Rotation(), mask); },
              {hidden, tensor_type(boolean, {1, 1, "seq", "seq"})});
  CHECK(contains(graph.text(), "@o_proj.bias"));
  CHECK(contains(graph.text(), "{window = 16 : i64}"));
  CHECK_FALSE(contains(graph.text(), "varve.rope"));
}

TEST_CASE("Attention: queries and keys are normed before they are rotated") {
  Model model({.heads = 4, .kv_heads = 2, .qk_norm = 1e-6});
  std::string text = Graph("f", model, {hidden}).text();
  CHECK(contains(text, "varve.weight @attention.q_norm.weight : tensor<8xf32>"));
  CHECK(contains(text, "varve.layer \"k_norm\" : \"RMSNorm\""));
  CHECK(contains(text, "{epsilon = 9.9999999999999995E-7 : f64}"));
  CHECK(text.find("varve.rms_norm") < text.find("varve.rope"));
}

TEST_CASE("Attention: heads that do not fit are refused") {
  CHECK(error_of([] { nn::Attention(30, {.heads = 4}); }) == "expects heads that divide dim, but got 4 and 30");
  CHECK(error_of([] { nn::Attention(32, {.heads = 0}); }) == "expects heads that divide dim, but got 0 and 32");
  CHECK(error_of([] { nn::Attention(32, {.heads = 4, .kv_heads = 3}); }) ==
        "expects kv_heads that divide heads, but got 3 and 4");
  CHECK(error_of([] { nn::RotaryEmbedding(7); }) == "expects an even head_dim, but got 7");
}

TEST_CASE("Attention: a part of each head is rotated") {
  nn::Attention attention(32, {.heads = 4, .rotary_dim = 6});
  nn::RotaryEmbedding rotary(6);
  std::string text = Graph("f", [&](Value x) { return attention(x, rotary(x.dim(1))); }, {hidden}).text();
  CHECK(contains(text, "x4x6xf32"));
  CHECK(contains(text, "varve.concat"));
  CHECK(error_of([] { nn::Attention(32, {.heads = 4, .rotary_dim = 7}); }) ==
        "expects an even rotary_dim of at most head_dim, but got 7 and 8");
  CHECK(error_of([] { nn::Attention(32, {.heads = 4, .rotary_dim = 10}); }) ==
        "expects an even rotary_dim of at most head_dim, but got 10 and 8");
  CHECK(error_of([] { nn::Attention(32, {.heads = 4, .rotary_dim = -2}); }) ==
        "expects an even rotary_dim of at most head_dim, but got -2 and 8");
}

TEST_CASE("Attention: capped scores, sinks, ALiBi") {
  nn::Attention attention(32, {.heads = 4, .causal = true, .soft_cap = 30, .sinks = true, .alibi = true, .cache = 16});
  std::string text =
      Graph("f", [&](Value x) { return attention(x); }, {tensor_type(f32, {1, "seq", 32}), dim_input("past")}).text();
  CHECK(contains(text, "varve.weight @sinks : tensor<4xf32>"));
  CHECK(contains(text, " slopes %"));
  CHECK(contains(text, "{causal, soft_cap = 3.000000e+01 : f64}"));
  CHECK_FALSE(contains(text, "tensor<1x4x?x"));
  CHECK(contains(error_of([&] {
                   Graph("f", [&](Value x, Value at) { return attention(x, nn::Rotation(), Value(), at); },
                         {tensor_type(f32, {1, "seq", 32}), tensor_type(i64, {})});
                 }),
                 "expects sinks or alibi at a position, but got both"));
  CHECK(error_of([] { nn::Attention(32, {.heads = 4, .soft_cap = -1}); }) ==
        "expects a finite soft_cap above 0, but got -1.000000");
}

TEST_CASE("RotaryEmbedding: scalings that are none are refused") {
  using Kind = nn::RopeScaling::Kind;
  auto make = [](const nn::RopeScaling &scaling, int64_t head_dim = 4, double theta = 10000) {
    return error_of([&] { nn::RotaryEmbedding(head_dim, {.theta = theta, .scaling = scaling}); });
  };
  CHECK(make({}, 4, 0) == "expects a finite theta above 0, but got 0.000000");
  CHECK(make({.kind = Kind::linear, .factor = 0.5}) == "expects a finite factor of at least 1, but got 0.500000");
  CHECK(make({.kind = Kind::dynamic, .factor = 2}) ==
        "expects original_max_position_embeddings of at least 2, but got 0");
  nn::RopeScaling dynamic{.kind = Kind::dynamic, .factor = 2, .original_max_position_embeddings = 8};
  CHECK(make(dynamic) == "(no error)");
  CHECK(make(dynamic, 2) == "expects a head_dim of at least 4 for a dynamic scaling, but got 2");
  nn::RopeScaling yarn{.kind = Kind::yarn, .factor = 2, .original_max_position_embeddings = 8};
  CHECK(make(yarn) == "(no error)");
  CHECK(make(yarn, 4, 1) == "expects a theta above 1 for yarn, but got 1.000000");
  yarn.attention_factor = -1;
  CHECK(make(yarn) == "expects a finite attention_factor above 0, but got -1.000000");
  yarn.attention_factor = {};
  yarn.beta_fast = 1;
  CHECK(make(yarn) == "expects a beta_fast above beta_slow, but got 1.000000");
  yarn.beta_slow = 0;
  CHECK(make(yarn) == "expects a beta_slow above 0, but got 0.000000");
  nn::RopeScaling longrope{.kind = Kind::longrope, .original_max_position_embeddings = 8, .short_factor = {1, 2}};
  CHECK(make(longrope) == "expects 2 values of long_factor, but got 0");
  longrope.long_factor = {1, 0};
  CHECK(make(longrope) == "expects a finite long_factor above 0, but got 0.000000");
  CHECK(make(longrope, 6) == "expects 3 values of short_factor, but got 2");
  nn::RopeScaling factors{.kind = Kind::factors, .short_factor = {1}};
  CHECK(make(factors) == "expects 2 values of short_factor, but got 1");
  factors.short_factor = {2, 1};
  CHECK(make(factors) == "(no error)");
  nn::RopeScaling llama3{.kind = Kind::llama3, .factor = 2, .original_max_position_embeddings = 8};
  llama3.high_freq_factor = 1;
  CHECK(make(llama3) == "expects a high_freq_factor above low_freq_factor, but got 1.000000");
  llama3.low_freq_factor = 0;
  CHECK(make(llama3) == "expects a low_freq_factor above 0, but got 0.000000");
}

TEST_CASE("RotaryEmbedding") {
  nn::RotaryEmbedding rotary(4);
  std::string text = Graph("f",
                           [&](Value x) {
                             nn::Rotation rotation = rotary(x.dim(0), "past");
                             return std::pair(rotation.cos, rotation.sin);
                           },
                           {tensor_type(f32, {"seq"}), dim_input("past")})
                         .text();
  CHECK(contains(text, "varve.constant dense<[1.000000e+00, 0.00999999977]> : tensor<2xf32>"));
  CHECK(contains(text, "varve.cos"));
  CHECK(contains(text, "varve.sin"));
}
