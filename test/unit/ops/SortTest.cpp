// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Sort.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const TensorType matrix = tensor_type(f32, {"seq", 8});
} // namespace

TEST_CASE("sort and argsort") {
  CHECK(contains(recorded([](Value x) { return sort(x).values; }, {matrix}), "varve.sort %arg0 {axis = -1 : i64} : "));
  CHECK(contains(recorded([](Value x) { return argsort(x, {.axis = 0, .descending = true}); }, {matrix}),
                 "varve.sort %arg0 {axis = 0 : i64, descending} : "));
  CHECK(refused([](Value x) { return argsort(x, {.axis = 2}); }, {matrix}) == "expects axis in [-2, 2), but got 2");
}

TEST_CASE("top_k") {
  CHECK(contains(
      recorded([](Value x) { return top_k(x, 2).indices; }, {matrix}),
      "varve.top_k %arg0 {axis = -1 : i64, k = 2 : i64} : (tensor<?x8xf32, #dims>) -> (tensor<?x2xf32, #dims"));
  CHECK(refused([](Value x) { return top_k(x, 9).values; }, {matrix}) == "expects k of 0 to 8, but got 9");
}
