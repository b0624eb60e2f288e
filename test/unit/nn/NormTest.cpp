// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Norm.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;

TEST_CASE("RMSNorm") {
  nn::RMSNorm norm(8, {.epsilon = 0.5});
  CHECK(contains(Graph("f", norm, {tensor_type(f32, {"n", 8})}).text(), R"(
    %0 = varve.use @weight : tensor<8xf32>
    %1 = varve.rms_norm %arg0, %0 {epsilon = 5.000000e-01 : f64} : )"));
}

TEST_CASE("LayerNorm, with a bias or without") {
  nn::LayerNorm norm(8), bare(8, {.bias = false});
  CHECK(contains(Graph("f", norm, {tensor_type(f32, {"n", 8})}).text(), R"(
    %0 = varve.use @weight : tensor<8xf32>
    %1 = varve.use @bias : tensor<8xf32>
    %2 = varve.layer_norm %arg0, %0, %1 {epsilon = 1.000000e-05 : f64} : )"));
  CHECK(contains(Graph("f", bare, {tensor_type(f32, {"n", 8})}).text(), "varve.layer_norm %arg0, %0 {epsilon"));
}
