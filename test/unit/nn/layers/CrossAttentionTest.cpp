// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/CrossAttention.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType hidden = tensor_type(f32, {"batch", "seq", 32}), states = tensor_type(f32, {"batch", "source", 24});

struct Model : nn::Layer<Model> {
  Child<nn::CrossAttention> attention;
  explicit Model(nn::CrossAttentionOptions options) : attention(*this, "attention", 32, std::move(options)) {}
  Value forward(Value x, Value context) { return attention(x, context); }
};

} // namespace

TEST_CASE("CrossAttention: a context of another width, biases one by one") {
  Model model({.heads = 4, .kv_heads = 2, .context_dim = 24, .q_bias = true, .v_bias = true});
  std::string text = Graph("f", model, {hidden, states}).text();
  CHECK(contains(text, "varve.weight @attention.k_proj.weight : tensor<16x24xf32>"));
  CHECK(contains(text, "varve.weight @attention.v_proj.bias : tensor<16xf32>"));
  CHECK_FALSE(contains(text, "k_proj.bias"));
  CHECK_FALSE(contains(text, "o_proj.bias"));
  CHECK_FALSE(contains(text, "varve.buffer"));
}

TEST_CASE("CrossAttention: one graph fills the cache, another reads it") {
  Model model({.heads = 4, .context_dim = 24, .cache = 100, .batch = 3});
  Graph fill("fill",
             [&](Value context) {
               model.attention.fill(context);
               return context;
             },
             {tensor_type(f32, {3, "source", 24})});
  CHECK(contains(fill.text(), "!varve.buffer<3x100x4x8xf32> {varve.name = \"attention.k_cache\"}"));
  CHECK(contains(fill.text(), "varve.layer \"attention.v_proj\" : \"Linear\""));
  CHECK(contains(fill.text(), "varve.buffer.store"));
  CHECK_FALSE(contains(fill.text(), "q_proj"));
  Graph read("read", [&](Value x) { return model.attention(x); },
             {tensor_type(f32, {3, "seq", 32}), dim_input("source")});
  CHECK(contains(read.text(), "#varve.dims<3, source, 4, 8>"));
  CHECK_FALSE(contains(read.text(), "k_proj"));
  CHECK(contains(
      error_of([&] { Graph("read", [&](Value x) { return model.attention(x); }, {tensor_type(f32, {3, "seq", 32})}); }),
      "expects an argument that gives dimension 'source' its value"));
  CHECK(contains(error_of([&] {
                   Graph("read", [&](Value x) { return model.attention(x); },
                         {tensor_type(f32, {2, "seq", 32}), dim_input("source")});
                 }),
                 "in layer 'attention': expects the cache's batch, which is 3, but got f32 [2, seq, 32]"));
  auto refill = [&](Value context) {
    model.attention.fill(context);
    return context;
  };
  CHECK(contains(error_of([&] { Graph("fill", refill, {states}); }),
                 "in layer 'attention': expects the cache's batch, which is 3, but got f32 [batch, source, 24]"));
}

TEST_CASE("CrossAttention: what does not fit is refused") {
  CHECK(error_of([] { nn::CrossAttention(30, {.heads = 4}); }) == "expects heads that divide dim, but got 4 and 30");
  CHECK(error_of([] { nn::CrossAttention(32, {.heads = 0}); }) == "expects heads that divide dim, but got 0 and 32");
  CHECK(error_of([] { nn::CrossAttention(32, {.heads = 4, .kv_heads = 3}); }) ==
        "expects kv_heads that divide heads, but got 3 and 4");
  CHECK(error_of([] { nn::CrossAttention(32, {.cache = -1}); }) ==
        "expects a cache of at least 0 positions, of at least 1 context, but got -1 and 1");
  CHECK(error_of([] { nn::CrossAttention(32, {.cache = 8, .batch = 0}); }) ==
        "expects a cache of at least 0 positions, of at least 1 context, but got 8 and 0");
  Model model({.heads = 4, .context_dim = 24});
  CHECK(contains(error_of([&] { Graph("f", [&](Value x) { return model.attention(x); }, {hidden}); }),
                 "in layer 'attention': expects a context, or a cache, but got neither"));
  CHECK(contains(error_of([&] {
                   Graph("f",
                         [&](Value x) {
                           model.attention.fill(x);
                           return x;
                         },
                         {states});
                 }),
                 "in layer 'attention': expects a cache to fill, but got a cache of 0 positions"));
  CHECK(contains(error_of([&] { Graph("f", model, {hidden, hidden}); }), "in layer 'attention.k_proj': expects"));
}

TEST_CASE("CrossAttention: a mask of one row is for all queries, and one that does not fit is refused") {
  nn::CrossAttention attention(32, {.heads = 4, .context_dim = 24});
  auto text = [&](Shape mask) {
    return Graph("f", attention, {hidden, states, tensor_type(boolean, std::move(mask))}).text();
  };
  CHECK(contains(text({"batch", 1, 1, "source"}), "varve.broadcast"));
  CHECK_FALSE(contains(text({"batch", 1, "seq", "source"}), "varve.broadcast"));
  std::string rule = "expects mask [batch, 4, seq, source] or 1 in the first two dimensions, but got 'tensor<";
  CHECK(contains(error_of([&] { text({"batch", "source"}); }), rule + "?x?xi1, #varve.dims<batch, source>>'"));
  CHECK(contains(error_of([&] { text({"batch", 1, 1, "seq"}); }),
                 rule + "?x1x?x?xi1, #varve.dims<batch, 1, seq, seq>>'"));
}

TEST_CASE("CrossAttention: under tensor_parallel, heads that share keys stay together") {
  nn::CrossAttention attention(24, {.heads = 6, .kv_heads = 3, .context_dim = 10, .k_bias = true, .out_bias = true});
  attention.to({cpu(0), cpu(1)}, Sharding::tensor_parallel());
  std::string text = Graph("f", attention, {tensor_type(f32, {1, "seq", 24}), tensor_type(f32, {1, "n", 10})}).text();
  for (std::string weight : {"@q_proj.weight : tensor<24x24xf32> sharding<@mesh, [{model : 3x8}, {}]>",
                             "@k_proj.weight : tensor<12x10xf32> sharding<@mesh, [{model : 3x4}, {}]>",
                             "@k_proj.bias : tensor<12xf32> sharding<@mesh, [{model : 3x4}]>",
                             "@v_proj.weight : tensor<12x10xf32> sharding<@mesh, [{model : 3x4}, {}]>",
                             "@o_proj.weight : tensor<24x24xf32> sharding<@mesh, [{}, {model : 3x8}]>",
                             "@o_proj.bias : tensor<24xf32> sharding<@mesh, [{}]>"})
    CHECK(contains(text, weight));
}

TEST_CASE("RelativePositionBias: distances are clamped, and looked up") {
  nn::RelativePositionBias bias(3, {.buckets = 4, .max_distance = 4});
  std::string text = Graph("f", [&](Value x) { return bias(x.dim(0), "past" + x.dim(0), "past"); },
                           {tensor_type(f32, {"seq"}), dim_input("past")})
                         .text();
  CHECK(contains(text, "varve.weight @weight : tensor<4x3xf32>"));
  CHECK(contains(text, "varve.constant dense<[1, 1, 1, 1, 0, 3, 3, 3, 3]> : tensor<9xi64>"));
  CHECK(contains(text, "#varve.dims<1, 3, seq, past + seq>"));
}

TEST_CASE("RelativePositionBias: buckets and distances that do not fit are refused") {
  CHECK(error_of([] { nn::RelativePositionBias(2, {.buckets = 2}); }) ==
        "expects at least 2 buckets for a direction, as many for each, but got 2 for two");
  CHECK(error_of([] { nn::RelativePositionBias(2, {.buckets = 7}); }) ==
        "expects at least 2 buckets for a direction, as many for each, but got 7 for two");
  CHECK(error_of([] { nn::RelativePositionBias(2, {.buckets = 1, .bidirectional = false}); }) ==
        "expects at least 2 buckets for a direction, as many for each, but got 1 for one");
  CHECK(error_of([] { nn::RelativePositionBias(2, {.max_distance = 8}); }) ==
        "expects a max_distance above the distances that have a bucket of their own, but got 8 and 8");
}
