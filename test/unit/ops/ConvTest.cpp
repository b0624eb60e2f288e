// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Conv.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("conv, with a bias or without") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 4, 8, "w"}), tensor_type(f32, {6, 4, 3, 3}),
                                    tensor_type(f32, {6})};
  CHECK(recorded([](Value x, Value w, Value) { return conv(x, w); }, inputs) ==
        "varve.conv %arg0, %arg1 : (tensor<?x4x8x?xf32, #dims>, tensor<6x4x3x3xf32>) -> tensor<?x6x6x?xf32, #dims1>");
  // One number stands for both axes, and padding for both ends.
  CHECK(contains(recorded([](Value x, Value w,
                             Value b) { return conv(x, w, b, {.strides = {2}, .padding = {1}, .dilations = {1, 2}}); },
                          inputs),
                 "varve.conv %arg0, %arg1, %arg2 {dilations = array<i64: 1, 2>, padding_begin = array<i64: 1, 1>, "
                 "padding_end = array<i64: 1, 1>, strides = array<i64: 2, 2>}"));
  CHECK(contains(recorded([](Value x, Value w, Value) { return conv(x, w, {.padding_end = {1, 0}}); }, inputs),
                 "{padding_end = array<i64: 1, 0>}"));
  CHECK(contains(refused([](Value x, Value w, Value) { return conv(x, w, {.groups = 2}); }, inputs),
                 "expects input channels of groups times the weight's, but got 4, 2 and 4"));
  CHECK(contains(refused([](Value x, Value w, Value) { return conv(x, w, {.strides = {1, 2, 3}}); }, inputs),
                 "expects 2 strides, one for each spatial dimension, but got 3"));
}

TEST_CASE("conv rounds named sizes down") {
  auto shape = [](Value x, Value w) {
    CHECK(conv(x, w, {.strides = {2}, .padding = {1}}).dim(2) == Dim("(seq - 1) floordiv 2 + 1"));
    CHECK(conv(x, w, {.strides = {2}, .padding = {1}}).dim(2) == (Dim("seq") + 1) / 2);
    return x;
  };
  Graph("f", shape, {tensor_type(f32, {1, 4, "seq"}), tensor_type(f32, {4, 4, 3})});
}

TEST_CASE("conv_transpose") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 4, 8, "w"}), tensor_type(f32, {4, 6, 3, 3}),
                                    tensor_type(f32, {6})};
  CHECK(recorded([](Value x, Value w, Value) { return conv_transpose(x, w); }, inputs) ==
        "varve.conv_transpose %arg0, %arg1 : (tensor<?x4x8x?xf32, #dims>, tensor<4x6x3x3xf32>) -> "
        "tensor<?x6x10x?xf32, #dims1>");
  CHECK(contains(
      recorded([](Value x, Value w,
                  Value b) { return conv_transpose(x, w, b, {.strides = {2}, .padding = {1}, .output_padding = {1}}); },
               inputs),
      "varve.conv_transpose %arg0, %arg1, %arg2 {output_padding = array<i64: 1, 1>, padding_begin = "
      "array<i64: 1, 1>, padding_end = array<i64: 1, 1>, strides = array<i64: 2, 2>}"));
  CHECK(contains(refused([](Value x, Value w, Value) { return conv_transpose(x, w, {.output_padding = {2}}); }, inputs),
                 "expects output_padding of 0 or more, less than the stride or the dilation, but got 2"));
}
