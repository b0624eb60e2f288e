// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Changes of the tree: layers that are replaced, borrowed, or keep their names out of those of weights.
#include "test/unit/Support.h"
#include "test/unit/nn/States.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using test::filled;
using Names = std::vector<std::string>;

namespace {

const TensorType vector4 = tensor_type(f32, {4});

// A linear layer that was tuned at low rank.
struct Tuned : nn::Layer<Tuned> {
  Child<nn::Linear> base{*this, "base", 4, 4}, down{*this, "down", 4, 1}, up{*this, "up", 1, 4};
  Value forward(Value x) { return base(x) + up(down(x)); }
};
struct Pair : nn::Layer<Pair> {
  Value forward(Value a, Value b) { return a + b; }
};
struct Two : nn::Layer<Two> {
  std::pair<Value, Value> forward(Value x) { return {x, x}; }
};
struct Block : nn::Layer<Block> {
  Child<nn::Linear> proj{*this, "proj", 4, 4};
  Value forward(Value x) { return proj(x); }
};
struct Model : nn::Layer<Model> {
  Child<nn::Linear> first{*this, "first", 4, 4};
  Child<nn::LayerList<Block>> blocks{*this, "blocks"};
  Model() {
    blocks.emplace();
    blocks.emplace();
  }
  Value forward(Value x) {
    x = first(x);
    for (Block &block : blocks)
      x = block(x);
    return x;
  }
};

Names weight_names(nn::LayerBase &model) {
  Names names;
  for (const auto &[name, weight] : model.raw_state_dict())
    names.push_back(name);
  return names;
}
template <class T> Names names(const nn::Named<T> &list) {
  Names names;
  for (const auto &[name, item] : list)
    names.push_back(name);
  return names;
}

} // namespace

TEST_CASE("a layer takes the place of another, of its class or not") {
  Model model;
  Tuned &tuned = model.replace_layer("first", std::make_unique<Tuned>());
  CHECK(tuned.path() == "first");
  CHECK(tuned.parent() == &model);
  CHECK(model.first.parent() == nullptr);
  CHECK(model.sublayers()[0] == std::pair<std::string, nn::LayerBase *>("first", &tuned));
  CHECK(weight_names(model) == Names{"first.base.weight", "first.down.weight", "first.up.weight",
                                     "blocks.0.proj.weight", "blocks.1.proj.weight"});
  auto &wide = model.replace_layer("blocks.1.proj", std::make_unique<nn::Linear>(4, 8));
  std::string text = Graph("f", model, {vector4}).text();
  CHECK(contains(text, "varve.layer \"first\" : \"Tuned\""));
  CHECK(contains(text, "varve.layer \"base\" : \"Linear\""));
  CHECK(contains(text, "varve.weight @blocks.1.proj.weight : tensor<8x4xf32>"));
  CHECK(wide.used_in() == "f");

  auto &again = model.replace_layer("first", std::make_unique<nn::Linear>(4, 4, nn::LinearOptions{.bias = true}));
  CHECK(again.path() == "first");
  CHECK(contains(Graph("f", model, {vector4}).text(), "varve.use @first.bias"));
}

TEST_CASE("a layer of a list is replaced in the list") {
  Model model;
  auto block = std::make_unique<Block>();
  Block *fresh = block.get();
  CHECK(&model.replace_layer("blocks.0", std::move(block)) == fresh);
  CHECK(&model.blocks[0] == fresh);
  CHECK(model.blocks[0].path() == "blocks.0");
  model.replace_layer("blocks.1", std::make_unique<nn::ReLU>()); // no Block: it is called in the place of one
  CHECK(weight_names(model) == Names{"first.weight", "blocks.0.proj.weight"});
  CHECK(contains(Graph("f", model, {vector4}).text(), "varve.layer \"blocks.1\" : \"ReLU\""));
  model.blocks.append(std::make_unique<Block>());
  CHECK(model.blocks.sublayers()[1].second->kind() == "ReLU");
  CHECK(weight_names(model) == Names{"first.weight", "blocks.0.proj.weight", "blocks.2.proj.weight"});
  std::unique_ptr<Block> out = model.blocks.erase(1);
  CHECK(weight_names(model) == Names{"first.weight", "blocks.0.proj.weight", "blocks.1.proj.weight"});
  CHECK(model.replace_layer("blocks.1", std::make_unique<Block>()).path() == "blocks.1");
}

TEST_CASE("what cannot take a layer's place is refused") {
  Model model;
  CHECK(contains(error_of([&] { model.replace_layer("frist", std::make_unique<nn::ReLU>()); }),
                 "expects the name of a layer in Model, but got 'frist'; nearest: 'first'"));
  CHECK(contains(error_of([&] { model.replace_layer("blocks.7", std::make_unique<nn::ReLU>()); }),
                 "in layer 'blocks': expects the name of a layer in LayerList, but got '7'"));
  CHECK(contains(error_of([&] { model.replace_layer("", std::make_unique<nn::ReLU>()); }),
                 "expects the name of a layer in Model, but got ''"));
  CHECK(contains(error_of([&] { model.replace_layer("first", std::unique_ptr<nn::ReLU>()); }),
                 "expects a layer, but got none"));
  model.replace_layer("first", std::make_unique<Pair>());
  CHECK(
      contains(error_of([&] { Graph("f", model, {vector4}); }),
               "expects a layer in the place of 'first' that takes the 1 arguments that Linear is called with, but got "
               "a Pair that does not"));
  model.replace_layer("first", std::make_unique<Two>());
  CHECK(contains(error_of([&] { Graph("f", model, {vector4}); }),
                 "expects a layer in the place of 'first' that returns what Linear does, but got a Two that does not"));
}

TEST_CASE("a stand-in may have defaults, and take what is no value") {
  struct Scaled : nn::Layer<Scaled> {
    Value forward(Value x, double factor) { return x * factor; }
  };
  struct Shifted : nn::Layer<Shifted> {
    Value forward(const Value &x, double by, int times = 2) { return x + by * times; }
  };
  struct Root : nn::Layer<Root> {
    Child<Scaled> scaled{*this, "scaled"};
    Value forward(Value x) { return scaled(x, 0.5); }
  } root;
  root.replace_layer("scaled", std::make_unique<Shifted>());
  CHECK(contains(Graph("f", root, {vector4}).text(), "varve.constant dense<1.000000e+00>"));
}

TEST_CASE("sharing, replacing and giving values work in any order") {
  struct Tied : nn::Layer<Tied> {
    Child<nn::Embedding> embed{*this, "embed", 6, 4};
    Child<nn::Linear> head{*this, "head", 4, 6};
    Value forward(Value ids) { return head(embed(ids)); }
  };
  const TensorType ids = tensor_type(i64, {"n"});
  Tied model;
  model.head.set_shared_weight("weight", model.embed.weight);
  model.load_state_dict({{"embed.weight", filled({6, 4}, 2)}});
  model.replace_layer("embed", std::make_unique<nn::Embedding>(9, 4));
  CHECK(weight_names(model) == Names{"embed.weight", "head.weight"}); // the head keeps what it had
  CHECK(model.head.weight.value().to_vector<float>()[0] == 2);
  CHECK(model.head.weight.path() == "head.weight");
  Graph graph("f", model, {ids});
  CHECK(contains(graph.text(), "varve.weight @embed.weight : tensor<9x4xf32>"));
  CHECK(contains(graph.text(), "varve.weight @head.weight : tensor<6x4xf32>"));

  Tied other;
  auto &fresh = other.replace_layer("head", std::make_unique<nn::Linear>(4, 6));
  fresh.set_shared_weight("weight", other.embed.weight);
  other.load_state_dict({{"head.weight", filled({6, 4}, 5)}});
  CHECK(other.embed.weight.value().to_vector<float>()[0] == 5);
  CHECK(weight_names(other) == Names{"embed.weight"});
}

TEST_CASE("a borrowed layer is listed once, and loaded under any of its names") {
  struct Encoder : nn::Layer<Encoder> {
    Child<nn::Embedding> tokens{*this, "tokens", 6, 4};
  };
  struct Decoder : nn::Layer<Decoder> {
    Shared<nn::Embedding> tokens;
    Child<nn::Linear> proj{*this, "proj", 4, 4};
    explicit Decoder(nn::Embedding &tokens) : tokens(*this, "tokens", tokens) {}
    Value forward(Value ids) { return proj((*tokens)(ids)); }
  };
  struct Root : nn::Layer<Root> {
    std::unique_ptr<Encoder> made = std::make_unique<Encoder>();
    Child<Decoder> decoder{*this, "decoder", made->tokens};
    Child<nn::LayerList<Encoder>> encoders{*this, "encoders"};
    Root() { encoders.append(std::move(made)); }
    Value forward(Value ids) { return decoder(ids); }
  } root;
  CHECK(weight_names(root) == Names{"decoder.proj.weight", "encoders.0.tokens.weight"});
  CHECK(names(root.recursive_named_layers()) ==
        Names{"", "decoder", "encoders", "decoder.proj", "encoders.0", "encoders.0.tokens"});
  CHECK(weight_names(root.decoder) == Names{"tokens.weight", "proj.weight"});
  CHECK(names(root.decoder.recursive_named_layers()) == Names{"", "tokens", "proj"});
  for (const char *name : {"decoder.tokens.weight", "encoders.0.tokens.weight"}) {
    nn::LoadReport report =
        root.load_state_dict({{name, filled({6, 4}, 2)}, {"decoder.proj.weight", filled({4, 4}, 1)}});
    CHECK(report.ties == std::vector<Names>{{"encoders.0.tokens.weight", "decoder.tokens.weight"}});
  }
  CHECK(root.decoder.tokens->path() == "encoders.0.tokens");
  Graph graph("f", root, {tensor_type(i64, {"n"})});
  CHECK(contains(graph.text(), "varve.use @encoders.0.tokens.weight"));
  CHECK(contains(error_of([&] { root.replace_layer("decoder.tokens", std::make_unique<nn::Embedding>(6, 4)); }),
                 "in layer 'decoder': expects a layer that is a part of Decoder, but got 'decoder.tokens', which is "
                 "'encoders.0.tokens' of another one: replace it there"));
  root.encoders.clear();
  CHECK(names(root.decoder.sublayers()) == Names{"proj"}); // its owner is gone
}

TEST_CASE("a layer borrows none that it is a part of") {
  struct Inner : nn::Layer<Inner> {
    std::optional<Shared<nn::LayerBase>> above;
  };
  struct Outer : nn::Layer<Outer> {
    Child<Inner> inner{*this, "inner"};
  } outer;
  CHECK(
      contains(error_of([&] { outer.inner.above.emplace(outer.inner, "above", static_cast<nn::LayerBase &>(outer)); }),
               "expects a layer that this one is no part of, but got one above it"));
}

TEST_CASE("a layer may keep its name out of those of its weights") {
  struct Fused : nn::Layer<Fused> {
    Weight scale{*this, "scale", f32, {4}};
    Child<nn::Linear> q_proj{*this, "q_proj", 4, 4}, k_proj{*this, "k_proj", 4, 4};
    Fused() { omit_name(); }
    Value forward(Value x) { return q_proj(x) + k_proj(x) * scale; }
  };
  struct Attention : nn::Layer<Attention> {
    Child<Fused> qkv{*this, "qkv"};
    Child<nn::Linear> o_proj{*this, "o_proj", 4, 4};
    Value forward(Value x) { return o_proj(qkv(x)); }
  };
  struct Root : nn::Layer<Root> {
    Child<Attention> attn{*this, "attn"};
    Value forward(Value x) { return attn(x); }
  } root;
  CHECK(weight_names(root) == Names{"attn.scale", "attn.q_proj.weight", "attn.k_proj.weight", "attn.o_proj.weight"});
  CHECK(names(root.recursive_named_layers()) ==
        Names{"", "attn", "attn.qkv", "attn.o_proj", "attn.q_proj", "attn.k_proj"});
  CHECK(root.attn.qkv.q_proj.weight.path() == "attn.q_proj.weight");
  CHECK(root.attn.qkv.q_proj.path() == "attn.qkv.q_proj");
  std::string text = Graph("f", root, {vector4}).text();
  CHECK(contains(text, "varve.use @attn.q_proj.weight"));
  CHECK(contains(text, "varve.layer \"qkv\" : \"Fused\""));

  struct Clash : nn::Layer<Clash> {
    Weight scale{*this, "scale", f32, {4}};
    Child<Fused> qkv{*this, "qkv"};
    Value forward(Value x) { return qkv(x) * scale; }
  };
  struct Around : nn::Layer<Around> {
    Child<Clash> inner{*this, "inner"};
    Value forward(Value x) { return inner(x); }
  } clash;
  CHECK(contains(error_of([&] { clash.raw_state_dict(); }),
                 "expects weights of different full names, but got 'inner.scale' of 'inner' and of 'inner.qkv', which "
                 "keeps its name out"));
  CHECK(contains(error_of([&] { Graph("f", clash, {vector4}); }),
                 "expects weights of different names in a graph, but got 'inner.scale' of layer"));
}

TEST_CASE("lists are sliced, cut and emptied") {
  Model model;
  model.blocks.emplace();
  Names paths;
  for (Block &block : model.blocks.slice(1, 3))
    paths.push_back(block.path());
  CHECK(paths == Names{"blocks.1", "blocks.2"});
  CHECK(model.blocks.slice(1, 1).empty());
  CHECK(contains(error_of([&] { (void)model.blocks.slice(2, 4); }), "expects a range inside [0, 3), but got [2, 4)"));
  CHECK(contains(error_of([&] { (void)model.blocks.slice(2, 1); }), "expects a range inside [0, 3), but got [2, 1)"));
  Block &last = model.blocks[2];
  CHECK(model.blocks.erase(0, 2).size() == 2);
  CHECK(last.path() == "blocks.0");
  auto other = std::make_unique<Block>();
  std::unique_ptr<Block> old = model.blocks.replace(0, std::move(other));
  CHECK(old.get() == &last);
  CHECK(old->parent() == nullptr);
  CHECK(names(model.blocks.sublayers()) == Names{"0"});
  std::vector<std::unique_ptr<Block>> more;
  more.push_back(std::make_unique<Block>());
  more.push_back(nullptr);
  CHECK(contains(error_of([&] { model.blocks.extend(std::move(more)); }), "expects a layer, but got none"));
  CHECK(model.blocks.size() == 1); // all or nothing
  model.blocks.clear();
  CHECK(names(model.sublayers()) == Names{"first", "blocks"});
  CHECK(weight_names(model) == Names{"first.weight"});
}
