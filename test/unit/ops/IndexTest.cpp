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

TEST_CASE("take_along_axis") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"seq", 8}), tensor_type(i64, {"seq", 2})};
  CHECK(contains(recorded([](Value x, Value i) { return take_along_axis(x, i, -1); }, inputs),
                 "varve.take_along_axis %arg0, %arg1 {axis = -1 : i64} : "));
  CHECK(contains(refused([](Value x, Value i) { return take_along_axis(x, i, 0); }, inputs),
                 "expects input and indices of equal dimensions but for axis 0, but got "));
}

TEST_CASE("scatter and put_along_axis") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {4, 8}), tensor_type(i64, {2}), tensor_type(bf16, {2, 8})};
  std::string text = recorded([](Value x, Value i, Value u) { return scatter(x, i, u); }, inputs);
  CHECK(contains(text, "varve.cast %arg2 {dtype = f32}"));
  CHECK(contains(text, "varve.scatter %arg0, %arg1, %0 {axis = 0 : i64} : ") +
            contains(text, "varve.scatter %arg0, %arg1, %0 : ") ==
        1);
  auto adds = [](Value x, Value i, Value u) { return scatter(x, i, u, {.reduction = Scatter::add}); };
  CHECK(contains(recorded(adds, inputs), "reduction = \"add\""));
  CHECK(refused([](Value x, Value i, Value u) { return scatter(x, i, u, {.axis = 1}); }, inputs) ==
        "expects updates of shape [4, 2], but got 'tensor<2x8xf32>'");
  inputs[1] = tensor_type(i32, {4, 2});
  inputs[2] = tensor_type(f32, {4, 2});
  CHECK(contains(recorded([](Value x, Value i, Value u) { return put_along_axis(x, i, u, {.axis = 1}); }, inputs),
                 "varve.put_along_axis %arg0, %arg1, %arg2 {axis = 1 : i64} : "));
  CHECK(contains(refused([](Value x, Value i, Value) { return put_along_axis(x, i, x, {.axis = 1}); }, inputs),
                 "expects indices and updates of equal dimensions, but got "));
}

TEST_CASE("one_hot") {
  CHECK(contains(recorded([](Value i) { return one_hot(i, 5, bf16); }, {tensor_type(i32, {"seq"})}),
                 "{dtype = bf16} : (tensor<?x5xi1, #dims"));
  CHECK(refused([](Value i) { return one_hot(i, 5); }, {tensor_type(f32, {2})}) ==
        "expects indices of integers, but got f32");
  CHECK(refused([](Value i) { return one_hot(i, -1); }, {tensor_type(i64, {2})}) ==
        "expects dimensions of shape of 0 or more, but got -1");
}
