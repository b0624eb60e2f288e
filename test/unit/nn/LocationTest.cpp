// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What `varve-opt --mlir-print-debuginfo` shows of a saved graph: every layer, op, weight and hook leads back to a line
// of C++.
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>
#include <map>

using namespace varve;

namespace {

unsigned child_line = 0, weight_line = 0, call_line = 0, op_line = 0, use_line = 0, hook_line = 0, graph_line = 0;

unsigned here(Site site = Site::current()) { return site.line(); }

struct Scale : nn::Layer<Scale> {
  Weight factor{*this, "factor", f32, {4}, (weight_line = here(), Site::current())};
  Value forward(Value x) {
    use_line = here() + 1;
    Value f = factor.use();
    op_line = here() + 1;
    return x * f;
  }
};

struct Model : nn::Layer<Model> {
  Child<nn::Linear> linear{*this, {"linear", (child_line = here(), Site::current())}, 4, 4};
  Child<Scale> scale{*this, "scale"};
  Value forward(Value x) {
    call_line = here() + 1;
    return scale(linear(x));
  }
};

// The location of the first op whose text holds `what`, its aliases written out, without columns and folders.
std::string location_of(const std::string &text, const std::string &what) {
  std::map<std::string, std::string> aliases;
  std::string line, found;
  for (std::istringstream lines(text); std::getline(lines, line);)
    if (line.starts_with("#loc"))
      aliases[line.substr(0, line.find(' '))] = line.substr(line.find("= ") + 2);
    else if (found.empty() && line.find(what) != std::string::npos)
      found = line;
  // A layer's own location is behind its body.
  if (found.ends_with("{")) {
    std::string end = "\n" + found.substr(0, found.find_first_not_of(' ')) + "}";
    size_t at = text.find(end, text.find(found));
    found = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  }
  found = found.substr(found.rfind("loc("));
  for (size_t at; (at = found.find("#loc")) != std::string::npos;) {
    size_t end = found.find_first_not_of("0123456789", at + 4);
    std::string alias = aliases.at(found.substr(at, end - at)); // loc(..)
    found.replace(at, end - at, alias.substr(4, alias.size() - 5));
  }
  std::string out; // "/a/b/LocationTest.cpp":12:3 -> LocationTest.cpp:12
  for (size_t i = 0; i < found.size();) {
    size_t end = found[i] == '"' ? found.find('"', i + 1) : i;
    if (end != i && end + 1 < found.size() && found[end + 1] == ':') {
      std::string file = found.substr(i + 1, end - i - 1);
      size_t line_end = found.find(':', end + 2);
      out += file.substr(file.rfind('/') + 1) + found.substr(end + 1, line_end - end - 1);
      i = found.find_first_not_of("0123456789", line_end + 1);
    } else {
      out += found.substr(i, end - i + 1);
      i = end + 1;
    }
  }
  return out;
}

std::string at(unsigned line) { return "LocationTest.cpp:" + std::to_string(line); }

} // namespace

TEST_CASE("layers, ops, weights and hooks of a saved graph lead back to lines of C++") {
  Model model;
  auto hook = nn::add_layer_hook(
      [](const nn::LayerCall &call) {
        hook_line = here() + 1;
        call.outputs[0].second.print("seen");
      },
      {.path = "scale"});
  graph_line = here() + 1;
  Graph graph("f", model, {tensor_type(f32, {4})});
  std::string text = graph.text(/*debug_locations=*/true);
  std::string called = at(call_line) + " at " + at(graph_line) + ")";

  CHECK(location_of(text, "varve.graph @f") == "loc(" + at(graph_line) + ")");
  // A weight: where it was declared; a library layer's, where the layer was.
  CHECK(location_of(text, "varve.weight @scale.factor") == "loc(" + at(weight_line) + ")");
  CHECK(location_of(text, "varve.weight @linear.weight") == "loc(" + at(child_line) + ")");
  // A layer: where it was called.
  CHECK(location_of(text, "varve.layer \"scale\"") == "loc(callsite(" + called + ")");
  CHECK(location_of(text, "varve.layer \"linear\"") == "loc(callsite(" + called + ")");
  // An op: the layer's path, its own line, and where the layer was called.
  CHECK(location_of(text, "varve.mul") == "loc(callsite(\"scale\"(" + at(op_line) + ") at callsite(" + called + "))");
  CHECK(location_of(text, "varve.use @scale.factor") ==
        "loc(callsite(\"scale\"(" + at(use_line) + ") at callsite(" + called + "))");
  // An op of a layer of the library: its own line there, and the author's.
  std::string linear = location_of(text, "varve.linear");
  CHECK(test::contains(linear, "loc(callsite(\"linear\"(fused<\"library\">[Linear.cpp:"));
  CHECK(linear.ends_with(" at callsite(" + called + "))"));
  // What a hook records: the hook's line, in the layer.
  CHECK(location_of(text, "varve.print") ==
        "loc(callsite(\"scale\"(" + at(hook_line) + ") at callsite(" + called + "))");
}
