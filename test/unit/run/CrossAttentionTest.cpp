// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention to another sequence against PyTorch's, and the bias of positions against transformers'.
#include "varve/nn/CrossAttention.h"
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::difference;

namespace {

const std::string data = VARVE_LAYERS_DATA "/cross/";

std::vector<float> expected(const std::string &name) {
  return load_npy(data + name + "-expected.npy").to_vector<float>();
}

nn::CrossAttentionOptions with_biases(int64_t cache) {
  return {.heads = 3,
          .context_dim = 11,
          .q_bias = true,
          .k_bias = true,
          .v_bias = true,
          .out_bias = true,
          .cache = cache,
          .batch = 2};
}

} // namespace

TEST_CASE("attention to a context of another width, with padding, is PyTorch's") {
  nn::CrossAttention layer(15, with_biases(0));
  layer.load_state_dict(weights::open(data + "cross.safetensors"));
  Tensor x = load_npy(data + "cross-x.npy"), context = load_npy(data + "cross-context.npy"),
         mask = load_npy(data + "cross-mask.npy");
  auto forward = [&](Value x, Value context, Value mask) {
    return layer(x, context, reshape(mask, {mask.dim(0), 1, 1, mask.dim(1)}));
  };
  for (bool named : {false, true}) {
    Dim batch = named ? Dim("batch") : Dim(2), seq = named ? Dim("seq") : Dim(7), source = named ? Dim("s") : Dim(13);
    Executable exe = compile(Graph("f", forward,
                                   {tensor_type(f32, {batch, seq, 15}), tensor_type(f32, {batch, source, 11}),
                                    tensor_type(boolean, {batch, source})}));
    Tensor one = Session(exe, {.threads = 1}).run({x, context, mask})[0];
    Tensor two = Session(exe, {.threads = 2}).run({x, context, mask})[0];
    CHECK(difference(one.to_vector<float>(), expected("cross")) < 1e-5);
    CHECK(one.to_vector<float>() == two.to_vector<float>());
  }
}

TEST_CASE("keys and values of a context are kept, and read position by position") {
  nn::CrossAttention layer(15, with_biases(17));
  layer.load_state_dict(weights::open(data + "cross.safetensors"));
  TensorType x_type = tensor_type(f32, {2, "seq", 15}), context_type = tensor_type(f32, {2, "source", 11}),
             mask_type = tensor_type(boolean, {2, 1, 1, "source"});
  Graph fill("fill",
             [&](Value context) {
               layer.fill(context);
               return context;
             },
             {{"context", context_type}});
  Graph read("read", [&](Value x, Value mask) { return layer(x, Value(), mask); },
             {{"x", x_type}, {"mask", mask_type}});
  Graph both("both", [&](Value x, Value context, Value mask) { return layer(x, context, mask); },
             {{"x", x_type}, {"context", context_type}, {"mask", mask_type}});
  Graph plain("plain", [&](Value x) { return layer(x); }, {{"x", x_type}, dim_input("source")});
  Executable exe = compile({&fill, &read, &both, &plain});
  Tensor x = load_npy(data + "cross-x.npy"), context = load_npy(data + "cross-context.npy");
  Tensor mask = Tensor::from<bool>({2, 1, 1, 13}, load_npy(data + "cross-mask.npy").to_vector<bool>());
  auto values = x.to_vector<float>(), whole = expected("cross");

  Session session(exe, {.threads = 2});
  session.run("fill", {context});
  for (int64_t at = 0; at < 7; ++at) {
    std::vector<float> part, wanted;
    for (int64_t row = 0; row < 2; ++row) {
      int64_t begin = (row * 7 + at) * 15;
      part.insert(part.end(), values.begin() + begin, values.begin() + begin + 15);
      wanted.insert(wanted.end(), whole.begin() + begin, whole.begin() + begin + 15);
    }
    auto made = session.run("read", {Tensor::from<float>({2, 1, 15}, part), mask})[0].to_vector<float>();
    CHECK(difference(made, wanted) < 1e-5);
  }
  // A context that comes with the call is kept as well; of a shorter one later, only its own positions count.
  Session other(exe, {.threads = 2});
  CHECK(difference(other.run("both", {x, context, mask})[0].to_vector<float>(), whole) < 1e-5);
  CHECK(difference(other.run("read", {x, mask})[0].to_vector<float>(), whole) < 1e-5);
  auto all = context.to_vector<float>();
  std::vector<float> nine;
  for (int64_t row = 0; row < 2; ++row)
    nine.insert(nine.end(), all.begin() + row * 143, all.begin() + row * 143 + 99);
  other.run("fill", {Tensor::from<float>({2, 9, 11}, nine)});
  auto made = other.run("plain", {x, Tensor::from<int64_t>({}, {9})})[0].to_vector<float>();
  CHECK(difference({made.begin() + 105, made.end()}, {whole.begin() + 105, whole.end()}) < 1e-5);
  CHECK(test::contains(test::error_of([&] { other.run("plain", {x, Tensor::from<int64_t>({}, {18})}); }),
                       "but got source = 18 and 17"));
  CHECK(
      test::contains(test::error_of([&] { other.run("fill", {Tensor::zeros(f32, {2, 18, 11})}); }),
                     "expects a stored slice that ends inside dimension 1 of its buffer, but got source = 18 and 17"));
}

TEST_CASE("attention to a context with fewer heads of key and value, a scale and a mask of floats is PyTorch's") {
  nn::CrossAttention layer(13, {.heads = 4, .kv_heads = 2, .head_dim = 6, .context_dim = 9, .scale = 0.7});
  layer.load_state_dict(weights::open(data + "cross-grouped.safetensors"));
  Executable exe = compile(Graph("f", layer,
                                 {tensor_type(f32, {"batch", "seq", 13}), tensor_type(f32, {"batch", "source", 9}),
                                  tensor_type(f32, {1, 4, "seq", "source"})}));
  std::vector<Tensor> inputs;
  for (std::string name : {"x", "context", "mask"})
    inputs.push_back(load_npy(data + "cross-grouped-" + name + ".npy"));
  CHECK(difference(exe(inputs)[0].to_vector<float>(), expected("cross-grouped")) < 1e-5);
}

TEST_CASE("the bias of relative positions is transformers', near and far, before and behind") {
  auto load = [](nn::RelativePositionBias &layer, const std::string &name) {
    layer.load_state_dict(weights::open(data + name + ".safetensors"));
  };
  nn::RelativePositionBias both(1), before(1, {.bidirectional = false});
  load(both, "relative");
  load(before, "relative-past");
  // The value of each bucket is its number and a half, so these are equal or not.
  auto rows = compile(Graph("f", [&](Value x) { return both(x.dim(0), x.dim(0)); }, {tensor_type(f32, {"n"})}))(
                  {Tensor::zeros(f32, {301})})[0]
                  .to_vector<float>();
  std::vector<float> some;
  for (int64_t row : {0, 150, 300})
    some.insert(some.end(), rows.begin() + row * 301, rows.begin() + (row + 1) * 301);
  CHECK(some == expected("relative"));
  Executable late = compile(Graph("f", [&](Value x) { return before(x.dim(0), "past" + x.dim(0), "past"); },
                                  {tensor_type(f32, {"n"}), dim_input("past")}));
  CHECK(late({Tensor::zeros(f32, {3}), Tensor::from<int64_t>({}, {300})})[0].to_vector<float>() ==
        expected("relative-past"));
}
