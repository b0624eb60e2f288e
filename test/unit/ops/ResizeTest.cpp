// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Resize.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("resize") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {1, 4, 8, "w"})};
  CHECK(contains(recorded([](Value x) { return resize(x, {.scales = {2}}); }, inputs),
                 "varve.resize %arg0 {mode = \"nearest\", scales = array<f64: 2.000000e+00, 2.000000e+00>}"));
  CHECK(contains(
      recorded(
          [](Value x) { return resize(x, {.mode = ResizeMode::linear, .sizes = {16, "w"}, .align_corners = true}); },
          inputs),
      "varve.resize %arg0 {align_corners, mode = \"linear\", sizes = #dims"));
  CHECK(contains(recorded([](Value x) { return resize(x, {.mode = ResizeMode::cubic, .scales = {0.5}}); }, inputs),
                 "mode = \"cubic\""));
  CHECK(contains(
      recorded([](Value x) { return resize(x, {.mode = ResizeMode::nearest_exact, .scales = {1.5}}); }, inputs),
      "mode = \"nearest_exact\""));
  CHECK(contains(
      recorded([](Value x) { return resize(x, {.mode = ResizeMode::linear, .scales = {0.5}, .antialias = true}); },
               inputs),
      "{antialias, mode = \"linear\""));
  CHECK(refused([](Value x) { return resize(x, {.scales = {0.5}, .antialias = true}); }, inputs) ==
        "expects antialias with mode linear or cubic, but got nearest");
  CHECK(
      contains(refused([](Value x) { return resize(x, {}); }, inputs), "expects 2 sizes or 2 scales, but got 0 and 0"));
  CHECK(contains(refused([](Value x) { return resize(x, {.scales = {0.3}}); }, inputs),
                 "expects a scale of w that is a fraction of integers below 2^20, but got"));
  CHECK(contains(refused([](Value x) { return resize(x, {.mode = ResizeMode(9), .scales = {2}}); }, inputs),
                 "expects a mode of resize, but got the value 9"));
}
