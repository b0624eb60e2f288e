// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Pool.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 4, 8, 9})};
} // namespace

TEST_CASE("max_pool") {
  // Windows lie side by side unless strides are given.
  CHECK(
      recorded([](Value x) { return max_pool(x, {.kernel = {2, 3}}); }, inputs) ==
      "varve.max_pool %arg0 {kernel = array<i64: 2, 3>, strides = array<i64: 2, 3>} : (tensor<?x4x8x9xf32, #dims>) -> "
      "tensor<?x4x4x3xf32, #dims1>");
  CHECK(contains(
      recorded(
          [](Value x) {
            return max_pool(x, {.kernel = {3}, .strides = {2}, .padding = {1}, .dilations = {2}, .ceil_mode = true});
          },
          inputs),
      "{ceil_mode, dilations = array<i64: 2, 2>, kernel = array<i64: 3, 3>, padding_begin = array<i64: 1, 1>, "
      "padding_end = array<i64: 1, 1>, strides = array<i64: 2, 2>}"));
  CHECK(contains(refused([](Value x) { return max_pool(x, {.kernel = {3}, .padding = {2}}); }, inputs),
                 "expects padding of at most half of a window of 3, but got 2"));
  CHECK(contains(refused([](Value x) { return max_pool(x, {.kernel = {}}); }, inputs),
                 "expects input of one to three spatial dimensions, and as many entries of kernel"));
}

TEST_CASE("avg_pool") {
  CHECK(contains(recorded([](Value x) { return avg_pool(x, {.kernel = {2}}); }, inputs),
                 "varve.avg_pool %arg0 {count_include_pad, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}"));
  CHECK(contains(
      recorded([](Value x) { return avg_pool(x, {.kernel = {2}, .strides = {1}, .count_include_pad = false}); },
               inputs),
      "varve.avg_pool %arg0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>}"));
  CHECK(contains(recorded([](Value x) { return avg_pool(x, {.kernel = {2}, .divisor_override = 3}); }, inputs),
                 "{count_include_pad, divisor_override = 3 : i64, kernel"));
  CHECK(refused([](Value x) { return avg_pool(x, {.kernel = {2}, .divisor_override = 0}); }, inputs) ==
        "expects a divisor_override other than 0, but got 0");
  CHECK(contains(refused([](Value x) { return avg_pool(x, {.kernel = {9}}); }, inputs),
                 "expects the padded input to hold a window of 9 in spatial dimension 0, but got 8"));
}

TEST_CASE("adaptive and global pooling") {
  CHECK(contains(recorded([](Value x) { return adaptive_max_pool(x, {3, 4}); }, inputs),
                 "varve.adaptive_max_pool %arg0 {size = array<i64: 3, 4>}"));
  CHECK(contains(recorded([](Value x) { return adaptive_avg_pool(x, {7}); }, inputs),
                 "varve.adaptive_avg_pool %arg0 {size = array<i64: 7, 7>}"));
  CHECK(contains(recorded([](Value x) { return global_max_pool(x); }, inputs),
                 "varve.adaptive_max_pool %arg0 {size = array<i64: 1, 1>}"));
  CHECK(contains(recorded([](Value x) { return global_avg_pool(x); }, {tensor_type(bf16, {1, 4, "seq"})}),
                 "varve.adaptive_avg_pool %arg0 {size = array<i64: 1>}"));
  CHECK(contains(refused([](Value x) { return adaptive_avg_pool(x, {0}); }, inputs),
                 "expects sizes of 1 or more, but got 0"));
}
