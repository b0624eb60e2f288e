// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Reduce.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const TensorType matrix = tensor_type(f32, {"batch", 8});
} // namespace

TEST_CASE("reductions") {
  auto check = [](Value (*fn)(Operand, ReduceOptions), const std::string &op) {
    CHECK(recorded([fn](Value x) { return fn(x, {}); }, {matrix}) ==
          "varve." + op + " %arg0 : (tensor<?x8xf32, #dims>) -> tensor<f32>");
    CHECK(recorded([fn](Value x) { return fn(x, {.axes = {-1}, .keep_dims = true}); }, {matrix}) ==
          "varve." + op +
              " %arg0 {axes = array<i64: -1>, keep_dims} : (tensor<?x8xf32, #dims>) -> tensor<?x1xf32, #dims1>");
  };
  check(reduce_sum, "reduce_sum");
  check(reduce_mean, "reduce_mean");
  check(reduce_max, "reduce_max");
  check(reduce_min, "reduce_min");
  check(reduce_prod, "reduce_prod");
  CHECK(refused([](Value x) { return reduce_sum(x, {.axes = {2}}); }, {matrix}) ==
        "expects axes in [-2, 2), but got 2");
  CHECK(contains(refused([](Value x) { return reduce_sum(x, {.axes = {0, -2}}); }, {matrix}), "but got"));
  CHECK(refused([](Value x) { return reduce_mean(x); }, {tensor_type(i32, {4})}) ==
        "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'");
}

TEST_CASE("argmin") {
  CHECK(contains(recorded([](Value x) { return argmin(x, {.axis = 0}); }, {matrix}),
                 "varve.argmin %arg0 {axis = 0 : i64} : "));
  CHECK(refused([](Value x) { return argmin(x, {.axis = 5}); }, {matrix}) == "expects axis in [-2, 2), but got 5");
}

TEST_CASE("argmax") {
  CHECK(contains(recorded([](Value x) { return argmax(x); }, {matrix}), "-> tensor<?xi64, #dims"));
  CHECK(contains(recorded([](Value x) { return argmax(x, {.axis = 0, .keep_dims = true}); }, {matrix}),
                 "-> tensor<1x8xi64>"));
  CHECK(refused([](Value x) { return argmax(x, {.axis = 5}); }, {matrix}) == "expects axis in [-2, 2), but got 5");
}
