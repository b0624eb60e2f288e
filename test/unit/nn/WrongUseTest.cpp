// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What layers say that are made, or called, with what does not fit: the whole text; of a call with the layer's path and the author's
// line.
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>
#include <functional>
#include <limits>

using namespace varve;
using test::error_of;

namespace {

// A model with the layer as its part.
template <class T> struct With : nn::Layer<With<T>> {
  Child<T> part;
  template <class... Args> explicit With(Args &&...args) : part(*this, "part", std::forward<Args>(args)...) {}
  auto forward(Value x) { return part(x); }
};

// What is said of a call: the message, if a line of this file and the layer stand before it.
template <class Model> std::string called(Model &model, TensorType type, const std::string &layer = "part") {
  std::string text = error_of([&] { Graph("f", model, {std::move(type)}); });
  std::string start = std::string(Site::current().file_name()) + ":", in = ": error: in layer '" + layer + "': ";
  size_t at = text.find(in);
  return text.starts_with(start) && at != std::string::npos ? text.substr(at + in.size()) : "(another place) " + text;
}

const double not_a_number = std::numeric_limits<double>::quiet_NaN();
const TensorType scalar = tensor_type(f32, {}), vec = tensor_type(f32, {4}), matrix = tensor_type(f32, {"n", 8}),
                 cube = tensor_type(f32, {2, 3, 8}), image = tensor_type(f32, {2, 4, 8, 8}),
                 sequence = tensor_type(f32, {1, 3, 8});

} // namespace

TEST_CASE("wrong use: what a linear layer is made with") {
  CHECK(error_of([] { nn::Linear(-1, 4); }) ==
        "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 [4, -1]");
  CHECK(error_of([] { nn::Linear(4, -1); }) ==
        "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 [-1, 4]");
  CHECK(error_of([] { nn::Linear(4, 4, {.scale = nn::WeightScale{.name = "weight"}}); }) ==
        "expects different names in a layer, but got 'weight' twice in Linear");
  CHECK(error_of([] { nn::Linear(4, 4, {.scale = nn::WeightScale{.name = ""}}); }) ==
        "expects a name without dots in a layer, but got ''");
  CHECK(error_of([] { nn::StackedLinear(-1, {.parts = {{"a", 2}}}); }) ==
        "in layer 'a': expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 "
        "[2, -1]");
  CHECK(error_of([] { nn::StackedLinear(4, {.parts = {{"a", -2}}}); }) ==
        "expects a size of 0 or more for part 'a', but got -2");
  CHECK(error_of([] { nn::StackedLinear(4, {.parts = {{"a", 5}, {"b", -2}}, .fused = true}); }) ==
        "expects a size of 0 or more for part 'b', but got -2");
  CHECK(error_of([] { nn::StackedLinear(4, {.parts = {{"a", 2}, {"a", 2}}}); }) ==
        "expects different names in a layer, but got 'a' twice in StackedLinear");
  CHECK(error_of([] { nn::StackedLinear(4, {.parts = {{"", 2}}}); }) ==
        "expects a name without dots in a layer, but got ''");
  CHECK(error_of([] { nn::GptqLinear(0, 64); }) ==
        "expects sizes that are multiples of 8 for quants of 4 bits, but got [0, 64]");
  CHECK(error_of([] { nn::GptqLinear(-8, 64); }) ==
        "expects sizes that are multiples of 8 for quants of 4 bits, but got [-8, 64]");
  CHECK(error_of([] { nn::GptqLinear(64, -8); }) ==
        "expects sizes that are multiples of 8 for quants of 4 bits, but got [64, -8]");
  CHECK(error_of([] { nn::GptqLinear(64, 64, {.group = -7}); }) == "expects groups of at least one input, but got -7");
  CHECK(error_of([] { nn::Embedding(-1, 4); }) ==
        "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 [-1, 4]");
  CHECK(error_of([] { nn::Embedding(4, -1); }) ==
        "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 [4, -1]");
  CHECK(error_of([] { nn::MLP(-1, 4); }) == "in layer 'gate_proj': expects a shape of sizes and names for weight "
                                            "'weight', of less than 2^63 bytes, but got f32 [4, -1]");
  CHECK(error_of([] { nn::MLP(4, -4); }) == "in layer 'gate_proj': expects a shape of sizes and names for weight "
                                            "'weight', of less than 2^63 bytes, but got f32 [-4, 4]");
}

TEST_CASE("wrong use: what other layers are made with") {
  CHECK(error_of([] { nn::RMSNorm(-1); }) == "expects at least 1 element, but got -1");
  CHECK(error_of([] { nn::LayerNorm(-1); }) == "expects at least 1 element, but got -1");
  CHECK(error_of([] { nn::GroupNorm(2, -4); }) == "expects at least 1 channel, but got -4");
  CHECK(error_of([] { nn::GroupNorm(0, 4); }) == "expects groups that divide the channels, but got 0 and 4");
  CHECK(error_of([] { nn::BatchNorm(-1); }) == "expects at least 1 channel, but got -1");
  CHECK(error_of([] { nn::InstanceNorm(-1); }) == "expects at least 1 channel, but got -1");
  CHECK(error_of([] { nn::RotaryEmbedding(0); }) == "expects an even head_dim, but got 0");
  CHECK(error_of([] { nn::RotaryEmbedding(-2); }) == "expects an even head_dim, but got -2");
  CHECK(error_of([] { nn::RotaryEmbedding(4, {.theta = 0}); }) == "expects a finite theta above 0, but got 0.000000");
  CHECK(error_of([] { nn::RotaryEmbedding(4, {.theta = not_a_number}); }) ==
        "expects a finite theta above 0, but got nan");
  CHECK(error_of([] { nn::Attention(0, {}); }) == "expects heads that divide dim, but got 1 and 0");
  CHECK(error_of([] { nn::Attention(-4, {.heads = 2}); }) == "expects heads that divide dim, but got 2 and -4");
  CHECK(error_of([] { nn::Attention(4, {.heads = 2, .kv_heads = -2}); }) ==
        "expects kv_heads that divide heads, but got -2 and 2");
  CHECK(error_of([] { nn::Attention(4, {.heads = 2, .head_dim = -2}); }) ==
        "in layer 'q_proj': expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got "
        "f32 [-4, 4]");
  CHECK(error_of([] { nn::Attention(4, {.heads = 2, .cache = -5}); }) ==
        "expects a static shape for buffer 'k_cache', of less than 2^63 bytes, but got f32 [1, -5, 2, 2]");
  CHECK(error_of([] { nn::Mamba(-8); }) == "expects a dim of at least 1, but got -8");
  CHECK(error_of([] { nn::Mamba(8, {.kernel = 0}); }) == "expects a kernel of at least 1, but got 0");
  CHECK(error_of([] { nn::Mamba(8, {.rank = -1}); }) == "expects a rank of at least 1, but got -1");
  CHECK(error_of([] { nn::Dropout(-0.1); }) == "expects a probability from 0 to 1, but got -0.100000");
  CHECK(error_of([] { nn::Dropout layer(not_a_number); }) == "expects a probability from 0 to 1, but got nan");
  CHECK(error_of([] { nn::Sequential(std::unique_ptr<nn::ReLU>()); }) == "expects a layer, but got none");
}

TEST_CASE("wrong use: calls of linear layers") {
  With<nn::Linear> linear(8, 4), whole(8, 4, nn::LinearOptions{.dtype = i32});
  CHECK(called(linear, scalar) ==
        "expects input [.., in] and weight [out, in], but got 'tensor<f32>' and 'tensor<4x8xf32>'");
  CHECK(called(linear, vec) ==
        "expects the last dimension of input to be the last of weight, but got 'tensor<4xf32>' and 'tensor<4x8xf32>'");
  CHECK(called(linear, tensor_type(i32, {8})) ==
        "expects input and weight of equal element type, but got 'tensor<8xi32>' and 'tensor<4x8xf32>'");
  CHECK(called(linear, tensor_type(bf16, {8})) ==
        "expects input and weight of equal element type, but got 'tensor<8xbf16>' and 'tensor<4x8xf32>'");
  CHECK(called(whole, tensor_type(i32, {8})) ==
        "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<8xi32>'");
  With<nn::StackedLinear> apart(8, nn::StackedLinearOptions{.parts = {{"a", 2}, {"b", 3}}});
  With<nn::StackedLinear> fused(8, nn::StackedLinearOptions{.parts = {{"a", 2}, {"b", 3}}, .fused = true});
  CHECK(called(apart, vec, "part.a") ==
        "expects the last dimension of input to be the last of weight, but got 'tensor<4xf32>' and 'tensor<2x8xf32>'");
  CHECK(called(fused, vec) ==
        "expects the last dimension of input to be the last of weight, but got 'tensor<4xf32>' and 'tensor<5x8xf32>'");
  With<nn::GptqLinear> gptq(64, 32);
  CHECK(called(gptq, tensor_type(f32, {1, 64})) ==
        "expects x whose last dimension is that of f16 [64], and of its type, but got f32 [1, 64]");
  CHECK(called(gptq, tensor_type(f16, {1, 32})) ==
        "expects x whose last dimension is that of f16 [64], and of its type, but got f16 [1, 32]");
  CHECK(called(gptq, tensor_type(f16, {})) ==
        "expects x whose last dimension is that of f16 [64], and of its type, but got f16 []");
  With<nn::Embedding> embedding(8, 4);
  CHECK(called(embedding, vec) ==
        "expects indices to be tensor of i32 or i64 whose dynamic dimensions have names, but got 'tensor<4xf32>'");
  CHECK(called(embedding, tensor_type(u8, {4})) ==
        "expects indices to be tensor of i32 or i64 whose dynamic dimensions have names, but got 'tensor<4xui8>'");
  With<nn::MLP> mlp(8, 4);
  CHECK(called(mlp, vec, "part.gate_proj") ==
        "expects the last dimension of input to be the last of weight, but got 'tensor<4xf32>' and 'tensor<4x8xf32>'");
  CHECK(called(mlp, scalar, "part.gate_proj") ==
        "expects input [.., in] and weight [out, in], but got 'tensor<f32>' and 'tensor<4x8xf32>'");
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): it is what is refused
  With<nn::MLP> unknown(8, 4, nn::MLPOptions{.activation = static_cast<nn::Activation>(99)});
  CHECK(called(unknown, matrix) == "expects an activation, but got the value 99");
}

TEST_CASE("a GptqLinear takes a row alone") {
  nn::GptqLinear layer(64, 32, {.bias = true});
  CHECK(test::contains(Graph("f", layer, {tensor_type(f16, {64})}).text(), "-> (tensor<32xf16> {varve.name"));
}

TEST_CASE("wrong use: calls of norms and activations") {
  With<nn::RMSNorm> rms(8), negative(4, nn::RMSNormOptions{.epsilon = -1});
  CHECK(called(rms, vec) == "expects input [.., n] and weight [n], but got 'tensor<4xf32>' and 'tensor<8xf32>'");
  CHECK(called(rms, scalar) == "expects input [.., n] and weight [n], but got 'tensor<f32>' and 'tensor<8xf32>'");
  CHECK(called(negative, vec) == "expects a finite epsilon of 0 or more, but got -1.000000e+00");
  With<nn::LayerNorm> norm(8);
  CHECK(called(norm, vec) == "expects input [.., n] and weight [n], but got 'tensor<4xf32>' and 'tensor<8xf32>'");
  CHECK(called(norm, tensor_type(bf16, {8})) ==
        "expects input and weight of equal element type, but got 'tensor<8xbf16>' and 'tensor<8xf32>'");
  With<nn::GroupNorm> groups(2, 8);
  CHECK(called(groups, vec) == "expects input [batch, channels, ..], but got 'tensor<4xf32>'");
  CHECK(called(groups, cube) == "expects groups that divide the channels, but got 2 and 3");
  With<nn::InstanceNorm> instance(8);
  CHECK(called(instance, cube) == "expects groups that divide the channels, but got 8 and 3");
  With<nn::BatchNorm> batch(8);
  CHECK(called(batch, cube) ==
        "expects input [batch, channels, ..] and mean [channels], but got 'tensor<2x3x8xf32>' and 'tensor<8xf32>'");
  CHECK(called(batch, vec) == "expects input [batch, channels, ..], but got 'tensor<4xf32>'");
  With<nn::SiLU> activation;
  CHECK(called(activation, tensor_type(i32, {4})) ==
        "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'");
  With<nn::ReLU> rectifier;
  CHECK(called(rectifier, tensor_type(boolean, {4})) ==
        "expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but "
        "got 'tensor<4xi1>'");
}

TEST_CASE("wrong use: calls of Mamba") {
  With<nn::Mamba> mamba(8), stateful(8, nn::MambaOptions{.stateful = true});
  CHECK(called(mamba, vec, "part.in_proj") ==
        "expects the last dimension of input to be the last of weight, but got 'tensor<4xf32>' and 'tensor<32x8xf32>'");
  CHECK(called(mamba, matrix) ==
        "expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 or more, but got "
        "'tensor<?x16xf32, #varve.dims<n, 16>>' and 'tensor<16x4xf32>'");
  CHECK(called(mamba, image) == "expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel "
                                "of 1 or more, but got 'tensor<2x4x8x16xf32>' and 'tensor<16x4xf32>'");
  CHECK(called(mamba, tensor_type(bf16, {1, 3, 8}), "part.in_proj") ==
        "expects input and weight of equal element type, but got 'tensor<1x3x8xbf16>' and 'tensor<32x8xf32>'");
  CHECK(called(stateful, cube) == "expects the cache's batch, which is 1, but got f32 [2, 3, 8]");
}

namespace {
// A model that calls an Attention as it is told.
struct Told : nn::Layer<Told> {
  std::function<Value(nn::Attention &, Value)> call;
  Child<nn::Attention> part;
  Told(nn::AttentionOptions options, std::function<Value(nn::Attention &, Value)> call)
      : call(std::move(call)), part(*this, "part", 8, std::move(options)) {}
  Value forward(Value x) { return call(part, x); }
};
} // namespace

TEST_CASE("wrong use: calls of Attention") {
  With<nn::Attention> plain(8, nn::AttentionOptions{.heads = 2}),
      cached(8, nn::AttentionOptions{.heads = 2, .cache = 4});
  CHECK(called(plain, scalar) == "expects x [batch, seq, dim], but got f32 []");
  CHECK(called(plain, vec) == "expects x [batch, seq, dim], but got f32 [4]");
  CHECK(called(plain, matrix) == "expects x [batch, seq, dim], but got f32 [n, 8]");
  CHECK(called(plain, image) == "expects x [batch, seq, dim], but got f32 [2, 4, 8, 8]");
  CHECK(called(plain, tensor_type(f32, {1, 3, 4}), "part.q_proj") ==
        "expects the last dimension of input to be the last of weight, but got 'tensor<1x3x4xf32>' and "
        "'tensor<8x8xf32>'");
  CHECK(called(plain, tensor_type(bf16, {1, 3, 8}), "part.q_proj") ==
        "expects input and weight of equal element type, but got 'tensor<1x3x8xbf16>' and 'tensor<8x8xf32>'");
  CHECK(called(cached, cube) == "expects the cache's batch, which is 1, but got f32 [2, 3, 8]");
  auto with = [](int64_t cache, std::function<Value(nn::Attention &, Value)> call) {
    Told model({.heads = 2, .cache = cache}, std::move(call));
    return called(model, sequence);
  };
  using nn::Attention, nn::Rotation;
  CHECK(with(0, [](Attention &a, Value x) { return a(x, Rotation(), Value(), constant(3, i64)); }) ==
        "expects a cache that has positions, but got an Attention without one");
  CHECK(with(8, [](Attention &a, Value x) { return a(x, Rotation(), Value(), x); }) ==
        "expects position to be tensor of i32 or i64 without dimensions, but got 'tensor<1x3x8xf32>'");
  CHECK(with(0, [](Attention &a, Value x) { return a(x, Rotation(), x); }) ==
        "expects mask [1, 2, 3, 3] or 1 in the first two dimensions, but got 'tensor<1x3x8xf32>'");
  CHECK(with(0, [](Attention &a, Value x) { return a(x, Rotation{x, x}); }) ==
        "expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got "
        "'tensor<1x3x2x4xf32>' and 'tensor<1x3x8xf32>'");
  CHECK(with(0, [](Attention &a, Value x) { return a(x, Rotation{x, Value()}); }) ==
        "expects both cos and sin of a rotation, or neither, but got one");
  CHECK(with(0, [](Attention &a, Value x) { return a(x, Rotation{Value(), x}); }) ==
        "expects both cos and sin of a rotation, or neither, but got one");
  CHECK(with(0, [](Attention &a, Value) { return a(Value()); }) ==
        "expects a value, but got none (a default-made Value)");
}

TEST_CASE("wrong use: calls of RotaryEmbedding and Sequential") {
  struct Turning : nn::Layer<Turning> {
    Child<nn::RotaryEmbedding> part{*this, "part", 8};
    Value forward(Value x) { return x.dtype() == f32 ? part(3, x).cos : part(-1).cos; }
  } turning;
  CHECK(called(turning, scalar) ==
        "expects lhs and rhs of element types that have a common one, but got i64 and f32: cast one of them");
  CHECK(called(turning, tensor_type(i64, {})) == "expects dimensions of shape of 0 or more, but got -1");
  struct Chained : nn::Layer<Chained> {
    Child<nn::Sequential> part{*this, "part"};
    Chained() {
      part.emplace<nn::Linear>(8, 4);
      part.emplace<nn::Linear>(8, 4);
    }
    Value forward(Value x) { return part(x); }
  } chained;
  CHECK(called(chained, cube, "part.1") == "expects the last dimension of input to be the last of weight, but got "
                                           "'tensor<2x3x4xf32>' and 'tensor<4x8xf32>'");
}
