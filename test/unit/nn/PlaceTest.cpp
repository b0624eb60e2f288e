// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where layers run, how weights are split there, and what a graph says of it.
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType matrix = tensor_type(f32, {"seq", 8});

struct Block : nn::Layer<Block> {
  Child<nn::RMSNorm> norm{*this, "norm", 8};
  Child<nn::MLP> mlp{*this, "mlp", 8, 12, {.bias = true}};
  Value forward(Value x) { return x + mlp(norm(x)); }
};

struct Model : nn::Layer<Model> {
  Child<nn::LayerList<Block>> blocks{*this, "blocks"};
  Child<nn::Linear> head{*this, "head", 8, 4};
  explicit Model(int count = 2) {
    for (int i = 0; i < count; ++i)
      blocks.emplace();
  }
  Value forward(Value x) {
    for (Block &block : blocks)
      x = block(x);
    return head(x);
  }
};

// A mixture of experts as an author writes it: every expert's weights in one, split by expert.
struct Experts : nn::Layer<Experts> {
  Child<nn::Linear> router{*this, "router", 8, 4};
  Weight up{*this, "up", f32, {4, 8, 8}};
  Value forward(Value x) { return router(x); }

protected:
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override {
    if (sharding.kind() == Sharding::Kind::expert_parallel && part == "up")
      return Sharding::axiswise(0);
    return {};
  }
};

const std::vector<Device> two = {cuda(0), cuda(1)};

// The lines of a text that hold a word, without what stands before and after.
std::vector<std::string> lines_with(const std::string &text, const std::string &word) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    if (contains(line, word))
      lines.push_back(line.substr(line.find_first_not_of(' ')));
    begin = end + 1;
  }
  return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a model that was never placed says nothing of places") {
  Model model;
  CHECK(model.head.weight.devices().empty());
  CHECK(model.head.weight.device() == cpu(0));
  CHECK(model.head.weight.sharding() == Sharding::replicate());
  std::string text = Graph("f", model, {matrix}).text();
  CHECK_FALSE(contains(text, "mesh"));
  CHECK_FALSE(contains(text, "sharding"));
  CHECK_FALSE(contains(text, " on @"));
}

TEST_CASE("one device: a mesh with its name, the graph on it, every weight whole") {
  Model model(1);
  model.to({cpu(0)});
  CHECK(model.blocks[0].mlp.down_proj.weight.device() == cpu(0));
  CHECK(model.blocks[0].mlp.down_proj.weight.devices() == std::vector<Device>{cpu(0)});
  std::string text = Graph("f", model, {matrix}).text();
  CHECK(lines_with(text, "varve.mesh") == Lines{R"(varve.mesh @cpu_0 <model = 1> ["cpu:0"])"});
  CHECK(contains(text, "varve.weight @head.weight : tensor<4x8xf32> sharding<@cpu_0, [{}, {}]>"));
  CHECK(contains(text, "varve.weight @blocks.0.norm.weight : tensor<8xf32> sharding<@cpu_0, [{}]>"));
  CHECK(lines_with(text, " on @").size() == 1); // the graph; its layers are where it is
  CHECK(contains(lines_with(text, " on @")[0], "varve.graph @f("));
}

TEST_CASE("tensor_parallel: the MLP's rows, then its columns; what has no meaning of its own is whole") {
  Model model(1);
  model.to(two, Sharding::tensor_parallel(2));
  CHECK(model.blocks[0].mlp.up_proj.weight.sharding() == Sharding::rowwise());
  CHECK(model.blocks[0].mlp.down_proj.weight.sharding() == Sharding::columnwise());
  CHECK(model.blocks[0].mlp.down_proj.bias->sharding() == Sharding::replicate());
  CHECK(model.head.weight.devices() == two);
  std::string graph = R"(varve.graph @f(%arg0: tensor<?x8xf32, #dims> {varve.name = "x"}) -> )"
                      R"((tensor<?x4xf32, #dims1> {varve.name = "output"}) on @mesh {)";
  CHECK(lines_with(Graph("f", model, {matrix}).text(), "@mesh") ==
        Lines{R"(varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"])",
              "varve.weight @blocks.0.norm.weight : tensor<8xf32> sharding<@mesh, [{}]>",
              "varve.weight @blocks.0.mlp.gate_proj.weight : tensor<12x8xf32> sharding<@mesh, [{model}, {}]>",
              "varve.weight @blocks.0.mlp.gate_proj.bias : tensor<12xf32> sharding<@mesh, [{model}]>",
              "varve.weight @blocks.0.mlp.up_proj.weight : tensor<12x8xf32> sharding<@mesh, [{model}, {}]>",
              "varve.weight @blocks.0.mlp.up_proj.bias : tensor<12xf32> sharding<@mesh, [{model}]>",
              "varve.weight @blocks.0.mlp.down_proj.weight : tensor<8x12xf32> sharding<@mesh, [{}, {model}]>",
              "varve.weight @blocks.0.mlp.down_proj.bias : tensor<8xf32> sharding<@mesh, [{}]>",
              "varve.weight @head.weight : tensor<4x8xf32> sharding<@mesh, [{}, {}]>", graph});
}

TEST_CASE("tensor_parallel: attention's heads stay whole, and those that share keys stay together") {
  nn::Attention attention(24, {.heads = 6, .kv_heads = 3, .bias = true, .out_bias = true});
  attention.to(two, Sharding::tensor_parallel());
  std::string text = Graph("f", attention, {tensor_type(f32, {1, "seq", 24})}).text();
  CHECK(lines_with(text, "varve.weight") ==
        Lines{"varve.weight @q_proj.weight : tensor<24x24xf32> sharding<@mesh, [{model : 3x8}, {}]>",
              "varve.weight @q_proj.bias : tensor<24xf32> sharding<@mesh, [{model : 3x8}]>",
              "varve.weight @k_proj.weight : tensor<12x24xf32> sharding<@mesh, [{model : 3x4}, {}]>",
              "varve.weight @k_proj.bias : tensor<12xf32> sharding<@mesh, [{model : 3x4}]>",
              "varve.weight @v_proj.weight : tensor<12x24xf32> sharding<@mesh, [{model : 3x4}, {}]>",
              "varve.weight @v_proj.bias : tensor<12xf32> sharding<@mesh, [{model : 3x4}]>",
              "varve.weight @o_proj.weight : tensor<24x24xf32> sharding<@mesh, [{}, {model : 3x8}]>",
              "varve.weight @o_proj.bias : tensor<24xf32> sharding<@mesh, [{}]>"});
}

TEST_CASE("splits along an axis are for every weight that has it") {
  nn::Linear columns(8, 4, {.bias = true}), rows(8, 4, {.bias = true}), segments(8, 6);
  columns.to(two, Sharding::columnwise());
  CHECK(lines_with(Graph("f", columns, {matrix}).text(), "varve.weight") ==
        Lines{"varve.weight @weight : tensor<4x8xf32> sharding<@mesh, [{}, {model}]>",
              "varve.weight @bias : tensor<4xf32> sharding<@mesh, [{}]>"});
  rows.to(two, Sharding::axiswise(-2));
  CHECK(rows.bias->sharding() == Sharding::replicate());
  rows.to(two, Sharding::rowwise());
  CHECK(lines_with(Graph("f", rows, {matrix}).text(), "varve.weight") ==
        Lines{"varve.weight @weight : tensor<4x8xf32> sharding<@mesh, [{model}, {}]>",
              "varve.weight @bias : tensor<4xf32> sharding<@mesh, [{model}]>"});
  segments.to(two, Sharding::gate_up(3));
  CHECK(lines_with(Graph("f", segments, {matrix}).text(), "varve.weight") ==
        Lines{"varve.weight @weight : tensor<6x8xf32> sharding<@mesh, [{model : 3x1, 3x1}, {}]>"});
}

TEST_CASE("a layer below may be elsewhere: the later call counts") {
  Model model(3);
  model.blocks[1].to({cuda(1)});
  CHECK(model.head.weight.devices().empty());
  model.to({cuda(0)}); // of all below
  CHECK(model.blocks[1].norm.weight.device() == cuda(0));
  model.blocks[1].to({cuda(1)});
  model.blocks[1].mlp.to({cpu(2)});
  model.blocks[2].mlp.up_proj.to(two);
  model.blocks.emplace(); // is where the list is
  CHECK(model.blocks[1].norm.weight.device() == cuda(1));
  CHECK(model.blocks[1].mlp.up_proj.weight.device() == cpu(2));
  CHECK(model.blocks[2].mlp.up_proj.weight.devices() == two);
  CHECK(model.blocks[3].mlp.up_proj.weight.device() == cuda(0));
  std::string text = Graph("f", model, {matrix}).text();
  CHECK(lines_with(text, "varve.mesh") ==
        Lines{R"(varve.mesh @cuda_0 <model = 1> ["cuda:0"])", R"(varve.mesh @cuda_1 <model = 1> ["cuda:1"])",
              R"(varve.mesh @cpu_2 <model = 1> ["cpu:2"])", R"(varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"])"});
  Lines placed = lines_with(text, ") on @");
  CHECK(placed.size() == 1);
  CHECK(contains(placed.at(0), "on @cuda_0 {"));
  Lines layers = lines_with(text, "> on @");
  REQUIRE(layers.size() == 3);
  CHECK(contains(layers[0], R"(varve.layer "blocks.1" : "Block" -> )"));
  CHECK(contains(layers[0], "on @cuda_1 {"));
  CHECK(contains(layers[1], R"(varve.layer "mlp" : "MLP" -> )"));
  CHECK(contains(layers[1], "on @cpu_2 {"));
  CHECK(contains(layers[2], R"(varve.layer "up_proj" : "Linear" -> )"));
  CHECK(contains(layers[2], "on @mesh {"));
  CHECK(contains(text, "@blocks.3.norm.weight : tensor<8xf32> sharding<@cuda_0, [{}]>"));
}

TEST_CASE("layers of a graph of a function are where they were placed, and a part's graph where its model was") {
  Model model(1);
  model.to({cuda(0)});
  nn::Linear other(8, 8);
  Graph graph("f", [&](Value x) { return model.blocks[0](other(x)); }, {matrix});
  Lines placed = lines_with(graph.text(), "> on @");
  REQUIRE(placed.size() == 1);
  CHECK(contains(placed[0], R"(varve.layer "blocks.0" : "Block" -> )"));
  CHECK(lines_with(graph.text(), "varve.graph @f") == lines_with(graph.text(), "varve.graph"));
  CHECK(contains(Graph("g", model.blocks[0], {matrix}).text(), "{varve.name = \"output\"}) on @cuda_0 {"));
}

TEST_CASE("a shared weight is where its owner is") {
  struct Tied : nn::Layer<Tied> {
    Child<nn::Embedding> embed{*this, "embed", 16, 8};
    Child<nn::Linear> head{*this, "head", 8, 16};
    Value forward(Value ids) { return head(embed(ids)); }
  } tied;
  tied.head.set_shared_weight("weight", tied.embed.weight);
  tied.embed.to({cuda(1)});
  tied.head.to(two, Sharding::columnwise());
  CHECK(tied.head.weight.device() == cuda(1));
  CHECK(contains(Graph("f", tied, {tensor_type(i64, {"seq"})}).text(),
                 "@embed.weight : tensor<16x8xf32> sharding<@cuda_1, [{}, {}]>"));
}

TEST_CASE("names of meshes give way to those of weights and graphs") {
  struct Named : nn::Layer<Named> {
    Weight mesh{*this, "mesh", f32, {8}}, device{*this, "cpu_0", f32, {8}};
    Child<nn::Linear> first{*this, "first", 8, 8}, second{*this, "second", 8, 8};
    Value forward(Value x) { return second(first(x * mesh + device)); }
  } named;
  named.to({cpu(0)});
  named.first.to({cuda(0), cuda(1)});
  named.second.to({cuda(1), cuda(0)});
  std::string text = Graph("mesh_1", named, {matrix}).text();
  CHECK(lines_with(text, "varve.mesh") == Lines{R"(varve.mesh @cpu_0_1 <model = 1> ["cpu:0"])",
                                                R"(varve.mesh @mesh_2 <model = 2> ["cuda:0", "cuda:1"])",
                                                R"(varve.mesh @mesh_3 <model = 2> ["cuda:1", "cuda:0"])"});
  CHECK(contains(text, "varve.weight @cpu_0 : tensor<8xf32> sharding<@cpu_0_1, [{}]>"));
}

TEST_CASE("expert_parallel is what an author's layer says it is") {
  struct Moe : nn::Layer<Moe> {
    Child<nn::MLP> dense{*this, "dense", 8, 12};
    Child<Experts> experts{*this, "experts"};
    Value forward(Value x) { return experts(dense(x)); }
  } moe;
  moe.to(two, Sharding::expert_parallel());
  CHECK(moe.experts.up.sharding() == Sharding::axiswise(0));
  CHECK(moe.experts.router.weight.sharding() == Sharding::replicate());
  CHECK(moe.dense.up_proj.weight.sharding() == Sharding::replicate());
  CHECK(
      contains(error_of([&] { moe.dense.to(two, Sharding::expert_parallel()); }),
               "error: in layer 'dense': expects a layer that gives expert_parallel a meaning, but got none: override "
               "sharding_of(part, sharding) in the layer that has the experts"));
  moe.experts.router.to({cpu(0)});
  CHECK(moe.experts.router.weight.device() == cpu(0));
  CHECK(moe.experts.up.device() == cuda(0));
}

TEST_CASE("what a layer says must be possible") {
  struct Says : nn::Layer<Says> {
    explicit Says(Sharding said) : said(std::move(said)) {}
    Sharding said;
    Child<nn::RMSNorm> norm{*this, "norm", 8};
    Weight bias{*this, "bias", f32, {8}};
    std::string_view about;

  protected:
    std::optional<Sharding> sharding_of(std::string_view part, const Sharding &) const override {
      return part == about ? std::optional(said) : std::nullopt;
    }
  };
  auto error = [](Sharding said, std::string_view about) {
    Says layer(std::move(said));
    layer.about = about;
    return error_of([&] { layer.to(two, Sharding::tensor_parallel()); });
  };
  CHECK(contains(error(Sharding::columnwise(), "bias"), "error: expects a weight with axis 1, but got shape [8], for "
                                                        "weight 'bias' of type f32 [8], columnwise on 2 devices"));
  CHECK(contains(error(Sharding::expert_parallel(), "bias"), "error: expects a sharding that says how weight 'bias' is "
                                                             "split, but got expert_parallel from sharding_of"));
  CHECK(contains(
      error(Sharding::columnwise(), "norm"),
      "error: in layer 'norm': expects a weight with axis 1 for columnwise, but got 'weight' of type f32 [8]"));
  CHECK(contains(error(Sharding::rowwise(3), "norm"),
                 "error: in layer 'norm': expects the number of devices that a sharding is made for, 3, but got 2, for "
                 "weight 'weight' of type f32 [8], rowwise for 3 devices on 2 devices"));
  CHECK(error(Sharding::rowwise(2), "norm") == "(no error)");
}

TEST_CASE("a call that throws has changed nothing, and says layer, line, what was expected and what was found") {
  Model model(1);
  model.to({cuda(3)});
  model.blocks[0].mlp.to({cuda(2)});
  auto error = [&](const std::vector<Device> &devices, const Sharding &sharding) {
    std::string text = error_of([&] { model.to(devices, sharding); });
    CHECK(contains(text, "PlaceTest.cpp:"));
    CHECK(model.head.weight.device() == cuda(3));
    CHECK(model.blocks[0].mlp.up_proj.weight.device() == cuda(2));
    return text.substr(text.find("error: "));
  };
  CHECK(error({}, Sharding::replicate()) == "error: expects at least one device, but got none");
  CHECK(error({cuda(0), cuda(1), cuda(0)}, Sharding::replicate()) ==
        "error: expects different devices, but got cuda:0 twice");
  CHECK(error({cuda(-1)}, Sharding::replicate()) == "error: expects devices such as cpu:0 or cuda:1, but got cuda:-1");
  CHECK(error(two, Sharding::tensor_parallel(4)) ==
        "error: expects as many devices as the sharding is made for, but got 2 and tensor_parallel for 4 devices");
  CHECK(error(two, Sharding::axiswise(2)) ==
        "error: expects a weight with axis 2 for axiswise(2), but got 'blocks.0.norm.weight' of type f32 [8], "
        "'blocks.0.mlp.gate_proj.weight' of type f32 [12, 8], 'blocks.0.mlp.gate_proj.bias' of type f32 [12], "
        "'blocks.0.mlp.up_proj.weight' of type f32 [12, 8], 'blocks.0.mlp.up_proj.bias' of type f32 [12], "
        "'blocks.0.mlp.down_proj.weight' of type f32 [8, 12], 'blocks.0.mlp.down_proj.bias' of type f32 [8], "
        "'head.weight' of type f32 [4, 8]");
  CHECK(error({cuda(0), cuda(1), cuda(2), cuda(3), cuda(4)}, Sharding::rowwise()) ==
        "error: in layer 'head': expects at least one unit for each of 5 devices, but got 4 units of 1 element, for "
        "weight 'weight' of type f32 [4, 8], rowwise on 5 devices");
  CHECK(error(two, Sharding::gate_up(4)) == "error: in layer 'head': expects segments of 4 elements in all, but got "
                                            "4x1, 4x1, which are 8, for weight 'weight' "
                                            "of type f32 [4, 8], segmented(0, [4, 4]) on 2 devices");
  nn::ReLU nothing;
  nothing.to(two, Sharding::rowwise()); // no weight, nothing to split
}

TEST_CASE("once a graph has used a layer, it stays where it is") {
  Model model(1);
  nn::Linear apart(8, 8);
  CHECK(contains(error_of([&] { Graph("failed", [&](Value x) { return reshape(model.head(x), {3}); }, {matrix}); }),
                 "error"));
  model.to({cuda(0)});
  Graph decode("decode", [&](Value x) { return model.blocks[0].norm(x) + apart.weight.use(); },
               {tensor_type(f32, {8, 8})});
  auto error = [&](nn::LayerBase &layer) {
    std::string text = error_of([&] { layer.to({cpu(0)}); });
    return text == "(no error)" ? text : text.substr(text.find("error: "));
  };
  std::string used = "expects a layer that no graph has used, but got one that graph 'decode' has used";
  CHECK(error(model) == "error: in layer 'blocks.0.norm': " + used);
  CHECK(error(model.blocks[0]) == "error: in layer 'blocks.0.norm': " + used);
  CHECK(error(apart) ==
        "error: expects weights that no graph has used, but got 'weight', which graph 'decode' has used");
  CHECK(error(model.head) == "(no error)");
  CHECK(error(model.blocks[0].mlp) == "(no error)");
  CHECK(model.blocks[0].norm.weight.device() == cuda(0));

  // While a graph is recorded, too.
  std::string inside;
  Graph now("now",
            [&](Value x) {
              Value y = model.head(x);
              inside = error(model.head);
              return y;
            },
            {matrix});
  CHECK(inside ==
        "error: in layer 'head': expects a layer that no graph has used, but got one that graph 'now' has used");
}

TEST_CASE("a part that no longer fits is told when a graph uses it") {
  struct Rows : nn::Layer<Rows> {
    Child<nn::LayerList<nn::Linear>> list{*this, "list"};
    Value forward(Value x) {
      for (nn::Linear &linear : list)
        x = linear(x);
      return x;
    }
  } rows;
  rows.to({cuda(0), cuda(1)}, Sharding::rowwise());
  rows.list.emplace(8, 8);
  rows.list.emplace(8, 1);
  CHECK(contains(
      error_of([&] { Graph("f", rows, {matrix}); }),
      "error: in layer 'list.1': expects at least one unit for each of 2 devices, but got 1 unit of 1 element, "
      "for weight 'weight' of type f32 [1, 8], rowwise on 2 devices"));
}
