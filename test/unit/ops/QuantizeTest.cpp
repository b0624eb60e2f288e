// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Of weights in blocks, and of what is computed, see test/unit/run/EncodingTest.cpp.
#include "varve/ops/Quantize.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>
#include <tuple>

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

TEST_CASE("GPTQ's tensors have sizes that go together") {
  auto run = [](GptqOptions options) {
    return [=](Value q, Value z, Value s, Value g) { return dequantize_gptq(q, z, s, g, options); };
  };
  auto inputs = [](Shape q, Shape z, Shape s, Shape g) {
    return std::vector<GraphInput>{tensor_type(i32, std::move(q)), tensor_type(i32, std::move(z)),
                                   tensor_type(f16, std::move(s)), tensor_type(i32, std::move(g))};
  };
  std::string text = recorded(run({}), inputs({12, 24}, {3, 3}, {3, 24}, {96}));
  CHECK(contains(text, "-> tensor<96x24xf32>"));
  CHECK(contains(text, "varve.shift_right"));
  CHECK(contains(recorded(run({.bits = 8, .zero_offset = 0}), inputs({24, 12}, {3, 3}, {3, 12}, {96})), "<96x12xf32>"));
  CHECK(refused(run({.bits = 3}), inputs({12, 24}, {3, 3}, {3, 24}, {96})) ==
        "expects quants of 2, 4 or 8 bits, but got 3");
  CHECK(refused(run({}), inputs({12, 24}, {3, 3}, {3, 24}, {95})) ==
        "expects qweight [in / 8, out], qzeros [groups, out / 8], scales [groups, out] and groups [in], but got [12, "
        "24], "
        "[3, 3], [3, 24] and [95]");
  for (auto &[q, z, s, g] : std::vector<std::tuple<Shape, Shape, Shape, Shape>>{{{12, 25}, {3, 3}, {3, 24}, {96}},
                                                                                {{12, 24}, {3, 2}, {3, 24}, {96}},
                                                                                {{12, 24}, {3, 3}, {4, 24}, {96}},
                                                                                {{12}, {3, 3}, {3, 24}, {96}}})
    CHECK(contains(refused(run({}), inputs(q, z, s, g)), "expects qweight [in / 8, out], qzeros [groups"));
  CHECK(contains(refused(run({}), {tensor_type(u8, {12, 24}), tensor_type(i32, {3, 3}), tensor_type(f16, {3, 24}),
                                   tensor_type(i32, {96})}),
                 "expects qweight, qzeros and groups of i32, but got u8 [12, 24], i32 [3, 3] and i32 [96]"));
}
