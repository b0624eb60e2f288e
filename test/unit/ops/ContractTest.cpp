// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Contract.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("matmul") {
  CHECK(recorded([](Value x, Value y) { return matmul(x, y); },
                 {tensor_type(f32, {"batch", 3, 4}), tensor_type(f32, {4, 5})}) ==
        "varve.matmul %arg0, %arg1 : (tensor<?x3x4xf32, #dims>, tensor<4x5xf32>) -> tensor<?x3x5xf32, #dims1>");
  CHECK(contains(
      recorded([](Value x, Value y) { return matmul(x, y); }, {tensor_type(bf16, {3, 4}), tensor_type(f32, {4, 5})}),
      "varve.cast %arg0 {dtype = f32}"));
  CHECK(refused([](Value x, Value y) { return matmul(x, y); }, {tensor_type(f32, {3, 4}), tensor_type(f32, {5, 4})}) ==
        "expects the last dimension of lhs to be the last but one of rhs, but got 'tensor<3x4xf32>' and "
        "'tensor<5x4xf32>'");
  CHECK(refused([](Value x, Value y) { return matmul(x, y); }, {tensor_type(i32, {3, 4}), tensor_type(i32, {4, 5})}) ==
        "expects lhs to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<3x4xi32>'");
}

TEST_CASE("linear does not convert a weight") {
  auto run = [](Value x, Value w) { return linear(x, w); };
  CHECK(recorded(run, {tensor_type(f32, {"seq", 4}), tensor_type(f32, {5, 4})}) ==
        "varve.linear %arg0, %arg1 : (tensor<?x4xf32, #dims>, tensor<5x4xf32>) -> tensor<?x5xf32, #dims1>");
  CHECK(refused(run, {tensor_type(f32, {3, 4}), tensor_type(bf16, {5, 4})}) ==
        "expects input and weight of equal element type, but got 'tensor<3x4xf32>' and 'tensor<5x4xbf16>'");
  CHECK(refused([](Value x) { return linear(x, 2); }, {tensor_type(f32, {3, 4})}) ==
        "expects a value as weight, but got a number");
}

TEST_CASE("grouped_matmul") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"rows", 8}), tensor_type(f32, {3, 4, 8}), tensor_type(i32, {3})};
  CHECK(contains(recorded([](Value x, Value w, Value sizes) { return grouped_matmul(x, w, sizes); }, inputs),
                 "varve.grouped_matmul %arg0, %arg1, %arg2 : "));
  CHECK(contains(refused([](Value x, Value w, Value) { return grouped_matmul(x, w, x); }, inputs),
                 "expects sizes [3], one for each group, but got"));
}
