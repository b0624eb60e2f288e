// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Indexing.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {

const TensorType cube = tensor_type(f32, {"batch", "seq", 8});

template <class Fn> std::string shape_of(Fn fn) {
  std::string text;
  recorded(
      [&](Value x, Value i) {
        Value y = fn(x, i);
        text = shape_text(y.shape());
        return y;
      },
      {cube, tensor_type(i64, {2, 3}), dim_input("n")});
  return text;
}
template <class Fn> std::string error(Fn fn) { return refused(fn, {cube, tensor_type(i64, {2, 3})}); }

} // namespace

TEST_CASE("values are indexed as in Python, and dimensions keep their names") {
  CHECK(shape_of([](Value x, Value) { return x(0); }) == "[seq, 8]");
  CHECK(shape_of([](Value x, Value) { return x(-1, 2); }) == "[8]");
  CHECK(shape_of([](Value x, Value) { return x(0, 1, 2); }) == "[]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), slice(1)); }) == "[batch, seq - 1, 8]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), slice(1, -1)); }) == "[batch, seq - 2, 8]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), slice(0, "n")); }) == "[batch, n, 8]");
  CHECK(shape_of([](Value x, Value) { return x(ellipsis, slice(1, 8, 3)); }) == "[batch, seq, 3]");
  CHECK(shape_of([](Value x, Value) { return x(ellipsis, Range{.step = 2}); }) == "[batch, seq, 4]");
  CHECK(shape_of([](Value x, Value) { return x(0, ellipsis, newaxis); }) == "[seq, 8, 1]");
  CHECK(shape_of([](Value x, Value) { return x(newaxis, ellipsis, -1); }) == "[1, batch, seq]");
  CHECK(shape_of([](Value x, Value) { return x(ellipsis, slice(6, 1, -2)); }) == "[batch, seq, 3]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), slice(-1, {}, -2)); }) == "[batch, (seq + 1) floordiv 2, 8]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), "n", newaxis, slice(-3)); }) == "[batch, 1, 3]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), Dim("n") - 1); }) == "[batch, 8]");
  CHECK(shape_of([](Value x, Value i) { return x(slice(), i); }) == "[batch, 2, 3, 8]");
  CHECK(shape_of([](Value x, Value i) { return x(newaxis, ellipsis, i, newaxis); }) == "[1, batch, seq, 2, 3, 1]");
  CHECK(shape_of([](Value x, Value i) { return x(i, slice(1)); }) == "[2, 3, seq - 1, 8]");
  CHECK(shape_of([](Value x, Value) { return x(newaxis, 0, newaxis, 1, newaxis, 2); }) == "[1, 1, 1]");
  CHECK(shape_of([](Value x, Value) { return x(slice(), ellipsis, slice(), slice()); }) == "[batch, seq, 8]");
}

TEST_CASE("an index records what it needs") {
  CHECK(recorded([](Value x) { return x(ellipsis); }, {cube}).empty());
  CHECK(recorded([](Value x) { return x(newaxis); }, {tensor_type(f32, {4})}) ==
        "varve.reshape %arg0 {shape = #dims} : (tensor<4xf32>) -> tensor<1x4xf32>");
  CHECK(
      recorded([](Value x) { return x(-1); }, {tensor_type(f32, {4, 2})}) ==
      R"(varve.slice %arg0 {ends = #dims, starts = #dims1, steps = array<i64: 1, 1>} : (tensor<4x2xf32>) -> tensor<1x2xf32>
varve.reshape %0 {shape = #dims2} : (tensor<1x2xf32>) -> tensor<2xf32>)");
  CHECK(recorded([](Value x, Value i) { return x(i); }, {tensor_type(f32, {4, 2}), tensor_type(i32, {3})}) ==
        "varve.gather %arg0, %arg1 : (tensor<4x2xf32>, tensor<3xi32>) -> tensor<3x2xf32>");
}

TEST_CASE("what is no index is refused") {
  CHECK(error([](Value x, Value) { return x(0, 0, 0, 0); }) == "expects 3 indices or fewer, but got 4");
  CHECK(error([](Value x, Value) { return x(ellipsis, 0, ellipsis); }) == "expects one ellipsis or none, but got 2");
  CHECK(error([](Value x, Value i) { return x(i, i); }) ==
        "expects one value as index, and no number beside it, but got 2 values and 0 numbers");
  CHECK(error([](Value x, Value i) { return x(0, i); }) ==
        "expects one value as index, and no number beside it, but got 1 values and 1 numbers");
  CHECK(contains(error([](Value x, Value) { return x(ellipsis, 8); }),
                 "expects 0 <= start <= end <= size in dimension 2, but got start 8, end 9 and size 8"));
  CHECK(contains(error([](Value x, Value) { return x(ellipsis, -9); }),
                 "expects 0 <= start <= end <= size in dimension 2, but got start -1, end 0 and size 8"));
  CHECK(contains(error([](Value x, Value) { return x(ellipsis, slice(0, 8, 0)); }),
                 "expects steps of 1 or more, but got 0"));
  CHECK(error([](Value x, Value) { return x(ellipsis, slice(8, 0, -1)); }) == "expects a position below 8, but got 8");
  CHECK(contains(error([](Value x, Value) { return x(x); }), "expects indices to be tensor of i32 or i64"));
}
