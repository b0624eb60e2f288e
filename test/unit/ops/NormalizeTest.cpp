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

namespace {
const std::vector<GraphInput> planes = {tensor_type(f32, {"n", 8, 5, "w"}), tensor_type(f32, {8})};
} // namespace

TEST_CASE("group_norm and instance_norm") {
  CHECK(contains(recorded([](Value x, Value w) { return group_norm(x, 2, w, w); }, planes),
                 "varve.group_norm %arg0, %arg1, %arg1 {epsilon = 1.000000e-05 : f64, groups = 2 : i64}"));
  CHECK(contains(recorded([](Value x, Value) { return group_norm(x, 4, {.epsilon = 0.5}); }, planes),
                 "varve.group_norm %arg0 {epsilon = 5.000000e-01 : f64, groups = 4 : i64}"));
  CHECK(contains(recorded([](Value x, Value w) { return instance_norm(x, w, w); }, planes), "groups = 8 : i64"));
  CHECK(contains(recorded([](Value x, Value) { return instance_norm(x); }, planes), "groups = 8 : i64"));
  CHECK(contains(refused([](Value x, Value) { return group_norm(x, 3); }, planes),
                 "expects groups that divide the channels, but got 3 and 8"));
  CHECK(contains(refused([](Value x) { return instance_norm(x); }, {tensor_type(f32, {2, "c", 4})}),
                 "expects a number of channels that is known, but got f32 [2, c, 4]"));
  CHECK(contains(refused([](Value x) { return instance_norm(x); }, {tensor_type(f32, {2})}),
                 "expects input [batch, channels, ..], but got"));
}

TEST_CASE("batch_norm") {
  CHECK(contains(recorded([](Value x, Value w) { return batch_norm(x, w, w, w, w); }, planes),
                 "varve.batch_norm %arg0, %arg1, %arg1, %arg1, %arg1 {epsilon = 1.000000e-05 : f64}"));
  CHECK(contains(recorded([](Value x, Value w) { return batch_norm(x, w, w, {.epsilon = 0.5}); }, planes),
                 "varve.batch_norm %arg0, %arg1, %arg1 {epsilon = 5.000000e-01 : f64}"));
  CHECK(contains(refused([](Value x, Value) { return batch_norm(x, x, x); }, planes),
                 "expects input [batch, channels, ..] and mean [channels], but got"));
}
