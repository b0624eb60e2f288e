// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Normalize.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>
#include <limits>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const std::vector<GraphInput> inputs = {tensor_type(f32, {"seq", 8}), tensor_type(f32, {8}), tensor_type(f32, {8})};
} // namespace

TEST_CASE("softmax") {
  CHECK(recorded([](Value x) { return softmax(x); }, {tensor_type(f32, {4, 8})}) ==
        "varve.softmax %arg0 {axis = -1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>");
  CHECK(refused([](Value x) { return softmax(x, 2); }, {tensor_type(f32, {4, 8})}) ==
        "expects axis in [-2, 2), but got 2");
}

TEST_CASE("layer_norm, with a bias or without") {
  CHECK(contains(recorded([](Value x, Value w, Value b) { return layer_norm(x, w, b); }, inputs),
                 "varve.layer_norm %arg0, %arg1, %arg2 {epsilon = 1.000000e-05 : f64}"));
  CHECK(contains(recorded([](Value x, Value w, Value) { return layer_norm(x, w, {.epsilon = 0.5}); }, inputs),
                 "varve.layer_norm %arg0, %arg1 {epsilon = 5.000000e-01 : f64}"));
  CHECK(contains(refused([](Value, Value w, Value b) { return layer_norm(w, b, b, {.epsilon = -1}); }, inputs),
                 "epsilon"));
}

TEST_CASE("rms_norm") {
  CHECK(contains(recorded([](Value x, Value w, Value) { return rms_norm(x, w); }, inputs),
                 "varve.rms_norm %arg0, %arg1 {epsilon = 1.000000e-05 : f64}"));
  CHECK(contains(refused([](Value x, Value, Value) { return rms_norm(x, x); }, inputs), "expects"));
  double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(
      contains(refused([=](Value x, Value w, Value) { return rms_norm(x, w, {.epsilon = nan}); }, inputs), "epsilon"));
}
