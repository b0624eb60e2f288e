// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Pool.h"
#include "test/unit/Support.h"
#include "test/unit/nn/Refused.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::refused;

TEST_CASE("pooling layers and Upsample record their op") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 4, 8, 9})};
  nn::MaxPool largest({.kernel = {3}, .strides = {2}, .padding = {1}});
  CHECK(contains(Graph("f", largest, inputs).text(),
                 "varve.max_pool %arg0 {kernel = array<i64: 3, 3>, padding_begin = array<i64: 1, 1>, "));
  nn::AvgPool mean({.kernel = {2}});
  CHECK(contains(Graph("f", mean, inputs).text(), "varve.avg_pool %arg0 {count_include_pad, "));
  nn::AdaptiveMaxPool some({.size = {2, 3}});
  CHECK(contains(Graph("f", some, inputs).text(), "varve.adaptive_max_pool %arg0 {size = array<i64: 2, 3>}"));
  nn::AdaptiveAvgPool all;
  CHECK(contains(Graph("f", all, inputs).text(), "varve.adaptive_avg_pool %arg0 {size = array<i64: 1, 1>}"));
  nn::Upsample twice({.mode = ResizeMode::linear, .scales = {2}});
  CHECK(contains(Graph("f", twice, inputs).text(), "varve.resize %arg0 {mode = \"linear\""));
}

TEST_CASE("pooling in a chain, with a dropout that does nothing") {
  nn::Sequential chain;
  chain.emplace<nn::Conv2d>(3, 4, nn::ConvOptions{.kernel = {3}});
  chain.emplace<nn::ReLU>();
  chain.emplace<nn::MaxPool>(MaxPoolOptions{.kernel = {2}});
  chain.emplace<nn::Dropout>(0.1);
  std::string text = Graph("f", chain, {tensor_type(f32, {1, 3, 10, 10})}).text();
  for (std::string kind : {R"("0" : "Conv2d")", R"("1" : "ReLU")", R"("2" : "MaxPool")"})
    CHECK(contains(text, kind));
  CHECK(test::error_of([] { nn::Dropout(1.5); }) == "expects a probability from 0 to 1, but got 1.500000");
}

TEST_CASE("pooling that is used wrongly says what it expects, where") {
  TensorType image = tensor_type(f32, {"n", 4, 8, 9});
  std::string floats = "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got ";
  auto largest = [&](MaxPoolOptions options) { return refused<nn::MaxPool>(image, std::move(options)); };
  CHECK(largest({.kernel = {3}}) == "(no error)");
  std::string named = "'tensor<?x4x8x9xf32, #varve.dims<n, 4, 8, 9>>'";
  CHECK(largest({.kernel = {}}) ==
        "expects input of one to three spatial dimensions, and as many entries of kernel, but got " + named + " and 0");
  CHECK(largest({.kernel = {2, 2, 2}}) ==
        "expects input of one to three spatial dimensions, and as many entries of kernel, but got " + named + " and 3");
  CHECK(largest({.kernel = {0}}) == "expects kernel sizes of 1 to 1073741824, but got 0");
  CHECK(largest({.kernel = {2, -2}}) == "expects kernel sizes of 1 to 1073741824, but got -2");
  CHECK(largest({.kernel = {3}, .strides = {0}}) == "expects strides of 1 to 1073741824, but got 0");
  CHECK(largest({.kernel = {3}, .strides = {1, 1, 1}}) ==
        "expects 2 strides, one for each spatial dimension, but got 3");
  CHECK(largest({.kernel = {3}, .padding = {-1}}) == "expects padding_begin of 0 to 1073741824, but got -1");
  CHECK(largest({.kernel = {3}, .padding = {1, 1, 1}}) ==
        "expects 2 padding_begin, one for each spatial dimension, but got 3");
  CHECK(largest({.kernel = {3}, .padding = {2}}) == "expects padding of at most half of a window of 3, but got 2");
  CHECK(largest({.kernel = {3}, .dilations = {0}}) == "expects dilations of 1 to 1073741824, but got 0");
  CHECK(largest({.kernel = {3}, .dilations = {1, 1, 1}}) ==
        "expects 2 dilations, one for each spatial dimension, but got 3");
  CHECK(largest({.kernel = {2, 10}}) ==
        "expects the padded input to hold a window of 10 in spatial dimension 1, but got 9");
  CHECK(
      refused<nn::MaxPool>(tensor_type(f32, {4, 8}), MaxPoolOptions{.kernel = {2}}) ==
      "expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<4x8xf32>' and "
      "1");
  CHECK(refused<nn::MaxPool>(tensor_type(i32, {1, 4, 8}), MaxPoolOptions{.kernel = {2}}) ==
        floats + "'tensor<1x4x8xi32>'");

  auto mean = [&](AvgPoolOptions options) { return refused<nn::AvgPool>(image, std::move(options)); };
  CHECK(mean({.kernel = {3}}) == "(no error)");
  CHECK(mean({.kernel = {2, 2, 2}}) ==
        "expects input of one to three spatial dimensions, and as many entries of kernel, but got " + named + " and 3");
  CHECK(mean({.kernel = {0}}) == "expects kernel sizes of 1 to 1073741824, but got 0");
  CHECK(mean({.kernel = {3}, .strides = {-1}}) == "expects strides of 1 to 1073741824, but got -1");
  CHECK(mean({.kernel = {3}, .padding = {2}}) == "expects padding of at most half of a window of 3, but got 2");
  CHECK(mean({.kernel = {3}, .divisor_override = 0}) == "expects a divisor_override other than 0, but got 0");
  CHECK(mean({.kernel = {9}}) == "expects the padded input to hold a window of 9 in spatial dimension 0, but got 8");
  CHECK(refused<nn::AvgPool>(tensor_type(u8, {1, 4, 8}), AvgPoolOptions{.kernel = {2}}) ==
        floats + "'tensor<1x4x8xui8>'");

  using Size = nn::AdaptivePoolOptions;
  CHECK(refused<nn::AdaptiveMaxPool>(image, Size{.size = {0}}) == "expects sizes of 1 or more, but got 0");
  CHECK(refused<nn::AdaptiveMaxPool>(image, Size{.size = {2, 2, 2}}) ==
        "expects input of one to three spatial dimensions, and as many entries of size, but got " + named + " and 3");
  CHECK(refused<nn::AdaptiveAvgPool>(image, Size{.size = {3, -1}}) == "expects sizes of 1 or more, but got -1");
  CHECK(refused<nn::AdaptiveAvgPool>(tensor_type(f32, {2, 4, 0}), Size{}) ==
        "expects spatial dimensions that are not empty, but got 'tensor<2x4x0xf32>'");
  CHECK(refused<nn::AdaptiveAvgPool>(tensor_type(f32, {2, 4}), Size{}) ==
        "expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<2x4xf32>' and "
        "1");
  CHECK(refused<nn::AdaptiveAvgPool>(tensor_type(i8, {2, 4, 3}), Size{}) == floats + "'tensor<2x4x3xi8>'");
}

TEST_CASE("resampling that is used wrongly says what it expects, where") {
  auto resized = [](ResizeOptions options) {
    return refused<nn::Upsample>(tensor_type(f32, {"n", 4, 8, "w"}), std::move(options));
  };
  CHECK(resized({.scales = {2}}) == "(no error)");
  CHECK(resized({}) == "expects 2 sizes or 2 scales, but got 0 and 0");
  CHECK(resized({.sizes = {3}}) == "expects 2 sizes or 2 scales, but got 1 and 0");
  CHECK(resized({.sizes = {3, 3}, .scales = {2}}) == "expects 2 sizes or 2 scales, but got 2 and 2");
  CHECK(resized({.scales = {2, 2, 2}}) == "expects 2 sizes or 2 scales, but got 0 and 3");
  CHECK(resized({.sizes = {-4, 3}}) == "expects sizes of 0 or more, but got -4");
  CHECK(resized({.scales = {0}}) == "expects scales that are finite and above 0, but got 0.000000e+00");
  CHECK(resized({.scales = {NAN}}) == "expects scales that are finite and above 0, but got nan");
  CHECK(resized({.scales = {2, 0.3}}) ==
        "expects a scale of w that is a fraction of integers below 2^20, but got 3.000000e-01");
  CHECK(resized({.scales = {2}, .align_corners = true}) ==
        "expects align_corners with mode linear or cubic, but got nearest");
  CHECK(resized({.mode = ResizeMode::nearest_exact, .scales = {2}, .antialias = true}) ==
        "expects antialias with mode linear or cubic, but got nearest_exact");
  CHECK(resized({.mode = ResizeMode(9), .scales = {2}}) == "expects a mode of resize, but got the value 9");
  CHECK(refused<nn::Upsample>(tensor_type(f32, {4, 8}), ResizeOptions{.scales = {2}}) ==
        "expects input of one to three spatial dimensions, but got 'tensor<4x8xf32>'");
  CHECK(refused<nn::Upsample>(tensor_type(f32, {1, 4, 0}), ResizeOptions{.scales = {2}}) ==
        "expects spatial dimensions that are not empty, but got 'tensor<1x4x0xf32>'");
  CHECK(refused<nn::Upsample>(tensor_type(i32, {1, 4, 8}), ResizeOptions{.scales = {2}}) ==
        "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got "
        "'tensor<1x4x8xi32>'");
}
