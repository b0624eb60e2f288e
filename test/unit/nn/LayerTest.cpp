// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Layer.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType vector4 = tensor_type(f32, {4});

template <int N> struct Times : nn::Layer<Times<N>> {
  Value forward(Value x) { return x * N; }
};

struct Block : nn::Layer<Block> {
  Child<nn::Linear> a{*this, "a", 4, 4};
  Child<nn::Linear> b{*this, "b", 4, 4, {.bias = true}};
  Buffer state{*this, "state", f32, {4}};
  Weight scale{*this, "scale", f32, {4}};
  Value forward(Value x) { return b(a(x)) * scale; }
};

struct Model : nn::Layer<Model> {
  Child<Block> first{*this, "first"};
  Child<nn::LayerList<Block>> rest{*this, "rest"};
  Model() { rest.emplace(); }
  Value forward(Value x) { return rest[0](first(x)); }
};

struct Inputs {
  Value x;
  std::vector<Value> more;
  std::optional<Value> none;
  int factor = 1;
};

struct Results {
  Value sum;
  std::vector<Value> each;
};

struct Any : nn::Layer<Any> {
  Results forward(Inputs inputs, const std::string &, double factor = 2) {
    Results results{inputs.x * factor, inputs.more};
    for (Value value : inputs.more)
      results.sum = results.sum + value;
    return results;
  }
};

struct Many : nn::Layer<Many> {
  int forward() { return 7; }
  int forward(int a, int b, int c, int d, int e, int f, int g, int h) { return a + b + c + d + e + f + g + h; }
};

template <class T> std::vector<std::string> names(const nn::Named<T> &list) {
  std::vector<std::string> names;
  for (const auto &[name, item] : list)
    names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("the kind of a layer is its class") {
  struct Local : nn::Layer<Local> {};
  CHECK(Block().kind() == "Block");
  CHECK(nn::Linear(1, 1).kind() == "Linear");
  CHECK(Times<3>().kind() == "Times<3>");
  CHECK(Local().kind() == "Local");
  CHECK(nn::LayerList<Block>().kind() == "LayerList");
  CHECK(Model().first.kind() == "Block");
  CHECK(nn::Linear(1, 1).in_library());
  CHECK_FALSE(Block().in_library());
}

TEST_CASE("a model is a tree of names") {
  Model model;
  CHECK(names(model.sublayers()) == Names{"first", "rest"});
  CHECK(names(model.first.layer_weights()) == Names{"scale"});
  CHECK(names(model.first.layer_buffers()) == Names{"state"});
  CHECK(names(model.recursive_named_layers()) ==
        Names{"", "first", "rest", "first.a", "first.b", "rest.0", "rest.0.a", "rest.0.b"});
  CHECK(names(model.first.recursive_named_layers("model.first")) ==
        Names{"model.first", "model.first.a", "model.first.b"});
  CHECK(model.path().empty());
  CHECK(model.rest[0].b.path() == "rest.0.b");
  CHECK(model.rest[0].b.bias->path() == "rest.0.b.bias");
  CHECK(model.rest[0].state.path() == "rest.0.state");
  CHECK(model.rest[0].parent() == &model.rest);
  CHECK(names(model.raw_state_dict()) == Names{"first.scale", "first.a.weight", "first.b.weight", "first.b.bias",
                                               "rest.0.scale", "rest.0.a.weight", "rest.0.b.weight", "rest.0.b.bias"});
}

TEST_CASE("a name is there once in a layer") {
  struct Twice : nn::Layer<Twice> {
    Child<nn::Linear> a{*this, "a", 4, 4};
    Child<nn::Linear> b{*this, "a", 4, 4};
  };
  CHECK(contains(error_of([] { Twice(); }), "expects different names in a layer, but got 'a' twice in Twice"));
  CHECK(contains(error_of([] { Twice(); }), "LayerTest.cpp:"));
  struct Empty : nn::Layer<Empty> {
    Child<nn::Linear> a{*this, "", 4, 4};
  };
  CHECK(contains(error_of([] { Empty(); }), "expects a name without dots in a layer, but got ''"));
}

TEST_CASE("a layer takes and returns anything") {
  Any any;
  Many many;
  Graph graph("f",
              [&](Value x) {
                CHECK(many() == 7);
                CHECK(many(1, 2, 3, 4, 5, 6, 7, 8) == 36);
                Results results = any(Inputs{x, {x, x}, {}}, "text");
                CHECK(results.each.size() == 2);
                return any(Inputs{x, {results.sum}, x}, "text", 0.5);
              },
              {vector4});
  CHECK(contains(graph.text(), R"(-> (tensor<4xf32> {varve.name = "sum"}, tensor<4xf32> {varve.name = "each.0"}) {)"));
}

TEST_CASE("a layer may have no values at all, or return nothing") {
  struct Silent : nn::Layer<Silent> {
    void forward(Value x) { x.print("seen"); }
  };
  struct Root : nn::Layer<Root> {
    Child<Silent> silent{*this, "silent"};
    Value forward(Value x) {
      silent(x);
      return x;
    }
  } root;
  CHECK(contains(Graph("f", root, {vector4}).text(), R"(    varve.layer "silent" : "Silent" {
      varve.print %arg0, "seen" : tensor<4xf32>
    })"));
}

TEST_CASE("options of a child may be written in braces") {
  Block block;
  CHECK_FALSE(block.a.bias.has_value());
  CHECK(block.b.bias.has_value());
}
