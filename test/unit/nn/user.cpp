// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a user's file looks like, with everything that a compiler may take another way: children with options in braces,
// lines of operators and calls, structs of values, hooks. Says on its exit status whether it came out right.
#include "varve/nn.h"
#include <cstdio>

using namespace varve;

namespace {

uint32_t norm_line = 0;

struct Block : nn::Layer<Block> {
  int64_t dim, hidden;
  Child<nn::RMSNorm> norm{*this, "norm", dim};
  Child<nn::Linear> gate{*this, "gate_proj", dim, hidden};
  Child<nn::Linear> up{*this, "up_proj", dim, hidden, {.bias = true}};
  Child<nn::Linear> down{*this, "down_proj", hidden, dim};
  Weight scale{*this, "scale", f32, {dim}};
  Block(int64_t dim, int64_t hidden) : dim(dim), hidden(hidden) {}
  Value forward(Value x) {
    norm_line = Site::current().line() + 1;
    Value y = norm(x);
    return x + down(silu(gate(y)) * up(y)) * scale;
  }
};

struct Result {
  Value logits;
  std::vector<Value> hidden;
};

struct Model : nn::Layer<Model> {
  Child<nn::Embedding> embed{*this, "embed", 256, 64};
  Child<nn::LayerList<Block>> blocks{*this, "blocks"};
  Child<nn::Sequential> head{*this, "head", std::make_unique<nn::RMSNorm>(64), std::make_unique<nn::Linear>(64, 256)};
  Model() {
    for (int i = 0; i < 3; ++i)
      blocks.emplace(64, 128);
  }
  Result forward(Value ids) {
    Result result;
    Value x = embed(ids);
    for (Block &block : blocks)
      result.hidden.push_back(x = block(x));
    result.logits = head(x * 0.5);
    return result;
  }
};

// What takes the place of a Block, with another signature of its own.
struct Skip : nn::Layer<Skip> {
  Value forward(const Value &x, double factor = 1) { return x * factor; }
};

struct Twin : nn::Layer<Twin> {
  Shared<nn::Embedding> embed;
  explicit Twin(Model &other) : embed(*this, "embed", other.embed) {}
  Value forward(Value ids) { return (*embed)(ids); }
};

bool expect(bool holds, const char *what) {
  if (!holds)
    std::printf("not so: %s\n", what);
  return holds;
}

} // namespace

int main() {
  Model model;
  int calls = 0;
  std::string outputs;
  auto hook = nn::add_layer_hook([&](const nn::LayerCall &) { ++calls; }, {.kind = "Linear"});
  auto last = nn::add_layer_hook(
      [&](const nn::LayerCall &call) {
        for (const auto &[name, value] : call.outputs)
          outputs += name + " ";
      },
      {.path = ""});
  Graph graph("model", model, {{"ids", tensor_type(i64, {1, "seq"})}});
  bool good = expect(calls == 10, "ten calls of Linear");
  good &= expect(outputs == "logits hidden.0 hidden.1 hidden.2 ", "the names of a struct's fields");
  good &= expect(graph.text().find("\"blocks.2\" : \"Block\"") != std::string::npos, "the kind of a layer");
  good &= expect(graph.weights().size() == 21, "21 weights");

  Model changed;
  changed.replace_layer("blocks.1", std::make_unique<Skip>());
  Twin twin(changed);
  good &= expect(changed.raw_state_dict().size() == 15, "a block was replaced");
  good &= expect(twin.raw_state_dict().size() == 1, "a borrowed weight");
  int items = 0;
  for (Block &item : changed.blocks.slice(1, 3))
    items += item.dim == 64 ? 1 : 0;
  good &= expect(items == 2, "a slice of a list");
  Graph again("changed", changed, {{"ids", tensor_type(i64, {1, "seq"})}});
  good &= expect(again.text().find("\"blocks.1\" : \"Skip\"") != std::string::npos, "the new layer is called");

  Block block(64, 128);
  try {
    Graph bad("bad", block, {tensor_type(f32, {"seq", 65})});
    good = expect(false, "a wrong shape throws");
  } catch (const Error &error) {
    good &= expect(error.layer() == "norm" && error.line() == norm_line, error.what());
  }
  return good ? 0 : 1;
}
