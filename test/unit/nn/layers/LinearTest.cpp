// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Linear.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;

TEST_CASE("Linear") {
  nn::Linear plain(4, 8);
  CHECK(contains(Graph("f", plain, {tensor_type(f32, {"n", 4})}).text(), R"(
    %0 = varve.use @weight : tensor<8x4xf32>
    %1 = varve.linear %arg0, %0 : (tensor<?x4xf32, #dims>, tensor<8x4xf32>) -> tensor<?x8xf32, #dims1>
    varve.output %1)"));
  nn::Linear biased(4, 8, {.dtype = bf16, .bias = true});
  CHECK(contains(Graph("f", biased, {tensor_type(bf16, {"n", 4})}).text(), R"(
    %0 = varve.use @weight : tensor<8x4xbf16>
    %1 = varve.linear %arg0, %0 : (tensor<?x4xbf16, #dims>, tensor<8x4xbf16>) -> tensor<?x8xbf16, #dims1>
    %2 = varve.use @bias : tensor<8xbf16>
    %3 = varve.add %1, %2 : (tensor<?x8xbf16, #dims1>, tensor<8xbf16>) -> tensor<?x8xbf16, #dims1>
    varve.output %3)"));
}

TEST_CASE("Embedding") {
  nn::Embedding embedding(256, 8, {.dtype = bf16});
  CHECK(contains(Graph("f", embedding, {tensor_type(i64, {1, "seq"})}).text(),
                 "(tensor<256x8xbf16>, tensor<1x?xi64, #dims>) -> tensor<1x?x8xbf16, #dims1>"));
}

TEST_CASE("a weight in blocks is used as it is stored") {
  nn::Linear linear(64, 8);
  linear.weight.set_quantization_encoding(Encoding::q4_0);
  CHECK(contains(Graph("f", linear, {tensor_type(f32, {"n", 64})}).text(), R"(
    %0 = varve.use @weight : tensor<8x64x!varve.q4_0>
    %1 = varve.linear %arg0, %0 : (tensor<?x64xf32, #dims>, tensor<8x64x!varve.q4_0>) -> tensor<?x8xf32, #dims1>
    varve.output %1)"));
  nn::Embedding embedding(8, 64, {.dtype = bf16});
  embedding.weight.set_quantization_encoding(Encoding::q8_0);
  std::string text = Graph("f", embedding, {tensor_type(i64, {3})}).text();
  CHECK(contains(text, "varve.gather %0, %arg0 : (tensor<8x64x!varve.q8_0>, tensor<3xi64>) -> tensor<3x64xf32>"));
  CHECK(contains(text, "varve.cast %1 {dtype = bf16} : (tensor<3x64xf32>) -> tensor<3x64xbf16>"));
}

namespace {
struct Sum : nn::Layer<Sum> {
  Weight weight{*this, "weight", f32, {2, 32}};
  Value forward(Value x) { return x + weight; }
};
} // namespace

TEST_CASE("an op that computes with no blocks says so") {
  Sum sum;
  sum.weight.set_quantization_encoding(Encoding::q5_0);
  CHECK(contains(test::error_of([&] { Graph("f", sum, {tensor_type(f32, {2, 32})}); }),
                 "expects lhs and rhs of equal element type, but got 'tensor<2x32xf32>' and "
                 "'tensor<2x32x!varve.q5_0>'"));
}

TEST_CASE("a weight has scales beside it") {
  using Of = nn::WeightScale::Of;
  auto text = [](Of of) {
    nn::Linear linear(200, 130, {.dtype = bf16, .encoding = Encoding::f8e4m3, .scale = nn::WeightScale{.of = of}});
    return Graph("f", linear, {tensor_type(bf16, {"n", 200})}).text();
  };
  CHECK(contains(text(Of::tensor), "varve.weight @weight : tensor<130x200x!varve.f8e4m3>"));
  CHECK(contains(text(Of::tensor), "varve.weight @weight_scale : tensor<1xf32>"));
  CHECK(contains(text(Of::row), "varve.weight @weight_scale : tensor<130x1xf32>"));
  CHECK(contains(text(Of::block), "varve.weight @weight_scale : tensor<2x2xf32>"));
  CHECK(contains(text(Of::block), "varve.dequantize"));
  CHECK(test::error_of([] { nn::Embedding(4, 4, {.scale = nn::WeightScale{.of = Of::block, .block = {0, 4}}}); }) ==
        "expects blocks of at least one row and column, but got [0, 4]");
  CHECK(contains(test::error_of([] { nn::Linear(30, 4, {.encoding = Encoding::q4_0}); }),
                 "expects a last dimension that is a multiple of 32 for weight 'weight' in q4_0, but got f32 [4, 30]"));
}

TEST_CASE("StackedLinear, of parts or fused") {
  struct Block : nn::Layer<Block> {
    Child<nn::StackedLinear> qkv;
    explicit Block(bool fused)
        : qkv(*this, "qkv", 4, {.parts = {{"q_proj", 8}, {"k_proj", 2}}, .bias = true, .fused = fused}) {}
    std::vector<Value> forward(Value x) { return qkv(x); }
  };
  auto names = [](Block &block) {
    std::string all;
    for (auto &[name, weight] : block.raw_state_dict())
      all += name + " " + weight->type().str() + "\n";
    return all;
  };
  Block apart(false), fused(true);
  // Parts have the names that they would have without the layer around them.
  CHECK(names(apart) ==
        "q_proj.weight f32 [8, 4]\nq_proj.bias f32 [8]\nk_proj.weight f32 [2, 4]\nk_proj.bias f32 [2]\n");
  CHECK(names(fused) == "qkv.weight f32 [10, 4]\nqkv.bias f32 [10]\n");
  for (Block *block : {&apart, &fused}) {
    Graph graph("f", *block, {tensor_type(f32, {"n", 4})});
    CHECK(contains(graph.text(), "(tensor<?x8xf32, "));
    CHECK(contains(graph.text(), "tensor<?x2xf32, "));
  }
  CHECK(contains(Graph("f", fused, {tensor_type(f32, {3, 4})}).text(), "varve.split"));
  CHECK(test::error_of([] { nn::StackedLinear(4, {.parts = {}}); }) == "expects at least one part, but got none");
}

TEST_CASE("a StackedLinear that is split over devices has rows of every part on each") {
  nn::StackedLinear fused(4, {.parts = {{"q_proj", 8}, {"k_proj", 2}}, .fused = true});
  fused.to({cpu(0), cpu(1)}, Sharding::tensor_parallel());
  CHECK(contains(Graph("f", fused, {tensor_type(f32, {3, 4})}).text(), "{model : 8x1, 2x1}"));
}

TEST_CASE("GptqLinear has the weights of Hugging Face's checkpoints") {
  nn::GptqLinear linear(256, 64, {.dtype = bf16, .bias = true});
  std::string all;
  for (auto &[name, weight] : linear.raw_state_dict())
    all += name + " " + weight->type().str() + "\n";
  CHECK(all == "qweight i32 [32, 64]\nqzeros i32 [2, 8]\nscales bf16 [2, 64]\ng_idx i32 [256]\nbias bf16 [64]\n");
  CHECK(contains(Graph("f", linear, {tensor_type(bf16, {"n", 256})}).text(), "-> tensor<?x64xbf16, "));
  CHECK(nn::GptqLinear(256, 64, {.group = -1}).scales.type().str() == "f16 [1, 64]");
  CHECK(test::error_of([] { nn::GptqLinear(256, 64, {.bits = 3}); }) == "expects quants of 2, 4 or 8 bits, but got 3");
  CHECK(test::error_of([] { nn::GptqLinear(256, 60, {}); }) ==
        "expects sizes that are multiples of 8 for quants of 4 bits, but got [256, 60]");
  CHECK(test::error_of([] { nn::GptqLinear(256, 64, {.group = 0}); }) ==
        "expects groups of at least one input, but got 0");
}
