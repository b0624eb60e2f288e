// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What only shows when a model runs: sizes and data that a layer cannot do with. Errors name the layer and the author's line.
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <functional>

using namespace varve;
using test::error_of;

namespace {

template <class T> struct With : nn::Layer<With<T>> {
  Child<T> part;
  template <class... Args> explicit With(Args &&...args) : part(*this, "part", std::forward<Args>(args)...) {}
  Value forward(Value x) { return part(x); }
};

// What a run says: the message, if a line of this file and the layer stand before it.
template <class Model>
std::string run_of(Model &model, std::vector<GraphInput> types, const std::vector<Tensor> &inputs,
                   const StateDict &state = {}, const std::string &layer = "part") {
  model.load_state_dict(state, {.strict = false, .zero_missing = true});
  Executable executable = compile(Graph("f", model, std::move(types)));
  std::string text = error_of([&] { executable(inputs); }), in = ": error: in layer '" + layer + "': ";
  size_t at = text.find(in);
  return test::contains(text.substr(0, at), Site::current().file_name()) && at != std::string::npos
             ? text.substr(at + in.size())
             : "(another place) " + text;
}

Tensor zeros(std::vector<int64_t> shape) { return Tensor::zeros(f32, std::move(shape)); }

} // namespace

TEST_CASE("a row that a table does not have") {
  With<nn::Embedding> embedding(8, 4);
  GraphInput ids = tensor_type(i64, {"seq"});
  CHECK(run_of(embedding, {ids}, {Tensor::from<int64_t>({2}, {0, 8})}) ==
        "expects indices into dimension 0 of size 8, but got 8");
  CHECK(run_of(embedding, {ids}, {Tensor::from<int64_t>({2}, {-9, 0})}) ==
        "expects indices into dimension 0 of size 8, but got -9");
}

TEST_CASE("a group that a GptqLinear does not have") {
  With<nn::GptqLinear> linear(8, 8, nn::GptqLinearOptions{.dtype = f32, .group = 4});
  Tensor groups = Tensor::from<int32_t>({8}, {0, 0, 0, 0, 1, 1, 1, 2});
  CHECK(run_of(linear, {tensor_type(f32, {1, 8})}, {zeros({1, 8})}, {{"part.g_idx", groups}}) ==
        "expects indices into dimension 0 of size 2, but got 2");
}

TEST_CASE("more positions than a cache holds") {
  struct Model : nn::Layer<Model> {
    Child<nn::Attention> part{*this, "part", 8, {.heads = 2, .cache = 4}};
    Value forward(Value x) { return part(x); }
  } model;
  std::vector<GraphInput> types = {{"x", tensor_type(f32, {1, "seq", 8})}, dim_input("past")};
  CHECK(run_of(model, types, {zeros({1, 3, 8}), Tensor::from<int64_t>({}, {2})}) ==
        "expects a stored slice that ends inside dimension 1 of its buffer, but got past + seq = 5 and 4");
}

TEST_CASE("images that are too small") {
  std::vector<GraphInput> types = {tensor_type(f32, {1, 1, "height", 9})};
  With<nn::Conv2d> conv(1, 1, nn::ConvOptions{.kernel = {3}});
  CHECK(run_of(conv, types, {zeros({1, 1, 2, 9})}) ==
        "expects the padded input to hold a window in spatial dimension 0, but got 3 and height = 2");
  With<nn::MaxPool> greatest(MaxPoolOptions{.kernel = {3}});
  CHECK(run_of(greatest, types, {zeros({1, 1, 2, 9})}) ==
        "expects the padded input to hold a window in spatial dimension 0, but got 3 and height = 2");
  With<nn::AvgPool> mean(AvgPoolOptions{.kernel = {3}});
  CHECK(run_of(mean, types, {zeros({1, 1, 2, 9})}) ==
        "expects the padded input to hold a window in spatial dimension 0, but got 3 and height = 2");
  With<nn::AdaptiveMaxPool> adaptive(nn::AdaptivePoolOptions{.size = {1}});
  CHECK(run_of(adaptive, types, {zeros({1, 1, 0, 9})}) ==
        "expects at least one element along spatial dimension 0, but got 1 and height = 0");
  With<nn::Upsample> larger(ResizeOptions{.scales = {2}});
  CHECK(run_of(larger, types, {zeros({1, 1, 0, 9})}) ==
        "expects at least one element along spatial dimension 0, but got 1 and height = 0");
}

TEST_CASE("functions of a dimension that is too small") {
  auto run = [](std::function<Value(Value)> use, int64_t size) {
    Executable executable = compile(Graph("f", use, {tensor_type(f32, {"n"})}));
    std::string text = error_of([&] { executable({zeros({size})}); });
    size_t at = text.find(": error: ");
    return test::contains(text.substr(0, at), Site::current().file_name()) ? text.substr(at + 9) : "(no place) " + text;
  };
  CHECK(run([](Value x) { return roll(x, 5, 0); }, 4) ==
        "expects a slice that starts inside dimension 0, but got 0 and n - 5 = -1");
  CHECK(run([](Value x) { return x(slice(3)); }, 2) ==
        "expects a slice of dimension 0 that ends after its start, but got 3 and n = 2");
  CHECK(run([](Value x) { return x(slice(0, 3)); }, 2) ==
        "expects a slice that ends inside dimension 0, but got 3 and n = 2");
  CHECK(run([](Value x) { return x(5); }, 5) == "expects a slice that ends inside dimension 0, but got 6 and n = 5");
  CHECK(run([](Value x) { return x(-3); }, 2) ==
        "expects a slice that starts inside dimension 0, but got 0 and n - 3 = -1");
  CHECK(run([](Value x) { return top_k(x, 3).values; }, 2) ==
        "expects 3 elements or more along dimension 0, but got 3 and n = 2");
  CHECK(run([](Value x) { return argmax(x); }, 0) ==
        "expects at least one element along dimension 0, but got 1 and n = 0");
  CHECK(run([](Value x) { return pad(x, {{2, 0}}, {.mode = PadMode::reflect}); }, 2) ==
        "expects more elements to reflect in dimension 0 than it is padded with, but got 3 and n = 2");
  CHECK(run([](Value x) { return iota({x.dim(0) - 3}, f32); }, 2) ==
        "expects a size of at least 0 for dimension 0, but got 0 and n - 3 = -1");
  CHECK(run([](Value x) { return gather(x, constant(7, i64)); }, 7) ==
        "expects indices into dimension 0 of size 7, but got 7");
}
