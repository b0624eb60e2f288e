// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Random.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("random numbers") {
  TensorType seed = tensor_type(i64, {});
  CHECK(contains(
      recorded([](Value key) { return random_normal(key, 7, {4}); }, {seed}),
      "varve.constant dense<7> : tensor<i64>\nvarve.random %arg0, %0 {distribution = \"normal\", dtype = f32, "));
  CHECK(contains(recorded([](Value key) { return random_uniform(1, key, {4}, bf16); }, {seed}), "dtype = bf16"));
  CHECK(contains(recorded([](Value key) { return random_bits(key, key, {2}); }, {seed}), "distribution = \"bits\""));
  CHECK(contains(recorded([](Value key) { return random_integers(key, 0, {2}, -3, 3); }, {seed}),
                 "dense<6> : tensor<i64>"));
  CHECK(refused([](Value key) { return random_uniform(key, 0, {4}, i32); }, {seed}) ==
        "expects dtype f32, f16 or bf16 for uniform, but got 'i32'");
  CHECK(refused([](Value key) { return random_bits(key, 0, {-1}); }, {seed}) ==
        "expects dimensions of shape of 0 or more, but got -1");
  CHECK(refused([](Value key) { return random_integers(key, 0, {4}, 3, 3); }, {seed}) ==
        "expects low and high of 1 to 2^31 integers, but got 3 and 3");
  CHECK(refused([](Value key) { return random_bits(key, 0, {4}); }, {tensor_type(i32, {})}) ==
        "expects key to be tensor of i64 whose dynamic dimensions have names, but got 'tensor<i32>'");
}
