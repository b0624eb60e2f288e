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
  CHECK(contains(error_of([&] { Graph("f", model, {hidden, dim_input("past")}); }), "in layer 'attention': expects"));
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
