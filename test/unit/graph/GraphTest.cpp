// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType vector4 = tensor_type(f32, {4});

struct Scale : nn::Layer<Scale> {
  Weight weight{*this, "weight", f32, {4}};
  Value forward(Value x) { return x * weight; }
};

struct Pair {
  Value sum, difference;
  int other = 0;
};

} // namespace

TEST_CASE("a graph is a module of the dialect") {
  Scale scale;
  Graph graph("scale", scale, {tensor_type(f32, {"batch", 4})});
  CHECK(graph.name() == "scale");
  CHECK(graph.text() == R"(#dims = #varve.dims<batch, 4>
module {
  varve.weight @weight : tensor<4xf32>
  varve.graph @scale(%arg0: tensor<?x4xf32, #dims> {varve.name = "x"}) -> (tensor<?x4xf32, #dims> {varve.name = "output"}) {
    %0 = varve.use @weight : tensor<4xf32>
    %1 = varve.mul %arg0, %0 : (tensor<?x4xf32, #dims>, tensor<4xf32>) -> tensor<?x4xf32, #dims>
    varve.output %1 : tensor<?x4xf32, #dims>
  }
}
)");
}

TEST_CASE("inputs have names, given or by place") {
  auto sum = [](Value a, Value b) { return a + b; };
  CHECK(contains(Graph("f", sum, {vector4, vector4}).text(),
                 R"((%arg0: tensor<4xf32> {varve.name = "input0"}, %arg1: tensor<4xf32> {varve.name = "input1"}))"));
  CHECK(contains(Graph("f", sum, {{"a", vector4}, {"b", vector4}}).text(),
                 R"((%arg0: tensor<4xf32> {varve.name = "a"}, %arg1: tensor<4xf32> {varve.name = "b"}))"));
  CHECK(contains(error_of([&] { Graph("f", sum, {{"a", vector4}, {"a", vector4}}); }),
                 "expects arguments of different names, but got \"a\" twice"));
}

TEST_CASE("a dimension may be an input, which the model does not see") {
  auto shifted = [](Value x) { return x + dim_value("past"); };
  std::string text = Graph("f", shifted, {tensor_type(i64, {"seq"}), dim_input("past")}).text();
  CHECK(contains(text, R"(%arg1: tensor<i64> {varve.dim = "past", varve.name = "past"})"));
  Site here = Site::current();
  std::string message = error_of([&] { Graph("f", shifted, {tensor_type(i64, {"seq"}), dim_input("a b")}); });
  CHECK(message == std::string(here.file_name()) + ":" + std::to_string(here.line() + 1) +
                       ": error: expects a name for a dimension, but got 'a b'");
  CHECK(contains(error_of([&] { Graph("f", shifted, {tensor_type(i64, {"seq"})}); }),
                 "expects an argument that gives dimension 'past' its value"));
}

TEST_CASE("a model may return a value, a list, a tuple, a struct, or nothing") {
  auto results = [](auto model, GraphOptions options = {}) {
    std::string text = Graph("f", model, {vector4}, options).text();
    size_t begin = text.find("{varve.name = \"x\"})") + 19;
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  CHECK(results([](Value x) { return x; }) == R"( -> (tensor<4xf32> {varve.name = "output"}) {)");
  CHECK(results([](Value x) { return std::vector{x, -x}; }) ==
        R"( -> (tensor<4xf32> {varve.name = "output0"}, tensor<4xf32> {varve.name = "output1"}) {)");
  CHECK(contains(results([](Value x) { return std::tuple(x, std::pair(x, -x)); }), "output2"));
  CHECK(results([](Value x) { return Pair{x + x, x - x}; }) ==
        R"( -> (tensor<4xf32> {varve.name = "sum"}, tensor<4xf32> {varve.name = "difference"}) {)");
  CHECK(contains(results([](Value x) { return std::optional(x); }), "\"output\""));
  CHECK(results([](Value x) { x.print("seen"); }) == " {");
  CHECK(contains(error_of([&] { results([](Value) { return 2.0; }); }),
                 "expects a model that returns values, or nothing, but got a result without a value"));
  CHECK(contains(results([](Value x) { return Pair{x + x, x - x}; }, {.outputs = {"sum", "difference"}}),
                 "\"difference\""));
  CHECK(contains(error_of([&] { results([](Value x) { return x; }, {.outputs = {"a", "b"}}); }),
                 "expects a name for each of 1 outputs, but got 2"));
  CHECK(contains(error_of([&] { results([](Value x) { return std::vector{x, x}; }, {.outputs = {"a", "a"}}); }),
                 "expects outputs of different names, but got 'a' twice"));
}

TEST_CASE("a model takes as many values as there are inputs, or the list of them") {
  auto list = [](const std::vector<Value> &inputs) { return concat(inputs, 0); };
  CHECK(contains(Graph("f", list, {vector4, vector4, vector4}).text(), "-> tensor<12xf32>"));
  auto generic = [](auto... inputs) { return concat({inputs...}, 0); };
  CHECK(contains(Graph("f", generic, {vector4, vector4, vector4}).text(), "-> tensor<12xf32>"));
  Scale scale;
  Site here = Site::current();
  std::string message = error_of([&] { Graph("f", scale, {vector4, vector4}); });
  CHECK(message == std::string(here.file_name()) + ":" + std::to_string(here.line() + 1) +
                       ": error: expects as many inputs as the model takes, 1, but got 2");
}

TEST_CASE("a value from anywhere becomes an output by its name") {
  auto model = [](Value x) {
    Value y = exp(x);
    y.output("exponential");
    return y + 1;
  };
  CHECK(contains(Graph("f", model, {vector4}).text(),
                 R"(-> (tensor<4xf32> {varve.name = "output"}, tensor<4xf32> {varve.name = "exponential"}))"));
  CHECK(contains(error_of([] {
                   Graph("f",
                         [](Value x) {
                           x.output("a");
                           x.output("a");
                           return x;
                         },
                         {vector4});
                 }),
                 "expects outputs of different names, but got 'a' twice"));
}

TEST_CASE("values belong to their graph, while it is recorded") {
  Value kept;
  Graph graph("f",
              [&](Value x) {
                kept = x;
                return x;
              },
              {vector4});
  CHECK(contains(error_of([&] { kept.type(); }), "expects a graph that is being recorded, but there is none"));
  CHECK(contains(error_of([&] { Graph("g", [&](Value x) { return x + kept; }, {vector4}); }),
                 "expects a value of graph 'g', which is being recorded, but got one of another graph"));
  CHECK(contains(error_of([&] { Graph("g", [&](Value x) { return x + Value(); }, {vector4}); }),
                 "expects a value, but got none (a default-made Value)"));
  CHECK(contains(error_of([&] { Graph("g", [&](Value x) { return Value(kept) = x, kept; }, {vector4}); }),
                 "but got one of another graph"));
  Scale scale;
  CHECK(contains(error_of([&] { scale(Value()); }), "call the model in a varve::Graph"));
  CHECK(contains(error_of([&] { iota({2}); }), "call the model in a varve::Graph"));
}

TEST_CASE("a value tells its type") {
  Graph graph("f",
              [&](Value x) {
                CHECK(x.type() == tensor_type(bf16, {"batch", "past + seq", 8}));
                CHECK(x.dtype() == bf16);
                CHECK(x.rank() == 3);
                CHECK(x.dim(1) == Dim("past") + "seq");
                CHECK(x.dim(-1) == 8);
                CHECK(x);
                CHECK_FALSE(Value());
                CHECK(x == x);
                CHECK(x != exp(x));
                CHECK(contains(error_of([&] { x.dim(3); }), "expects axis in [-3, 3), but got 3"));
                return x;
              },
              {tensor_type(bf16, {"batch", "seq + past", 8}), dim_input("past"), dim_input("seq")});
}

TEST_CASE("a graph may be recorded while another one is") {
  Graph outer("outer",
              [&](Value x) {
                Graph inner("inner", [](Value y) { return y + y; }, {vector4});
                CHECK(contains(inner.text(), "varve.add"));
                CHECK(contains(error_of([&] { Graph("bad", [&](Value y) { return x + y; }, {vector4}); }),
                               "but got one of another graph"));
                return x * x;
              },
              {vector4});
  CHECK(contains(outer.text(), "varve.mul"));
  CHECK_FALSE(contains(outer.text(), "varve.add"));
}

TEST_CASE("recording is per thread") {
  std::vector<std::string> texts(4);
  std::vector<std::thread> threads;
  threads.reserve(texts.size());
  for (std::string &text : texts)
    threads.emplace_back([&text] {
      nn::Linear linear(64, 64);
      for (int i = 0; i < 20; ++i)
        text = Graph("f", linear, {tensor_type(f32, {"batch", 64})}).text();
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &text : texts)
    CHECK(text == texts[0]);
}

TEST_CASE("what goes wrong in a model leaves the thread ready for the next graph") {
  CHECK_THROWS(Graph("f", [](Value) -> Value { throw std::runtime_error("the author's own"); }, {vector4}));
  CHECK_THROWS(Graph("f", [](Value x) { return matmul(x, x); }, {vector4}));
  CHECK(contains(Graph("f",
                       [](Value x) {
                         Value y;
                         try {
                           y = matmul(x, x);
                         } catch (const Error &) {
                           y = x * x; // the author's way out
                         }
                         return y;
                       },
                       {vector4})
                     .text(),
                 "varve.mul"));
}

TEST_CASE("a graph is saved as text or bytecode, with its locations, and complete or not at all") {
  test::TemporaryFolder folder;
  Scale scale;
  Graph graph("scale", scale, {vector4});
  graph.save((folder / "g.mlir").string());
  graph.save((folder / "g.mlirbc").string());
  auto read = [&](const char *name) {
    auto bytes = test::read_bytes(folder / name);
    return std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  };
  CHECK(read("g.mlir") == graph.text(/*debug_locations=*/true));
  CHECK(contains(read("g.mlir"), "GraphTest.cpp\":"));
  CHECK(read("g.mlirbc") == graph.bytecode());
  CHECK(read("g.mlirbc").starts_with("ML\xEFR"));
  CHECK(error_of([&] { graph.save((folder / "no" / "g.mlir").string()); }) != "(no error)");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 2);
}

TEST_CASE("a graph and its inputs are checked") {
  Scale scale;
  CHECK(contains(error_of([&] { Graph("", scale, {vector4}); }), "expects a name for the graph, but got ''"));
  CHECK(contains(error_of([&] { Graph("f", scale, {tensor_type(f32, {-4})}); }),
                 "expects a shape of sizes that are not negative, but got [-4]"));
  CHECK(contains(error_of([&] { Graph("weight", scale, {vector4}); }), "redefinition of symbol named 'weight'"));
}
