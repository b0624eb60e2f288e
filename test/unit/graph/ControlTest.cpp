// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Branches and loops around and inside of layers: regions, weights, state, hooks, and what a body leaves behind that throws.
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType vector4 = tensor_type(f32, {4}), flag = tensor_type(boolean, {});

struct Scale : nn::Layer<Scale> {
  Weight weight{*this, "weight", f32, {4}};
  Value forward(Value x) { return exp(x) * weight; }
};

struct Counter : nn::Layer<Counter> {
  Buffer count{*this, "count", f32, {4}};
  Value forward(Value x) {
    Value old = count.load() + x;
    count.store(old);
    return old;
  }
};

struct Model : nn::Layer<Model> {
  Child<Scale> first{*this, "first"}, second{*this, "second"};
  Child<Counter> counter{*this, "counter"};
  Value forward(Value p, Value x) {
    Value y = loop(3, x, [&](Value h) { return cond(p, [&] { return first(first(h)); }, [&] { return second(h); }); });
    return loop(2, y, [&](Value h) { return counter(h); });
  }
};

std::string body(const Graph &graph) {
  std::string text = graph.text();
  size_t begin = text.find('\n', text.find("varve.graph")) + 1;
  return text.substr(begin, text.rfind("  }\n}") - begin);
}

} // namespace

TEST_CASE("layers called in a body are regions in it") {
  Model model;
  Graph graph("f", model, {{"p", flag}, {"x", vector4}});
  CHECK(body(graph) == R"(    %0 = varve.loop to(3) carry(%arg1 : tensor<4xf32>) do(%arg3, %arg4) {
      %2 = varve.cond %arg0 -> tensor<4xf32> {
        %3 = varve.layer "first" : "Scale" -> tensor<4xf32> {
          %5 = varve.exp %arg4 : (tensor<4xf32>) -> tensor<4xf32>
          %6 = varve.use @first.weight : tensor<4xf32>
          %7 = varve.mul %5, %6 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          varve.output %7 : tensor<4xf32>
        }
        %4 = varve.layer "first#1" : "Scale" -> tensor<4xf32> {
          %5 = varve.exp %3 : (tensor<4xf32>) -> tensor<4xf32>
          %6 = varve.use @first.weight : tensor<4xf32>
          %7 = varve.mul %5, %6 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          varve.output %7 : tensor<4xf32>
        }
        varve.output %4 : tensor<4xf32>
      } else {
        %3 = varve.layer "second" : "Scale" -> tensor<4xf32> {
          %4 = varve.exp %arg4 : (tensor<4xf32>) -> tensor<4xf32>
          %5 = varve.use @second.weight : tensor<4xf32>
          %6 = varve.mul %4, %5 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          varve.output %6 : tensor<4xf32>
        }
        varve.output %3 : tensor<4xf32>
      }
      varve.output %2 : tensor<4xf32>
    }
    %1 = varve.loop to(2) carry(%0 : tensor<4xf32>) do(%arg3, %arg4) {
      %2 = varve.layer "counter" : "Counter" -> tensor<4xf32> {
        %3 = varve.buffer.load %arg2 : (!varve.buffer<4xf32>) -> tensor<4xf32>
        %4 = varve.add %3, %arg4 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        varve.buffer.store %4, %arg2 : tensor<4xf32>, !varve.buffer<4xf32>
        varve.output %4 : tensor<4xf32>
      }
      varve.output %2 : tensor<4xf32>
    }
    varve.output %1 : tensor<4xf32>
)");
  CHECK(graph.weights().size() == 2);
}

TEST_CASE("a layer may hold a loop; what is made in it before and after may be kept") {
  struct Holder : nn::Layer<Holder> {
    Child<Scale> scale{*this, "scale"};
    Value before, after;
    Value forward(Value x) {
      before = -x;
      Value y = loop(2, before, [&](Value h) { return scale(h); });
      after = exp(y);
      return y;
    }
  };
  struct Root : nn::Layer<Root> {
    Child<Holder> holder{*this, "holder"};
    Value forward(Value x) { return holder(x) + holder.before * holder.after; }
  } model;
  CHECK(contains(body(Graph("f", model, {vector4})),
                 R"(    %0:3 = varve.layer "holder" : "Holder" -> tensor<4xf32>, tensor<4xf32>, tensor<4xf32> {
      %3 = varve.neg %arg0 : (tensor<4xf32>) -> tensor<4xf32>
      %4 = varve.loop to(2) carry(%3 : tensor<4xf32>) do(%arg1, %arg2) {
        %6 = varve.layer "scale" : "Scale" -> tensor<4xf32> {)"));
}

TEST_CASE("hooks see the layers in bodies, and cannot take values out of them") {
  Model model;
  {
    auto hook = nn::print_hook({.path = "second"});
    CHECK(
        contains(body(Graph("f", model, {{"p", flag}, {"x", vector4}})), "varve.print %6, \"output\" : tensor<4xf32>"));
  }
  auto hook =
      nn::add_layer_hook([](const nn::LayerCall &call) { call.outputs[0].second.output("kept"); }, {.path = "second"});
  std::string text = error_of([&] { Graph("f", model, {{"p", flag}, {"x", vector4}}); });
  CHECK(contains(
      text, "in layer 'second': expects an output of the graph that is made outside of branches and loops, but got "
            "one of on_false of a cond, made at "));
  CHECK(contains(text, "it may run never, or many times; return the value from there"));
}

TEST_CASE("a body that throws leaves no weights, values or layers behind") {
  Model model;
  struct Stop {};
  Value kept;
  auto attempt = [&](Value p, Value x) {
    try {
      loop(3, x, [&](Value h) {
        return cond(
            p, [&] { return kept = model.first(h); },
            [&]() -> Value {
              model.second(h);
              throw Stop();
            });
      });
    } catch (const Stop &) {
    }
  };
  Graph graph("f",
              [&](Value p, Value x) {
                attempt(p, x);
                Value y = model.first(x);
                attempt(p, x);
                CHECK(contains(error_of([&] { exp(kept); }), "but got one of on_true of a cond, which has ended"));
                return y;
              },
              {{"p", flag}, {"x", vector4}});
  CHECK(graph.text().starts_with("module {\n  varve.weight @first.weight : tensor<4xf32>\n  varve.graph @f("));
  CHECK(graph.weights().size() == 1);
  CHECK_FALSE(contains(graph.text(), "varve.loop"));
  CHECK(contains(Graph("g", model, {{"p", flag}, {"x", vector4}}).text(), "@second.weight"));
}

TEST_CASE("bodies that are nested too deep for a text to be read back throw") {
  auto nest = [](auto &self, Value x, int depth) -> Value {
    return depth == 0 ? exp(x) : loop(2, x, [&](Value h) { return self(self, h, depth - 1); });
  };
  CHECK(contains(error_of([&] { Graph("f", [&](Value x) { return nest(nest, x, 1000); }, {vector4}); }),
                 "expects layers that call each other at most 250 deep, but got one more"));
  Graph("f", [&](Value x) { return nest(nest, x, 200); }, {vector4});
}

TEST_CASE("a summary has the layers in bodies") {
  Model model;
  std::string text = Graph("f", model, {{"p", flag}, {"x", vector4}}).summary();
  for (const char *path : {"first ", "first#1 ", "second ", "counter "})
    CHECK(contains(text, path));
}
