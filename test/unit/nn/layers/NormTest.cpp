// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Norm.h"
#include "test/unit/Support.h"
#include "test/unit/nn/Refused.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::refused;

TEST_CASE("RMSNorm") {
  nn::RMSNorm norm(8, {.epsilon = 0.5});
  CHECK(contains(Graph("f", norm, {tensor_type(f32, {"n", 8})}).text(), R"(
    %0 = varve.use @weight : tensor<8xf32>
    %1 = varve.rms_norm %arg0, %0 {epsilon = 5.000000e-01 : f64} : )"));
}

TEST_CASE("RMSNorm whose weight is stored less 1 is computed in f32") {
  nn::RMSNorm norm(8, {.dtype = bf16, .weight_offset = 1});
  std::string text = Graph("f", norm, {tensor_type(bf16, {"n", 8})}).text();
  CHECK(contains(text, "varve.cast %0 {dtype = f32} : (tensor<8xbf16>) -> tensor<8xf32>"));
  CHECK(contains(text, "varve.add"));
  CHECK(contains(text, "-> tensor<?x8xbf16"));
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

TEST_CASE("a norm that is used wrongly says what it expects, where") {
  TensorType rows = tensor_type(f32, {"n", 8}), image = tensor_type(f32, {"n", 6, 5, 7});
  std::string floats = "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got ";
  CHECK(refused<nn::RMSNorm>(rows, 8) == "(no error)");
  CHECK(refused<nn::RMSNorm>(rows, 0) == "expects at least 1 element, but got 0");
  CHECK(refused<nn::RMSNorm>(rows, 9) ==
        "expects input [.., n] and weight [n], but got 'tensor<?x8xf32, #varve.dims<n, 8>>' and 'tensor<9xf32>'");
  CHECK(refused<nn::RMSNorm>(tensor_type(f32, {}), 1) ==
        "expects input [.., n] and weight [n], but got 'tensor<f32>' and 'tensor<1xf32>'");
  CHECK(refused<nn::RMSNorm>(rows, 8, nn::RMSNormOptions{.dtype = bf16}) ==
        "expects input and weight of equal element type, but got 'tensor<?x8xf32, #varve.dims<n, 8>>' and "
        "'tensor<8xbf16>'");
  CHECK(refused<nn::RMSNorm>(rows, 8, nn::RMSNormOptions{.epsilon = -1}) ==
        "expects a finite epsilon of 0 or more, but got -1.000000e+00");
  CHECK(refused<nn::RMSNorm>(tensor_type(i64, {2, 8}), 8) ==
        "expects input and weight of equal element type, but got 'tensor<2x8xi64>' and 'tensor<8xf32>'");

  CHECK(refused<nn::LayerNorm>(rows, -3) == "expects at least 1 element, but got -3");
  CHECK(refused<nn::LayerNorm>(rows, 4) ==
        "expects input [.., n] and weight [n], but got 'tensor<?x8xf32, #varve.dims<n, 8>>' and 'tensor<4xf32>'");
  CHECK(refused<nn::LayerNorm>(rows, 8, nn::LayerNormOptions{.dtype = f16}) ==
        "expects input and weight of equal element type, but got 'tensor<?x8xf32, #varve.dims<n, 8>>' and "
        "'tensor<8xf16>'");
  CHECK(refused<nn::LayerNorm>(rows, 8, nn::LayerNormOptions{.epsilon = NAN}) ==
        "expects a finite epsilon of 0 or more, but got nan");
  CHECK(refused<nn::LayerNorm>(tensor_type(boolean, {2, 8}), 8) ==
        "expects input and weight of equal element type, but got 'tensor<2x8xi1>' and 'tensor<8xf32>'");

  CHECK(refused<nn::GroupNorm>(image, 3, 6) == "(no error)");
  CHECK(refused<nn::GroupNorm>(image, 4, 6) == "expects groups that divide the channels, but got 4 and 6");
  CHECK(refused<nn::GroupNorm>(image, 0, 6) == "expects groups that divide the channels, but got 0 and 6");
  CHECK(refused<nn::GroupNorm>(image, 1, 0) == "expects at least 1 channel, but got 0");
  CHECK(refused<nn::GroupNorm>(image, 2, 8) ==
        "expects input [batch, channels, ..] and weight [channels], but got 'tensor<?x6x5x7xf32, #varve.dims<n, 6, 5, "
        "7>>' and 'tensor<8xf32>'");
  CHECK(refused<nn::GroupNorm>(image, 4, 8, nn::GroupNormOptions{.affine = false}) ==
        "expects groups that divide the channels, but got 4 and 6");
  CHECK(refused<nn::GroupNorm>(tensor_type(f32, {6}), 2, 6) ==
        "expects input [batch, channels, ..], but got 'tensor<6xf32>'");
  CHECK(refused<nn::GroupNorm>(image, 2, 6, nn::GroupNormOptions{.dtype = bf16}) ==
        "expects input and weight of equal element type, but got 'tensor<?x6x5x7xf32, #varve.dims<n, 6, 5, 7>>' and "
        "'tensor<6xbf16>'");
  CHECK(refused<nn::GroupNorm>(image, 2, 6, nn::GroupNormOptions{.epsilon = INFINITY}) ==
        "expects a finite epsilon of 0 or more, but got INF");

  CHECK(refused<nn::InstanceNorm>(image, 0) == "expects at least 1 channel, but got 0");
  CHECK(refused<nn::InstanceNorm>(image, 4) == "expects groups that divide the channels, but got 4 and 6");
  CHECK(refused<nn::InstanceNorm>(tensor_type(f32, {6}), 6) ==
        "expects input [batch, channels, ..], but got 'tensor<6xf32>'");
  CHECK(refused<nn::InstanceNorm>(tensor_type(u8, {2, 6, 4}), 6) == floats + "'tensor<2x6x4xui8>'");

  CHECK(refused<nn::BatchNorm>(image, 6) == "(no error)");
  CHECK(refused<nn::BatchNorm>(image, 0) == "expects at least 1 channel, but got 0");
  CHECK(refused<nn::BatchNorm>(image, 5) ==
        "expects input [batch, channels, ..] and mean [channels], but got 'tensor<?x6x5x7xf32, #varve.dims<n, 6, 5, "
        "7>>' and 'tensor<5xf32>'");
  CHECK(refused<nn::BatchNorm>(tensor_type(f32, {6}), 6) ==
        "expects input [batch, channels, ..], but got 'tensor<6xf32>'");
  CHECK(refused<nn::BatchNorm>(image, 6, nn::BatchNormOptions{.dtype = f16}) ==
        "expects input and mean of equal element type, but got 'tensor<?x6x5x7xf32, #varve.dims<n, 6, 5, 7>>' and "
        "'tensor<6xf16>'");
  CHECK(refused<nn::BatchNorm>(image, 6, nn::BatchNormOptions{.epsilon = -1e-5}) ==
        "expects a finite epsilon of 0 or more, but got -1.000000e-05");
}
