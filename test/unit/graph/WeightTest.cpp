// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights and buffers as a graph sees them.
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType vector4 = tensor_type(f32, {4});

struct Cache : nn::Layer<Cache> {
  Buffer cache{*this, "cache", f32, {1, 8}};
  Value forward(Value x) {
    cache.store(x, {0, "past"});
    return slice(cache.load(), 1, {.end = Dim("past") + x.dim(1)});
  }
};

struct Root : nn::Layer<Root> {
  Child<Cache> first{*this, "first"}, second{*this, "second"};
  Value forward(Value x) { return first(x) + second(x) + first(x); }
};

struct Scale : nn::Layer<Scale> {
  Weight weight{*this, "weight", f32, {4}};
  Value forward(Value x) { return x * weight + weight; }
};

} // namespace

TEST_CASE("a buffer is an argument of the graph, added when it is first used") {
  Root root;
  Graph graph("f", root, {tensor_type(f32, {1, "seq"}), dim_input("past")});
  std::string text = graph.text();
  CHECK(contains(text, R"(%arg1: tensor<i64> {varve.dim = "past", varve.name = "past"}, )"
                       R"(%arg2: !varve.buffer<1x8xf32> {varve.name = "first.cache"}, )"
                       R"(%arg3: !varve.buffer<1x8xf32> {varve.name = "second.cache"}))"));
  CHECK(contains(text, "varve.buffer.store %arg0, %arg3 offsets(0, past)"));
  CHECK(contains(text, "varve.buffer.load %arg2 : (!varve.buffer<1x8xf32>) -> tensor<1x8xf32>"));
}

TEST_CASE("what is stored fits the buffer") {
  Cache cache;
  auto store = [&](TensorType type, Shape offsets) {
    return error_of([&] { Graph("f", [&](Value x) { cache.cache.store(x, offsets); }, {type, dim_input("past")}); });
  };
  CHECK(
      contains(store(tensor_type(f32, {8}), {0}), "expects input and buffer of equal rank and element type, but got"));
  CHECK(contains(store(tensor_type(bf16, {1, 8}), {0, 0}),
                 "expects input and buffer of equal rank and element type, but got"));
  CHECK(contains(store(tensor_type(f32, {1, 8}), {0}), "expects 2 offsets, but got 1"));
  CHECK(contains(store(tensor_type(f32, {1, 8}), {0, 1}), "expects a slice inside dimension 1 of size 8, but got"));
  CHECK(store(tensor_type(f32, {1, 1}), {0, "past"}) == "(no error)");
  CHECK(store(tensor_type(f32, {1, 8}), {}) == "(no error)");
  auto store_at = [&](TensorType position, int64_t axis, Shape offsets) {
    return error_of([&] {
      std::string text = Graph("f", [&](Value x, Value position) { cache.cache.store_at(x, position, axis, offsets); },
                               {tensor_type(f32, {1, 2}), position})
                             .text();
      CHECK(contains(text, offsets.empty() ? "%arg2 at(%arg1 along 1 : tensor<i32>)"
                                           : "%arg2 offsets(0, 3) at(%arg1 along 1 : tensor<i32>)"));
    });
  };
  CHECK(store_at(tensor_type(i32, {}), 1, {}) == "(no error)");
  CHECK(store_at(tensor_type(i32, {}), 1, {0, 3}) == "(no error)");
  CHECK(contains(store_at(tensor_type(i32, {}), 2, {}), "expects axis in [-2, 2), but got 2"));
  CHECK(contains(store_at(tensor_type(i32, {1}), 1, {}),
                 "expects position to be tensor of i32 or i64 without dimensions, but got 'tensor<1xi32>'"));
}

TEST_CASE("a weight is declared once and used where it is used") {
  Scale scale;
  Graph graph("f", scale, {vector4});
  std::string text = graph.text();
  CHECK(text.find("varve.weight @weight") == text.rfind("varve.weight @weight"));
  CHECK(text.find("varve.use @weight") != text.rfind("varve.use @weight"));
  CHECK(graph.weights() == std::vector<std::pair<std::string, TensorType>>{{"weight", vector4}});
  CHECK(contains(graph.text(true), "WeightTest.cpp\":"));
}

TEST_CASE("a graph finds weights that are loaded later, without the model") {
  auto scale = std::make_unique<Scale>();
  Graph graph("f", *scale, {vector4});
  CHECK(graph.state_dict().empty());
  scale->load_state_dict({{"weight", Tensor::from<float>({4}, {1, 2, 3, 4})}});
  scale.reset();
  CHECK(graph.state_dict().at("weight").to_vector<float>() == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("two models in one graph have weights of different names") {
  Scale a, b;
  CHECK(contains(error_of([&] { Graph("f", [&](Value x) { return a(b(x)); }, {vector4}); }),
                 "expects weights of different names in a graph, but got two models that have 'weight'"));
}

TEST_CASE("a weight has a shape of sizes and names, and a name of its own") {
  struct Expression : nn::Layer<Expression> {
    Weight weight{*this, "weight", f32, {Dim("n") * 2, 4}};
  };
  CHECK(contains(
      error_of([] { Expression(); }),
      "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 [2*n, 4]"));
  struct Huge : nn::Layer<Huge> {
    Weight weight{*this, "weight", f32, {INT64_MAX, 4}};
  };
  CHECK(contains(error_of([] { Huge(); }),
                 "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes"));
  struct Same : nn::Layer<Same> {
    Weight a{*this, "a", f32, {4}};
    Weight b{*this, "a", f32, {4}};
  };
  CHECK(contains(error_of([] { Same(); }), "expects different names in a layer, but got 'a' twice in Same"));
  struct Dotted : nn::Layer<Dotted> {
    Buffer a{*this, "a.b", f32, {4}};
  };
  CHECK(contains(error_of([] { Dotted(); }), "expects a name without dots in a layer, but got 'a.b'"));
}

TEST_CASE("layers and weights know the first graph that used them, when it is there") {
  struct Pair : nn::Layer<Pair> {
    Child<Scale> used{*this, "used"}, other{*this, "other"};
    bool fails = true;
    Value forward(Value x) {
      Value y = used(x);
      if (fails) {
        CHECK(used.used_in().empty());
        throw Error("enough");
      }
      Graph inner("inner", used, {vector4}); // while the outer one is recorded
      return y * other.weight;
    }
  } pair;
  CHECK(error_of([&] { Graph("failed", pair, {vector4}); }) == "enough");
  CHECK(pair.used_in().empty());
  CHECK(pair.used.weight.used_in().empty());
  pair.fails = false;
  Graph outer("outer", pair, {vector4});
  CHECK(pair.used_in() == "outer");
  CHECK(pair.used.used_in() == "inner");
  CHECK(pair.used.weight.used_in() == "inner");
  CHECK(pair.other.used_in().empty());
  CHECK(pair.other.weight.used_in() == "outer");
  Graph later("later", pair, {vector4});
  CHECK(pair.used_in() == "outer");
}
