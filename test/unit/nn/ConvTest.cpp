// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Conv.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

TEST_CASE("Conv1d, Conv2d and Conv3d") {
  nn::Conv2d image(3, 8, {.kernel = {3}, .strides = {2}, .padding = {1}, .bias = true});
  CHECK(contains(Graph("f", image, {tensor_type(f32, {"n", 3, 8, 9})}).text(), R"(
    %0 = varve.use @weight : tensor<8x3x3x3xf32>
    %1 = varve.use @bias : tensor<8xf32>
    %2 = varve.conv %arg0, %0, %1 {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x3x8x9xf32, #dims>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<?x8x4x5xf32, #dims1>
    varve.output %2)"));
  nn::Conv1d line(4, 4, {.kernel = {5}, .dilations = {2}, .groups = 4, .dtype = bf16});
  CHECK(contains(Graph("f", line, {tensor_type(bf16, {1, 4, "seq"})}).text(),
                 "{dilations = array<i64: 2>, groups = 4 : i64} : (tensor<1x4x?xbf16, #dims>, tensor<4x1x5xbf16>)"));
  nn::Conv3d box(2, 4, {.kernel = {1, 2, 3}});
  CHECK(contains(Graph("f", box, {tensor_type(f32, {1, 2, 3, 4, 5})}).text(), "tensor<4x2x1x2x3xf32>"));
}

TEST_CASE("ConvTranspose1d, 2d and 3d") {
  nn::ConvTranspose2d image(4, 6, {.kernel = {3}, .strides = {2}, .padding = {1}, .output_padding = {1}, .groups = 2});
  std::string text = Graph("f", image, {tensor_type(f32, {"n", 4, 5, 7})}).text();
  CHECK(contains(text, "varve.use @weight : tensor<4x3x3x3xf32>"));
  CHECK(contains(text, "-> tensor<?x6x10x14xf32, "));
  nn::ConvTranspose1d line(4, 6, {.kernel = {2}, .strides = {2}, .bias = true});
  CHECK(contains(Graph("f", line, {tensor_type(f32, {1, 4, "seq"})}).text(), "#varve.dims<1, 6, 2*seq>"));
  nn::ConvTranspose3d box(4, 6, {.kernel = {2}});
  CHECK(contains(Graph("f", box, {tensor_type(f32, {1, 4, 2, 3, 4})}).text(), "-> tensor<1x6x3x4x5xf32>"));
}

TEST_CASE("a convolution that cannot be is refused when it is made") {
  CHECK(error_of([] { nn::Conv2d(4, 8, {.kernel = {3, 3, 3}}); }) ==
        "expects a kernel of 2 sizes, or one for all, but got 3");
  CHECK(error_of([] { nn::Conv1d(4, 8, {.kernel = {}}); }) == "expects a kernel of 1 sizes, or one for all, but got 0");
  CHECK(error_of([] { nn::Conv2d(4, 8, {.kernel = {3}, .groups = 3}); }) ==
        "expects groups that divide in and out, but got 3, 4 and 8");
  CHECK(error_of([] { nn::ConvTranspose2d(4, 9, {.kernel = {3}, .groups = 0}); }) ==
        "expects groups that divide in and out, but got 0, 4 and 9");
}
