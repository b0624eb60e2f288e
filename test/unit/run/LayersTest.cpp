// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What layers compute against PyTorch's, with static and named sizes, on one thread and on two.
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;
using test::difference;

namespace {

const std::string data = VARVE_LAYERS_DATA;

template <class Model> void load(Model &model, const std::string &name) {
  // PyTorch's checkpoints count the batches that a norm has seen.
  auto rules = weights::Rules::parse(R"({"rules": [{"from": "*.num_batches_tracked", "to": [], "optional": true}]})");
  model.load_state_dict(weights::open(data + "/" + name + ".safetensors"), {.renames = rules});
}

template <class Model> void check(const std::string &name, std::vector<Shape> shapes) {
  Tensor input = load_npy(data + "/" + name + "-input.npy"), expected = load_npy(data + "/" + name + "-expected.npy");
  for (const Shape &shape : shapes) {
    INFO(name << " " << shape_text(shape));
    Model model;
    load(model, name);
    Executable exe = compile(Graph("f", model, {tensor_type(f32, shape)}));
    Tensor one = Session(exe, {.threads = 1}).run({input})[0], two = Session(exe, {.threads = 2}).run({input})[0];
    CHECK(one.shape() == expected.shape());
    CHECK(difference(one.to_vector<float>(), expected.to_vector<float>()) < 1e-5);
    CHECK(one.to_vector<float>() == two.to_vector<float>());
  }
}

struct Image : nn::Layer<Image> {
  Child<nn::Conv2d> conv1{*this, "conv1", 3, 8, {.kernel = {7}, .strides = {2}, .padding = {3}}};
  Child<nn::BatchNorm> bn1{*this, "bn1", 8};
  Child<nn::MaxPool> pool{*this, "pool", {.kernel = {3}, .strides = {2}, .padding = {1}}};
  Child<nn::Conv2d> conv2{*this, "conv2", 8, 12, {.kernel = {3}, .padding = {1}, .groups = 4, .bias = true}};
  Child<nn::GroupNorm> norm{*this, "norm", 3, 12};
  Child<nn::ConvTranspose2d> up{*this, "up", 12, 6, {.kernel = {4}, .strides = {2}, .padding = {1}, .bias = true}};
  Child<nn::InstanceNorm> instance{*this, "instance", 6, {.affine = true}};
  Child<nn::Upsample> larger{*this, "larger", {.mode = ResizeMode::linear, .scales = {1.5}}};
  Child<nn::AvgPool> mean{*this, "mean", {.kernel = {2}, .ceil_mode = true}};
  Child<nn::Dropout> drop{*this, "drop", 0.3};
  Child<nn::AdaptiveMaxPool> last{*this, "last", {.size = {3, 4}}};
  Value forward(Value x) {
    x = pool(relu(bn1(conv1(x))));
    x = instance(up(relu(norm(conv2(x)))));
    return last(drop(mean(larger(x))));
  }
};

struct Sequence : nn::Layer<Sequence> {
  Child<nn::Conv1d> conv{
      *this, "conv", 5, 8, {.kernel = {3}, .strides = {2}, .padding = {1}, .dilations = {2}, .bias = true}};
  Child<nn::BatchNorm> norm{*this, "norm", 8, {.epsilon = 1e-3, .affine = false}};
  Child<nn::ConvTranspose1d> up{*this, "up", 8, 4, {.kernel = {3}, .strides = {2}, .output_padding = {1}}};
  Child<nn::InstanceNorm> plain{*this, "plain", 4};
  Child<nn::AdaptiveAvgPool> mean{*this, "mean", {.size = {5}}};
  Value forward(Value x) { return mean(plain(up(relu(norm(conv(x)))))); }
};

struct Volume : nn::Layer<Volume> {
  Child<nn::Conv3d> conv{*this, "conv", 2, 4, {.kernel = {3}, .padding = {1}, .bias = true}};
  Child<nn::MaxPool> pool{*this, "pool", {.kernel = {2}}};
  Child<nn::GroupNorm> norm{*this, "norm", 2, 4, {.affine = false}};
  Child<nn::ConvTranspose3d> up{*this, "up", 4, 3, {.kernel = {2}, .strides = {2}, .bias = true}};
  Value forward(Value x) { return up(norm(pool(conv(x)))); }
};

struct Stacked : nn::Layer<Stacked> {
  Child<nn::StackedLinear> qk;
  explicit Stacked(bool fused = false)
      : qk(*this, "qk", 13, {.parts = {{"q_proj", 9}, {"k_proj", 5}}, .bias = true, .fused = fused}) {}
  Value forward(Value x) { return concat(qk(x), -1); }
};

struct Mamba : nn::Mamba {
  explicit Mamba(bool stateful = false) : nn::Mamba(24, {.state = 5, .rank = 3, .stateful = stateful}) {}
};

struct Partial : nn::Layer<Partial> {
  Child<nn::Attention> attention{*this, "attention", 36, {.heads = 3, .kv_heads = 1, .causal = true, .rotary_dim = 6}};
  Child<nn::RotaryEmbedding> rotary{*this, "rotary", 6};
  Value forward(Value x) { return attention(x, rotary(x.dim(1))); }
};

// Positions from 0 and from 32 on, as a dimension and as a value.
void check_rotary(const std::string &name, const nn::RopeScaling &scaling) {
  INFO(name);
  std::vector<float> expected = load_npy(data + "/rope/rotary-" + name + ".npy").to_vector<float>(), made, computed;
  nn::RotaryEmbedding rotary(24, {.scaling = scaling});
  auto both = [](nn::Rotation rotation) { return stack({rotation.cos, rotation.sin}); };
  TensorType seq = tensor_type(f32, {"seq"});
  Executable named =
      compile(Graph("f", [&](Value x) { return both(rotary(x.dim(0), "past")); }, {seq, dim_input("past")}));
  Executable valued = compile(
      Graph("f", [&](Value x, Value past) { return both(rotary(x.dim(0), past)); }, {seq, tensor_type(i64, {})}));
  for (int64_t past : {0, 32}) {
    std::vector<Tensor> inputs = {Tensor::zeros(f32, {7}), Tensor::from<int64_t>({}, {past})};
    for (auto [exe, values] : {std::pair(&named, &made), std::pair(&valued, &computed)}) {
      std::vector<float> part = (*exe)(inputs)[0].to_vector<float>();
      values->insert(values->end(), part.begin(), part.end());
    }
  }
  CHECK(difference(made, expected) < 1e-5);
  CHECK(made == computed);
}

} // namespace

TEST_CASE("convolutions, norms and pooling of an image are PyTorch's") {
  check<Image>("image", {{2, 3, 37, 43}, {"batch", 3, 37, 43}, {"batch", 3, "height", 43}, {2, 3, "height", "width"}});
}

TEST_CASE("convolutions and norms of a sequence are PyTorch's") {
  check<Sequence>("sequence", {{3, 5, 29}, {"batch", 5, "seq"}});
}

TEST_CASE("convolutions of a volume are PyTorch's") {
  check<Volume>("volume", {{1, 2, 7, 6, 9}, {"batch", 2, 7, "height", 9}, {1, 2, "depth", "height", "width"}});
}

TEST_CASE("stacked products are PyTorch's, of parts and fused") {
  check<Stacked>("stacked", {{3, 7, 13}, {"batch", "seq", 13}});
  Stacked fused(true);
  auto rules = weights::Rules::parse(R"({"rules": [{"from": ["q_proj.weight", "k_proj.weight"], "to": "qk.weight"},
                                                   {"from": ["q_proj.bias", "k_proj.bias"], "to": "qk.bias"}]})");
  fused.load_state_dict(weights::open(data + "/stacked.safetensors"), {.renames = rules});
  Tensor input = load_npy(data + "/stacked-input.npy"), expected = load_npy(data + "/stacked-expected.npy");
  Tensor made = compile(Graph("f", fused, {tensor_type(f32, {3, 7, 13})}))({input})[0];
  CHECK(difference(made.to_vector<float>(), expected.to_vector<float>()) < 1e-5);
}

TEST_CASE("a Mamba block is transformers', as a whole and in pieces") {
  check<Mamba>("mamba", {{1, 11, 24}, {"batch", "seq", 24}});
  Tensor input = load_npy(data + "/mamba-input.npy"), expected = load_npy(data + "/mamba-expected.npy");
  Mamba model(true);
  load(model, "mamba");
  Executable exe = compile(Graph("f", model, {tensor_type(f32, {1, "seq", 24})}));
  Session session(exe, {.threads = 2});
  std::vector<float> values = input.to_vector<float>();
  for (int round = 0; round < 2; ++round) { // the second from the beginning again
    std::vector<float> results;
    int64_t at = 0;
    for (int64_t piece : {4, 1, 1, 5}) {
      std::vector<float> part(values.begin() + at * 24, values.begin() + (at + piece) * 24);
      std::vector<float> made = session.run({Tensor::from<float>({1, piece, 24}, part)})[0].to_vector<float>();
      results.insert(results.end(), made.begin(), made.end());
      at += piece;
    }
    CHECK(difference(results, expected.to_vector<float>()) < 1e-5);
    session.reset();
  }
}

TEST_CASE("rotary positions are transformers', plain and scaled") {
  using Kind = nn::RopeScaling::Kind;
  std::vector<double> shorter, longer;
  for (int i = 0; i < 12; ++i) {
    shorter.push_back(1 + 0.125 * i);
    longer.push_back(1.5 + 0.5 * i);
  }
  check_rotary("default", {});
  check_rotary("linear", {.kind = Kind::linear, .factor = 2.5});
  check_rotary("dynamic", {.kind = Kind::dynamic, .factor = 3, .original_max_position_embeddings = 32});
  check_rotary("yarn", {.kind = Kind::yarn, .factor = 4, .original_max_position_embeddings = 32, .beta_fast = 2});
  check_rotary("yarn-mscale", {.kind = Kind::yarn,
                               .factor = 4,
                               .original_max_position_embeddings = 32,
                               .beta_fast = 3,
                               .beta_slow = 0.5,
                               .truncate = false,
                               .mscale = 0.7,
                               .mscale_all_dim = 0.9});
  check_rotary("longrope", {.kind = Kind::longrope,
                            .factor = 4,
                            .original_max_position_embeddings = 32,
                            .short_factor = shorter,
                            .long_factor = longer});
  check_rotary("llama3", {.kind = Kind::llama3, .factor = 8, .original_max_position_embeddings = 32});
}

TEST_CASE("a head that is rotated in part is transformers'") {
  check<Partial>("rope/partial", {{2, 11, 36}, {"batch", "seq", 36}});
}

TEST_CASE("an image that is too small is an error when the model runs") {
  struct Small : nn::Layer<Small> {
    Child<nn::Conv2d> conv{*this, "conv", 1, 1, {.kernel = {5}}};
    Value forward(Value x) { return conv(x); }
  } model;
  model.load_state_dict(StateDict(), {.strict = false, .zero_missing = true});
  Executable exe = compile(Graph("f", model, {tensor_type(f32, {1, 1, "h", 9})}));
  std::string error = test::error_of([&] { exe({Tensor::from<float>({1, 1, 4, 9}, std::vector<float>(36, 0))}); });
  CHECK(test::contains(error, "in layer 'conv': expects the padded input to hold a window in spatial dimension 0, but "
                              "got 5 and h = 4"));
}

TEST_CASE("a window of one element reads no more than that, whatever its stride") {
  // One window, in the first element of each row and column.
  auto strided = [](Value x, Value w) { return conv(x, w, {.strides = {3}}); };
  auto line = [](Value x) { return max_pool(x, {.kernel = {1}, .strides = {3}}); };
  std::vector<float> values;
  for (int i = 0; i < 18; ++i)
    values.push_back(static_cast<float>(i));
  Tensor weight = Tensor::from<float>({1, 2, 1, 1}, {1, 10});
  for (Shape shape : {Shape{1, 2, 3, 3}, Shape{1, 2, "h", "w"}}) {
    Executable exe = compile(Graph("f", strided, {tensor_type(f32, shape), tensor_type(f32, {1, 2, 1, 1})}));
    CHECK(exe({Tensor::from<float>({1, 2, 3, 3}, values), weight})[0].to_vector<float>() == std::vector<float>{90});
  }
  for (Shape shape : {Shape{1, 9, 2}, Shape{1, 9, "w"}}) {
    Executable exe = compile(Graph("f", line, {tensor_type(f32, shape)}));
    CHECK(exe({Tensor::from<float>({1, 9, 2}, values)})[0].to_vector<float>() ==
          std::vector<float>{0, 2, 4, 6, 8, 10, 12, 14, 16});
  }
}

namespace {

// Enough to be worth a function of its own.
struct Softened : nn::Layer<Softened> {
  Child<nn::BatchNorm> norm{*this, "norm", 2, {.affine = false}};
  Value forward(Value x) { return softmax(norm(x), 1) + x; }
};

struct Halves : nn::Layer<Halves> {
  Child<Softened> left{*this, "left"}, right{*this, "right"};
  Value forward(Value x) {
    Dim width = x.dim(2);
    return left(slice(x, 2, {.end = width - 1})) + right(slice(x, 2, {.begin = 1}));
  }
};

} // namespace

TEST_CASE("a part of a value is what a function that layers share takes it for") {
  Halves halves;
  for (Softened *each : {static_cast<Softened *>(&halves.left), static_cast<Softened *>(&halves.right)}) {
    each->norm.running_mean.set_value(Tensor::from<float>({2}, {0.5F, -1}));
    each->norm.running_var.set_value(Tensor::from<float>({2}, {1, 2}));
  }
  Tensor x = Tensor::from<float>({3, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 3, 5, 7, 9, 2, 4, 6, 8});
  Executable named = compile(Graph("f", halves, {tensor_type(f32, {"batch", 2, "width"})})),
             fixed = compile(Graph("f", halves, {tensor_type(f32, {3, 2, 3})}));
  CHECK(difference(named({x})[0].to_vector<float>(), fixed({x})[0].to_vector<float>()) < 1e-6);
}
