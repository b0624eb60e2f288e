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

TEST_CASE("GroupNorm and InstanceNorm") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 6, 5, 7})};
  nn::GroupNorm groups(3, 6, {.epsilon = 0.5});
  CHECK(contains(Graph("f", groups, inputs).text(),
                 "varve.group_norm %arg0, %0, %1 {epsilon = 5.000000e-01 : f64, groups = 3 : i64}"));
  nn::GroupNorm plain(3, 6, {.affine = false});
  CHECK(contains(Graph("f", plain, inputs).text(), "varve.group_norm %arg0 {"));
  nn::InstanceNorm instance(6);
  CHECK(contains(Graph("f", instance, inputs).text(),
                 "varve.group_norm %arg0 {epsilon = 1.000000e-05 : f64, groups = 6"));
  nn::InstanceNorm affine(6, {.affine = true});
  CHECK(contains(Graph("f", affine, inputs).text(), "varve.group_norm %arg0, %0, %1 {"));
  CHECK(test::error_of([] { nn::GroupNorm(4, 6); }) == "expects groups that divide the channels, but got 4 and 6");
  CHECK(test::error_of([] { nn::InstanceNorm(0); }) == "expects at least 1 channel, but got 0");
}

TEST_CASE("BatchNorm") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 6, 5, 7})};
  nn::BatchNorm norm(6);
  std::string text = Graph("f", norm, inputs).text();
  for (std::string name : {"@weight", "@bias", "@running_mean", "@running_var"})
    CHECK(contains(text, "varve.use " + name + " : tensor<6xf32>"));
  CHECK(contains(text, "varve.batch_norm %arg0, "));
  nn::BatchNorm plain(6, {.affine = false});
  CHECK_FALSE(contains(Graph("f", plain, inputs).text(), "@weight"));
}
