// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls of layers as regions, and locations and errors that lead back to the author's lines.
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>
#include <chrono>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType vector4 = tensor_type(f32, {4});

struct Double : nn::Layer<Double> {
  Value forward(Value x) { return x + x; }
};

struct Inner : nn::Layer<Inner> {
  std::vector<Value> *kept = nullptr;
  Value forward(Value x) {
    Value y = exp(x);
    if (kept)
      kept->push_back(y);
    return log(y);
  }
};

struct Outer : nn::Layer<Outer> {
  Child<Inner> inner{*this, "inner"};
  Value forward(Value x) { return -inner(x); }
};

struct Twice : nn::Layer<Twice> {
  Child<Outer> outer{*this, "outer"};
  Value forward(Value x) { return outer(outer(outer(x))); }
};

struct Nothing : nn::Layer<Nothing> {
  Value forward(Value x) { return x; }
};

struct Stray : nn::Layer<Stray> {
  Child<Nothing> nothing{*this, "nothing"};
  Value forward(Value x) {
    Double local;
    return nothing(local(x));
  }
};

struct Unregistered : nn::Layer<Unregistered> {
  nn::Linear linear{4, 4};
  Value forward(Value x) { return linear(x); }
};

uint32_t bad_line = 0;
struct Bad : nn::Layer<Bad> {
  Child<nn::MLP> mlp{*this, "mlp", 8, 16};
  Value forward(Value x) {
    bad_line = Site::current().line() + 1;
    return mlp(x);
  }
};

struct Model : nn::Layer<Model> {
  Child<nn::LayerList<Bad>> layers{*this, "layers"};
  Model() {
    layers.emplace();
    layers.emplace();
  }
  Value forward(Value x) { return layers[1](x); }
};

// Only the lines of the graph's body.
std::string body(const Graph &graph) {
  std::string text = graph.text();
  size_t begin = text.find('\n', text.find("varve.graph")) + 1;
  return text.substr(begin, text.rfind("  }\n}") - begin);
}

} // namespace

TEST_CASE("the call of a layer is a region; the root has none") {
  Outer outer;
  CHECK(body(Graph("f", outer, {vector4})) ==
        R"(    %0 = varve.layer "inner" : "Inner" -> tensor<4xf32> {
      %2 = varve.exp %arg0 : (tensor<4xf32>) -> tensor<4xf32>
      %3 = varve.log %2 : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %3 : tensor<4xf32>
    }
    %1 = varve.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
)");
}

TEST_CASE("a layer that is called again has a number") {
  Twice twice;
  std::string text = body(Graph("f", twice, {vector4}));
  CHECK(contains(text, R"(%0 = varve.layer "outer" : "Outer")"));
  CHECK(contains(text, R"(%1 = varve.layer "outer#1" : "Outer")"));
  CHECK(contains(text, R"(%2 = varve.layer "outer#2" : "Outer")"));
}

TEST_CASE("a layer that records nothing leaves no region, and one that nobody registered has the name of its class") {
  Stray stray;
  CHECK(body(Graph("f", stray, {vector4})) == R"(    %0 = varve.layer "Double" : "Double" -> tensor<4xf32> {
      %1 = varve.add %arg0, %arg0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      varve.output %1 : tensor<4xf32>
    }
    varve.output %0 : tensor<4xf32>
)");
}

TEST_CASE("a layer called by another than its parent keeps its own path") {
  struct Caller : nn::Layer<Caller> {
    Double *other = nullptr;
    Value forward(Value x) { return (*other)(x); }
  };
  struct Root : nn::Layer<Root> {
    Child<nn::LayerList<Double>> list{*this, "list"};
    Child<Caller> caller{*this, "caller"};
    Value forward(Value x) {
      caller.other = &list.emplace();
      return caller(x);
    }
  } root;
  Graph graph("f", root, {vector4});
  CHECK(contains(body(graph), R"(    %0 = varve.layer "caller" : "Caller" -> tensor<4xf32> {
      %1 = varve.layer "list.0" : "Double" -> tensor<4xf32> {)"));
}

TEST_CASE("a layer with weights that nobody registered throws, and says how to") {
  Unregistered model;
  CHECK(contains(error_of([&] { Graph("f", model, {vector4}); }),
                 "expects a layer that is a part of the one that calls it, but got a Linear with weights that has no "
                 "parent: make it a member, Child<Linear> name{*this, \"name\", ...}"));
}

TEST_CASE("a value that was kept is handed out of all layers around it") {
  Twice twice;
  std::vector<Value> kept;
  twice.outer.inner.kept = &kept;
  Graph graph("f",
              [&](Value x) {
                Value y = twice(x);
                return y + kept[1] * kept[0];
              },
              {vector4});
  CHECK(body(graph) == R"(    %0:2 = varve.layer "outer" : "Outer" -> tensor<4xf32>, tensor<4xf32> {
      %5:2 = varve.layer "inner" : "Inner" -> tensor<4xf32>, tensor<4xf32> {
        %7 = varve.exp %arg0 : (tensor<4xf32>) -> tensor<4xf32>
        %8 = varve.log %7 : (tensor<4xf32>) -> tensor<4xf32>
        varve.output %7, %8 : tensor<4xf32>, tensor<4xf32>
      }
      %6 = varve.neg %5#1 : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %5#0, %6 : tensor<4xf32>, tensor<4xf32>
    }
    %1:2 = varve.layer "outer#1" : "Outer" -> tensor<4xf32>, tensor<4xf32> {
      %5:2 = varve.layer "inner" : "Inner" -> tensor<4xf32>, tensor<4xf32> {
        %7 = varve.exp %0#1 : (tensor<4xf32>) -> tensor<4xf32>
        %8 = varve.log %7 : (tensor<4xf32>) -> tensor<4xf32>
        varve.output %7, %8 : tensor<4xf32>, tensor<4xf32>
      }
      %6 = varve.neg %5#1 : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %5#0, %6 : tensor<4xf32>, tensor<4xf32>
    }
    %2 = varve.layer "outer#2" : "Outer" -> tensor<4xf32> {
      %5 = varve.layer "inner" : "Inner" -> tensor<4xf32> {
        %7 = varve.exp %1#1 : (tensor<4xf32>) -> tensor<4xf32>
        %8 = varve.log %7 : (tensor<4xf32>) -> tensor<4xf32>
        varve.output %8 : tensor<4xf32>
      }
      %6 = varve.neg %5 : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %6 : tensor<4xf32>
    }
    %3 = varve.mul %1#0, %0#0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %4 = varve.add %2, %3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    varve.output %4 : tensor<4xf32>
)");
}

TEST_CASE("a layer may be the model of a graph, or a part of one") {
  Twice twice;
  CHECK(contains(body(Graph("f", twice.outer, {vector4})), R"(    %0 = varve.layer "inner" : "Inner")"));
  nn::Sequential chain(std::make_unique<nn::Linear>(4, 4), std::make_unique<nn::Linear>(4, 4));
  Graph graph("f", [&](Value x) { return chain(x); }, {vector4});
  CHECK(contains(graph.text(), "varve.weight @\"1.weight\""));
  CHECK(contains(body(graph), "varve.layer \"0\" : \"Linear\""));
}

TEST_CASE("a wrong shape is told where it is built: layer, line, words, both types") {
  Model model;
  Site here = Site::current();
  std::string text = error_of([&] { Graph("f", model, {tensor_type(f32, {"batch", 9})}); });
  CHECK(text == std::string(here.file_name()) + ":" + std::to_string(bad_line) +
                    ": error: in layer 'layers.1.mlp.gate_proj': expects the last dimension of input to be the last of "
                    "weight, but got 'tensor<?x9xf32, #varve.dims<batch, 9>>' and 'tensor<16x8xf32>'");
  try {
    Graph("f", model, {tensor_type(f32, {"batch", 9})});
  } catch (const Error &error) {
    CHECK(error.layer() == "layers.1.mlp.gate_proj");
    CHECK(error.file() == here.file_name());
    CHECK(error.line() == bad_line);
  }
}

TEST_CASE("an error at the root of a function names no layer") {
  uint32_t line = 0;
  std::string text = error_of([&] {
    Graph("f",
          [&](Value x) {
            line = Site::current().line() + 1;
            return x + iota({3}, f32);
          },
          {vector4});
  });
  CHECK(text == std::string(Site::current().file_name()) + ":" + std::to_string(line) +
                    ": error: expects lhs and rhs to broadcast, but got 'tensor<4xf32>' and 'tensor<3xf32>': dimension "
                    "0 is 4 and 3");
}

TEST_CASE("what only the whole graph shows is told with its layer and line, too") {
  struct Cache : nn::Layer<Cache> {
    Buffer cache{*this, "cache", f32, {8}};
    uint32_t line = 0;
    Value forward(Value x) {
      line = Site::current().line() + 1;
      Value old = cache.load();
      cache.store(x, {0});
      return old + old;
    }
  };
  struct Root : nn::Layer<Root> {
    Child<Cache> cache{*this, "part"};
    Value forward(Value x) { return cache(x); }
  } root;
  std::string text = error_of([&] { Graph("f", root, {vector4}); });
  CHECK(text.starts_with(std::string(Site::current().file_name()) + ":" + std::to_string(root.cache.line) +
                         ": error: in layer 'part': expects no use after a store"));
}

TEST_CASE("every op's location holds the layer's path and the author's lines") {
  Outer outer;
  Twice twice;
  std::string text = Graph("f", twice, {vector4}).text(/*debug_locations=*/true);
  std::string file = Site::current().file_name();
  CHECK(contains(text, "loc(\"outer.inner\"(#"));
  CHECK(contains(text, "loc(\"outer#1.inner\"(#"));
  CHECK(contains(text, "loc(\"outer#2\"(#"));
  CHECK(contains(text, "loc(callsite(#"));
  CHECK(contains(text, "loc(\"" + file + "\":"));
  CHECK_FALSE(contains(text, "loc(unknown)"));
}

TEST_CASE("layers nested too deep for a text to be read back throw") {
  struct Deep : nn::Layer<Deep> {
    Value forward(Value x, int depth) { return depth == 0 ? exp(x) : (*this)(x, depth - 1); }
  } deep;
  CHECK(contains(error_of([&] { Graph("f", [&](Value x) { return deep(x, 1000); }, {vector4}); }),
                 "expects layers that call each other at most 250 deep, but got one more"));
  Graph("f", [&](Value x) { return deep(x, 200); }, {vector4});
}
