// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/MLP.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;

TEST_CASE("MLP") {
  nn::MLP mlp(4, 8, {.dtype = bf16});
  CHECK(Graph("f", mlp, {tensor_type(bf16, {4})}).text() == R"(module {
  varve.weight @gate_proj.weight : tensor<8x4xbf16>
  varve.weight @up_proj.weight : tensor<8x4xbf16>
  varve.weight @down_proj.weight : tensor<4x8xbf16>
  varve.graph @f(%arg0: tensor<4xbf16> {varve.name = "x"}) -> (tensor<4xbf16> {varve.name = "output"}) {
    %0 = varve.layer "gate_proj" : "Linear" -> tensor<8xbf16> {
      %5 = varve.use @gate_proj.weight : tensor<8x4xbf16>
      %6 = varve.linear %arg0, %5 : (tensor<4xbf16>, tensor<8x4xbf16>) -> tensor<8xbf16>
      varve.output %6 : tensor<8xbf16>
    }
    %1 = varve.silu %0 : (tensor<8xbf16>) -> tensor<8xbf16>
    %2 = varve.layer "up_proj" : "Linear" -> tensor<8xbf16> {
      %5 = varve.use @up_proj.weight : tensor<8x4xbf16>
      %6 = varve.linear %arg0, %5 : (tensor<4xbf16>, tensor<8x4xbf16>) -> tensor<8xbf16>
      varve.output %6 : tensor<8xbf16>
    }
    %3 = varve.mul %1, %2 : (tensor<8xbf16>, tensor<8xbf16>) -> tensor<8xbf16>
    %4 = varve.layer "down_proj" : "Linear" -> tensor<4xbf16> {
      %5 = varve.use @down_proj.weight : tensor<4x8xbf16>
      %6 = varve.linear %3, %5 : (tensor<8xbf16>, tensor<4x8xbf16>) -> tensor<4xbf16>
      varve.output %6 : tensor<4xbf16>
    }
    varve.output %4 : tensor<4xbf16>
  }
}
)");
  nn::MLP other(4, 8, {.bias = true, .activation = nn::Activation::gelu});
  std::string text = Graph("f", other, {tensor_type(f32, {4})}).text();
  CHECK(contains(text, "varve.gelu"));
  CHECK(contains(text, "@down_proj.bias"));
}

TEST_CASE("FeedForward") {
  nn::FeedForward mlp(4, 8, {.activation = nn::Activation::relu});
  std::string text = Graph("f", mlp, {tensor_type(f32, {"n", 4})}).text();
  for (std::string part : {"@fc1.weight : tensor<8x4xf32>", "@fc1.bias : tensor<8xf32>",
                           "@fc2.weight : tensor<4x8xf32>", "@fc2.bias : tensor<4xf32>", "varve.relu"})
    CHECK(contains(text, part));
  nn::FeedForward bare(4, 8, {.dtype = bf16, .bias = false});
  text = Graph("f", bare, {tensor_type(bf16, {"n", 4})}).text();
  CHECK(contains(text, "varve.gelu"));
  CHECK_FALSE(contains(text, "bias"));
  nn::FeedForward split(4, 8);
  split.to({cpu(0), cpu(1)}, Sharding::tensor_parallel());
  CHECK(split.fc1.weight.sharding() == Sharding::rowwise());
  CHECK(split.fc2.weight.sharding() == Sharding::columnwise());
}
