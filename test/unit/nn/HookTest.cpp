// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Hook.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>
#include <thread>

using namespace varve;
using test::contains;
using test::error_of;
using Names = std::vector<std::string>;

namespace {

const TensorType vector4 = tensor_type(f32, {4});

struct Split : nn::Layer<Split> {
  std::pair<Value, Value> forward(Value a, std::vector<Value> b) { return {a + b[0], a - b[0]}; }
};

struct Model : nn::Layer<Model> {
  Child<nn::Linear> first{*this, "first", 4, 4};
  Child<Split> split{*this, "split"};
  Child<nn::Linear> second{*this, "second", 4, 4};
  Value forward(Value x) {
    auto [a, b] = split(first(x), std::vector{x});
    return second(a * b);
  }
};

template <class M> std::string text_of(M &&model) { return Graph("f", model, {vector4}).text(); }
std::string text(Model &model) { return text_of(model); }

} // namespace

TEST_CASE("a hook sees each call, inner ones first, with its arguments and outputs by name") {
  Model model;
  Names calls;
  auto hook = nn::add_layer_hook([&](const nn::LayerCall &call) {
    std::string line = call.path + ":" + std::string(call.kind);
    for (const auto &[name, value] : call.arguments)
      line += " " + name;
    line += " ->";
    for (const auto &[name, value] : call.outputs)
      line += " " + name;
    calls.push_back(line);
  });
  text(model);
  CHECK(calls == Names{"first:Linear 0 -> output", "split:Split 0 1.0 -> 0 1", "second:Linear 0 -> output",
                       ":Model 0 -> output"});
}

namespace {

struct Masks {
  Value causal;
  std::optional<Value> padding;
};
struct Options {
  double scale;
  Value bias;
  Masks masks;
  std::vector<Masks> more;
};
template <class T> struct Answer {
  T logits;
  std::pair<T, Masks> both;
  std::vector<T> hidden;
};
struct Named : nn::Layer<Named> {
  Answer<Value> forward(Value x, Options options, std::pair<Masks, Value>, Masks masks, Masks) {
    return {x, {x, masks}, {x, options.bias}};
  }
};

} // namespace

TEST_CASE("a hook sees the values of a struct under the names of its fields") {
  Names arguments, outputs;
  auto hook = nn::add_layer_hook([&](const nn::LayerCall &call) {
    for (const auto &[name, value] : call.arguments)
      arguments.push_back(name);
    for (const auto &[name, value] : call.outputs)
      outputs.push_back(name);
  });
  Named layer;
  Graph graph("f",
              [&](Value x) {
                Masks masks{x, x};
                return layer(x, Options{0.5, x, masks, {masks, {x, {}}}}, std::pair(masks, x), masks, Masks{x, {}});
              },
              {vector4});
  CHECK(arguments == Names{"0", "bias", "masks.causal", "masks.padding", "more.0.causal", "more.0.padding",
                           "more.1.causal", "2.0.causal", "2.0.padding", "2.1", "causal", "padding", "4.causal"});
  CHECK(outputs == Names{"logits", "both.0", "both.1.causal", "both.1.padding", "hidden.0", "hidden.1"});
  for (const std::string &name : outputs)
    CHECK(contains(graph.text(), "{varve.name = \"" + name + "\"}"));
}

TEST_CASE("a pre-hook sees a call before it happens") {
  Model model;
  Names calls;
  auto after = nn::add_layer_hook([&](const nn::LayerCall &call) { calls.push_back("-" + call.path); });
  auto before = nn::add_layer_pre_hook([&](const nn::LayerCall &call) {
    calls.push_back("+" + call.path);
    CHECK(call.outputs.empty());
  });
  text(model);
  CHECK(calls == Names{"+", "+first", "-first", "+split", "-split", "+second", "-second", "-"});
}

TEST_CASE("hooks run in the order in which they were added, until their handles go") {
  Model model;
  Names calls;
  auto one = nn::add_layer_hook([&](const nn::LayerCall &) { calls.emplace_back("one"); }, {.path = "first"});
  {
    auto two = nn::add_layer_hook([&](const nn::LayerCall &) { calls.emplace_back("two"); }, {.path = "first"});
    text(model);
    CHECK(calls == Names{"one", "two"});
  }
  calls.clear();
  text(model);
  CHECK(calls == Names{"one"});
  nn::HookHandle moved = std::move(one);
  nn::clear_hooks();
  calls.clear();
  text(model);
  CHECK(calls.empty());
}

TEST_CASE("a hook is filtered by path, class or layer") {
  Model model;
  auto seen = [&](nn::HookFilter filter) {
    Names calls;
    auto hook = nn::add_layer_hook([&](const nn::LayerCall &call) { calls.push_back(call.path); }, std::move(filter));
    text(model);
    return calls;
  };
  CHECK(seen({.path = "*s*"}) == Names{"first", "split", "second"});
  CHECK(seen({.path = "s*"}) == Names{"split", "second"});
  CHECK(seen({.path = "f*t"}) == Names{"first"});
  CHECK(seen({.path = ""}) == Names{""});
  CHECK(seen({.path = "?[!p]*", .kind = "[A-M]*"}) == Names{"first", "second"});
  CHECK(seen({.kind = "Linear"}) == Names{"first", "second"});
  CHECK(seen({.path = "s*", .kind = "Linear"}) == Names{"second"});
  CHECK(seen({.layer = &model.split}) == Names{"split"});
}

TEST_CASE("what a hook records is in the layer's region, at the hook's line") {
  Model model;
  auto hook =
      nn::add_layer_hook([](const nn::LayerCall &call) { call.outputs[0].second.print("hidden"); }, {.path = "first"});
  CHECK(contains(text(model), R"(    %0 = varve.layer "first" : "Linear" -> tensor<4xf32> {
      %4 = varve.use @first.weight : tensor<4x4xf32>
      %5 = varve.linear %arg0, %4 : (tensor<4xf32>, tensor<4x4xf32>) -> tensor<4xf32>
      varve.print %5, "hidden" : tensor<4xf32>
      varve.output %5 : tensor<4xf32>
    })"));
  uint32_t line = 0;
  auto bad = nn::add_layer_hook(
      [&](const nn::LayerCall &call) {
        line = Site::current().line() + 1;
        add(call.outputs[0].second, iota({3}, f32));
      },
      {.path = "second"});
  CHECK(error_of([&] { text(model); })
            .starts_with(std::string(Site::current().file_name()) + ":" + std::to_string(line) +
                         ": error: in layer 'second': expects lhs and rhs to broadcast"));
}

TEST_CASE("a hook may replace what a layer returns") {
  Model model;
  auto one = nn::add_layer_hook([](const nn::LayerCall &call) { return identity(call.outputs[0].second, "tap"); },
                                {.path = "first"});
  auto two = nn::add_layer_hook(
      [](const nn::LayerCall &call) { return std::vector{call.outputs[1].second, call.outputs[0].second}; },
      {.path = "split"});
  std::string got = text(model);
  CHECK(contains(got, "varve.identity %5 {tag = \"tap\"}"));
  CHECK(contains(got, "varve.mul %1#1, %1#0"));
}

TEST_CASE("a replacement of another number or type throws at the hook's line") {
  Model model;
  auto line_of = [](uint32_t line) {
    return std::string(Site::current().file_name()) + ":" + std::to_string(line) + ": error: in layer 'first': ";
  };
  {
    uint32_t line = Site::current().line() + 1;
    auto hook = nn::add_layer_hook([](const nn::LayerCall &) { return std::vector<Value>(); }, {.path = "first"});
    CHECK(error_of([&] { text(model); }) ==
          line_of(line) + "expects a hook to return a value for each of 1 outputs, but got 0");
  }
  {
    uint32_t line = Site::current().line() + 1;
    auto hook = nn::add_layer_hook([](const nn::LayerCall &) { return iota({3}, f32); }, {.path = "first"});
    CHECK(error_of([&] { text(model); }) ==
          line_of(line) + "expects a hook to return f32 [4] for output 'output', but got f32 [3]");
  }
}

TEST_CASE("values that a hook keeps may be used anywhere in the graph") {
  Model model;
  std::vector<Value> hidden;
  auto hook = nn::add_layer_hook(
      [&](const nn::LayerCall &call) {
        hidden.push_back(call.outputs[0].second);
        call.outputs[0].second.output("hidden." + call.path);
      },
      {.kind = "Linear"});
  Graph graph("f", [&](Value x) { return model(x) + hidden[0]; }, {vector4});
  CHECK(contains(graph.text(), "varve.name = \"hidden.first\""));
}

TEST_CASE("the print hook prints every output") {
  Model model;
  auto hook = nn::print_hook({.path = "split"}, PrintStyle::statistics);
  std::string got = text(model);
  CHECK(contains(got, "varve.print %4, \"0\" {style = \"statistics\"}"));
  CHECK(contains(got, "varve.print %5, \"1\" {style = \"statistics\"}"));
}

TEST_CASE("ready hooks look at every output under its name") {
  Model model;
  auto lines = [&](nn::HookHandle hook) {
    std::string all = text(model), found;
    for (size_t begin = 0, end = 0; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (std::string line = all.substr(begin, end - begin); contains(line, "print") || contains(line, "identity"))
        found += line.substr(line.find("varve.")) + "\n";
    return found;
  };
  const nn::HookFilter split = {.path = "split"}, first = {.path = "f*"};
  CHECK(lines(nn::print_hook(first)) == "varve.print %5, \"output\" : tensor<4xf32>\n");
  CHECK(lines(nn::stats_hook(split)) == "varve.print %4, \"0\" {style = \"statistics\"} : tensor<4xf32>\n"
                                        "varve.print %5, \"1\" {style = \"statistics\"} : tensor<4xf32>\n");
  CHECK(lines(nn::check_finite_hook(first)) == "varve.print %5, \"output\" {style = \"finite\"} : tensor<4xf32>\n");
  CHECK(lines(nn::dump_hook("a/b", first)) ==
        "varve.print %5, \"output\" {style = \"dump\", to = \"a/b\"} : tensor<4xf32>\n");
  CHECK(lines(nn::compare_hook("a", first)) ==
        "varve.print %5, \"output\" {style = \"compare\", to = \"a\"} : tensor<4xf32>\n");
  CHECK(lines(nn::compare_hook("a", first, {.rtol = 0.5, .atol = 0})) ==
        "varve.print %5, \"output\" {atol = 0.000000e+00 : f64, rtol = 5.000000e-01 : f64, style = \"compare\", to = "
        "\"a\"} : tensor<4xf32>\n");
  std::string taps = lines(nn::tap_hook(split));
  CHECK(contains(taps, "varve.identity %4 {tag = \"0\"}"));
  CHECK(contains(taps, "varve.identity %5 {tag = \"1\"}"));
}

TEST_CASE("integers are finite, and have no check") {
  struct Count : nn::Layer<Count> {
    std::pair<Value, Value> forward(Value x) { return {dim_value("n"), x + x}; }
  };
  Count model;
  auto check = nn::check_finite_hook();
  std::string got = Graph("f", model, {tensor_type(f32, {"n"})}).text();
  CHECK(contains(got, "\"1\" {style = \"finite\"} : tensor<?xf32"));
  CHECK_FALSE(contains(got, "\"0\""));
}

TEST_CASE("a value that a layer returns twice has one tap") {
  struct Twice : nn::Layer<Twice> {
    std::pair<Value, Value> forward(Value x) {
      Value y = exp(x);
      return {y, y};
    }
  };
  Twice model;
  auto tap = nn::tap_hook();
  std::string got = text_of([&](Value x) { return model(x); });
  CHECK(contains(got, "{tag = \"0\"}"));
  CHECK_FALSE(contains(got, "{tag = \"1\"}"));
}

TEST_CASE("a glob that is none throws at the line that adds the hook") {
  uint32_t line = Site::current().line() + 1;
  auto add = [] { (void)nn::print_hook({.path = "layers.["}); };
  CHECK(error_of(add) == std::string(Site::current().file_name()) + ":" + std::to_string(line) +
                             ": error: expects a glob in which every '[' has its ']', but got 'layers.['");
  CHECK(contains(error_of([] { (void)nn::tap_hook({.kind = "[b-a]"}); }),
                 "expects ranges from the lower to the higher character in a glob, but got '[b-a]'"));
}

TEST_CASE("what a hook's print does not take throws at the hook's line") {
  Model model;
  uint32_t line = Site::current().line() + 1;
  auto hook = nn::dump_hook("../outside", {.path = "first"});
  CHECK(error_of([&] { text(model); })
            .starts_with(
                std::string(Site::current().file_name()) + ":" + std::to_string(line) +
                ": error: in layer 'first': expects a relative path without '..' as to, but got \"../outside\""));
}

TEST_CASE("a layer that a hook calls has no hooks; hooks are of one thread") {
  Model model;
  nn::SiLU silu;
  int calls = 0;
  auto hook = nn::add_layer_hook(
      [&](const nn::LayerCall &call) {
        ++calls;
        silu(call.outputs[0].second).print();
      },
      {.path = "first*"});
  text(model);
  CHECK(calls == 1);
  std::thread([] {
    Model other;
    text(other);
  }).join();
  CHECK(calls == 1);
}

TEST_CASE("a hook that throws leaves everything ready for the next graph") {
  Model model;
  {
    auto hook = nn::add_layer_hook([](const nn::LayerCall &) { throw std::runtime_error("the author's own"); });
    CHECK_THROWS_AS(text(model), std::runtime_error);
  }
  int calls = 0;
  auto hook = nn::add_layer_hook([&](const nn::LayerCall &) { ++calls; });
  text(model);
  CHECK(calls == 4);
}
