// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Cumulative.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("cumulative functions") {
  const TensorType matrix = tensor_type(f32, {"seq", 8});
  CHECK(contains(recorded([](Value x) { return cumsum(x); }, {matrix}), "varve.cumsum %arg0 {axis = -1 : i64} : "));
  CHECK(contains(recorded([](Value x) { return cumprod(x, 0); }, {matrix}), "varve.cumprod %arg0 {axis = 0 : i64} : "));
  CHECK(refused([](Value x) { return cumsum(x, 2); }, {matrix}) == "expects axis in [-2, 2), but got 2");
}
