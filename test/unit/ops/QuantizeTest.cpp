// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Of weights in blocks, and of what is computed, see test/unit/run/EncodingTest.cpp.
#include "varve/ops/Quantize.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("what is in no blocks stands for itself") {
  CHECK(!contains(recorded([](Value x) { return dequantize(x); }, {tensor_type(bf16, {2, 3})}), "dequantize"));
}

TEST_CASE("scales are for all, for rows or for blocks") {
  auto scaled = [](std::array<int64_t, 2> block) {
    return [=](Value x, Value scales) { return dequantize(x, scales, block); };
  };
  auto inputs = [](Shape shape) {
    return std::vector<GraphInput>{tensor_type(bf16, {130, 200}), tensor_type(f16, std::move(shape))};
  };
  for (const Shape &shape : {Shape{}, Shape{1}, Shape{1, 1}, Shape{130, 1}})
    CHECK(contains(recorded(scaled({0, 0}), inputs(shape)), "-> tensor<130x200xf32>"));
  CHECK(contains(recorded(scaled({128, 64}), inputs({2, 4})), "-> tensor<130x200xf32>"));
  CHECK(refused(scaled({0, 0}), inputs({130})) ==
        "expects scales of one element or [130, 1] for input [130, 200], but got [130]");
  CHECK(refused(scaled({128, 128}), inputs({1, 2})) ==
        "expects scales [2, 2] of blocks [128, 128] for input [130, 200], but got [1, 2]");
  CHECK(refused(scaled({128, 0}), inputs({1})) ==
        "expects a block of at least one row and column, or none, but got [128, 0]");
  CHECK(refused(scaled({-1, -1}), inputs({1})) ==
        "expects a block of at least one row and column, or none, but got [-1, -1]");
  CHECK(refused(scaled({0, 0}), {tensor_type(f32, {"n", 4}), tensor_type(f32, {1})}) ==
        "expects input [out, in] of static sizes, but got f32 [n, 4]");
}
