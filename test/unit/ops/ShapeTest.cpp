// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Shape.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const TensorType matrix = tensor_type(f32, {"seq", 8});
} // namespace

TEST_CASE("reshape") {
  CHECK(contains(recorded([](Value x) { return reshape(x, {1, x.dim(0), 2, -1}); }, {matrix}),
                 "-> tensor<1x?x2x4xf32, #dims"));
  CHECK(refused([](Value x) { return reshape(x, {4, 4}); }, {tensor_type(f32, {4, 8})}) ==
        "expects as many elements in shape as in input, but got 16 and 32");
  CHECK(contains(refused([](Value x) { return reshape(x, {-1, -1}); }, {matrix}), "expects at most one -1 in shape"));
}

TEST_CASE("transpose") {
  CHECK(contains(recorded([](Value x) { return transpose(x, {1, 0}); }, {matrix}), "-> tensor<8x?xf32, #dims"));
  CHECK(contains(refused([](Value x) { return transpose(x, {0, 0}); }, {matrix}), "expects a permutation of 0 to 1"));
}

TEST_CASE("broadcast") {
  CHECK(
      contains(recorded([](Value x) { return broadcast(x, {2, "seq", 8}); }, {matrix}), "-> tensor<2x?x8xf32, #dims"));
  CHECK(contains(refused([](Value x) { return broadcast(x, {"seq", 9}); }, {matrix}),
                 "expects input to broadcast to shape, but got [seq, 8] and [seq, 9]"));
}

TEST_CASE("slice, of all dimensions or of one") {
  auto result = [](auto fn) {
    std::string text = recorded(fn, {matrix, dim_input("n")});
    return text.substr(text.find("->") + 3, text.find(',', text.find("->")) - text.find("->") - 3);
  };
  CHECK(result([](Value x) { return slice(x, {{}, {.begin = 2, .end = 6}}); }) == "tensor<?x4xf32");
  CHECK(contains(recorded([](Value x) { return slice(x, 0, {.begin = -1}); }, {matrix}), "-> tensor<1x8xf32>"));
  CHECK(contains(recorded([](Value x) { return slice(x, -1, {.step = 3}); }, {matrix}), "-> tensor<?x3xf32"));
  CHECK(result([](Value x) { return slice(x, 0, {.end = "n"}); }) == "tensor<?x8xf32");
  CHECK(refused([](Value x) { return slice(x, {{}, {}, {}}); }, {matrix}) == "expects 2 ranges or fewer, but got 3");
  CHECK(refused([](Value x) { return slice(x, 2, {}); }, {matrix}) == "expects axis in [-2, 2), but got 2");
  CHECK(contains(refused([](Value x) { return slice(x, 1, {.end = 9}); }, {matrix}),
                 "expects 0 <= start <= end <= size in dimension 1, but got start 0, end 9 and size 8"));
  CHECK(contains(refused([](Value x) { return slice(x, 1, {.step = 0}); }, {matrix}),
                 "expects steps of 1 or more, but got 0"));
}

TEST_CASE("concat") {
  CHECK(contains(Graph("f", [](Value x) { return concat({x, x}, 0); }, {matrix}).text(), "#varve.dims<2*seq, 8>"));
  CHECK(contains(recorded([](Value x) { return concat({x, x, x}, -1); }, {matrix}), "-> tensor<?x24xf32, #dims"));
  CHECK(refused([](Value) { return concat({}, 0); }, {matrix}) == "expects one input or more, but got 0");
  CHECK(contains(refused([](Value x, Value y) { return concat({x, y}, 0); }, {matrix, tensor_type(f32, {2, 9})}),
                 "expects input 0 and input 1 of equal dimensions but for axis 0"));
}

TEST_CASE("split") {
  CHECK(contains(recorded([](Value x) { return split(x, {2, 6}, 1); }, {matrix}), "-> (tensor<?x2xf32, #dims"));
  CHECK(refused([](Value x) { return split(x, {2, 2}, 1); }, {matrix}) ==
        "expects sizes whose sum is dimension 1 of input, but got 4 and 8");
}
