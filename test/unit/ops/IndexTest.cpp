// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Index.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("gather") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {256, 8}), tensor_type(i64, {1, "seq"})};
  CHECK(contains(recorded([](Value x, Value i) { return gather(x, i); }, inputs),
                 ": (tensor<256x8xf32>, tensor<1x?xi64, #dims>) -> tensor<1x?x8xf32, #dims1>"));
  CHECK(contains(recorded([](Value x, Value i) { return gather(x, i, -1); }, inputs), "axis = -1"));
  CHECK(refused([](Value x, Value i) { return gather(x, i, 2); }, inputs) == "expects axis in [-2, 2), but got 2");
  CHECK(contains(refused([](Value x, Value) { return gather(x, x); }, inputs),
                 "expects indices to be tensor of i32 or i64 whose dynamic dimensions have names, but got 'tensor<"));
}

TEST_CASE("iota") {
  auto run = [](Shape shape, DType dtype, int64_t axis) { return [=](Value) { return iota(shape, dtype, axis); }; };
  CHECK(contains(recorded(run({"seq", 4}, i64, 0), {tensor_type(f32, {"seq"})}), "-> tensor<?x4xi64, #dims"));
  CHECK(contains(recorded(run({4}, f32, 0), {tensor_type(f32, {"seq"})}), "dtype = f32"));
  CHECK(refused(run({4}, i64, 1), {tensor_type(f32, {1})}) == "expects axis in [-1, 1), but got 1");
  CHECK(refused(run({4}, boolean, 0), {tensor_type(f32, {1})}) ==
        "expects dtype f32, f16, bf16, i8, i32, i64 or ui8, but got 'i1'");
  CHECK(contains(refused(run({-1}, i64, 0), {tensor_type(f32, {1})}), "expects dimensions of shape"));
}
