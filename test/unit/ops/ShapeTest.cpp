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

TEST_CASE("chunk") {
  auto sizes = [](TensorType type, int64_t count, int64_t axis) {
    std::string text;
    recorded(
        [&](Value x) {
          std::vector<Value> pieces = chunk(x, count, axis);
          for (Value piece : pieces)
            text += piece.dim(axis).str() + " ";
          return pieces[0];
        },
        {type, dim_input("seq")});
    return text;
  };
  CHECK(sizes(tensor_type(f32, {2, 7}), 3, -1) == "3 3 1 ");
  CHECK(sizes(tensor_type(f32, {5}), 4, 0) == "2 2 1 "); // as PyTorch: fewer
  CHECK(sizes(tensor_type(f32, {0}), 4, 0) == "0 ");
  CHECK(sizes(tensor_type(f32, {"2*seq"}), 2, 0) == "seq seq ");
  CHECK(refused([](Value x) { return chunk(x, 2)[0]; }, {matrix}) ==
        "expects a dimension that is a multiple of 2, but got seq");
  CHECK(refused([](Value x) { return chunk(x, 0, 1)[0]; }, {matrix}) == "expects a count of 1 or more, but got 0");
}

TEST_CASE("stack") {
  CHECK(recorded([](Value x, Value y) { return stack({x, y}, -1); }, {tensor_type(f32, {4}), tensor_type(f32, {4})}) ==
        R"(varve.reshape %arg0 {shape = #dims} : (tensor<4xf32>) -> tensor<4x1xf32>
varve.reshape %arg1 {shape = #dims} : (tensor<4xf32>) -> tensor<4x1xf32>
varve.concat %0, %1 {axis = -1 : i64} : (tensor<4x1xf32>, tensor<4x1xf32>) -> tensor<4x2xf32>)");
  CHECK(refused([](Value x) { return stack({x}, 3); }, {matrix}) == "expects axis in [-3, 3), but got 3");
  CHECK(refused([](Value) { return stack({}, 0); }, {matrix}) == "expects one input or more, but got 0");
}

TEST_CASE("pad") {
  CHECK(contains(recorded([](Value x) { return pad(x, {{.low = 1}, {.high = "seq"}}); }, {matrix}),
                 "varve.constant dense<0.000000e+00> : tensor<f32>\nvarve.pad %arg0, %0"));
  CHECK(contains(recorded([](Value x) { return pad(x, {{1, 1}}, {.value = 7}); }, {tensor_type(u8, {3})}),
                 "varve.constant dense<7> : tensor<ui8>"));
  CHECK(contains(recorded([](Value x) { return pad(x, {{1, 1}}); }, {tensor_type(boolean, {3})}), "dense<false>"));
  CHECK(contains(recorded([](Value x) { return pad(x, {{}, {2, 2}}, {.mode = PadMode::reflect}); }, {matrix}),
                 "mode = \"reflect\"} : (tensor<?x8xf32, #dims>) -> tensor<?x12xf32"));
  CHECK(contains(recorded([](Value x) { return pad(x, {{}, {2, 2}}, {.mode = PadMode::replicate}); }, {matrix}),
                 "mode = \"replicate\""));
  CHECK(refused([](Value x) { return pad(x, {{1, 1}}); }, {matrix}) ==
        "expects 2 entries in low and high, but got 1 and 1");
  CHECK(refused([](Value x) { return pad(x, {{}, {-1, 0}}); }, {matrix}) ==
        "expects low and high of 0 or more, but got -1");
  CHECK(refused([](Value x) { return pad(x, {{}, {}}, {.mode = PadMode::reflect, .value = 0}); }, {matrix}) ==
        "expects a value to pad with only in mode constant, but got mode reflect");
}

TEST_CASE("flip and roll") {
  CHECK(
      contains(recorded([](Value x) { return flip(x, {-1}); }, {matrix}), "varve.flip %arg0 {axes = array<i64: -1>}"));
  CHECK(contains(recorded([](Value x) { return flip(x); }, {matrix}), "varve.flip %arg0 : "));
  CHECK(refused([](Value x) { return flip(x, {2}); }, {matrix}) == "expects axes in [-2, 2), but got 2");
  CHECK(contains(recorded([](Value x) { return roll(x, 3, 0); }, {matrix}), "-> tensor<?x8xf32, #dims"));
  CHECK(contains(recorded([](Value x) { return roll(x, -11, 1); }, {matrix}), "varve.concat"));
  CHECK(recorded([](Value x) { return roll(x, 16, -1); }, {matrix}).empty());
  CHECK(refused([](Value x) { return roll(x, 1, 2); }, {matrix}) == "expects axis in [-2, 2), but got 2");
}

TEST_CASE("tile and repeat") {
  auto shape_of = [](auto fn) {
    std::string text;
    recorded(
        [&](Value x) {
          Value y = fn(x);
          text = shape_text(y.shape());
          return y;
        },
        {matrix});
    return text;
  };
  CHECK(shape_of([](Value x) { return tile(x, {2}); }) == "[seq, 16]");
  CHECK(shape_of([](Value x) { return tile(x, {3, 2, 1}); }) == "[3, 2*seq, 8]");
  CHECK(shape_of([](Value x) { return repeat(x, 3, 0); }) == "[3*seq, 8]");
  CHECK(shape_of([](Value x) { return repeat(x, "seq", -1); }) == "[seq, 8*seq]");
  CHECK(refused([](Value x) { return tile(x, {-1, 1}); }, {tensor_type(f32, {2, 2})}) ==
        "expects dimensions of shape of 0 or more, but got -1");
  CHECK(refused([](Value x) { return repeat(x, 2, 2); }, {matrix}) == "expects axis in [-2, 2), but got 2");
}

TEST_CASE("squeeze, unsqueeze and flatten") {
  TensorType type = tensor_type(f32, {1, "seq", 8, 1});
  auto shape_of = [&](auto fn) {
    std::string text;
    recorded(
        [&](Value x) {
          Value y = fn(x);
          text = shape_text(y.shape());
          return y;
        },
        {type});
    return text;
  };
  CHECK(shape_of([](Value x) { return squeeze(x, {0, -1}); }) == "[seq, 8]");
  CHECK(shape_of([](Value x) { return unsqueeze(x, -1); }) == "[1, seq, 8, 1, 1]");
  CHECK(shape_of([](Value x) { return unsqueeze(x, 1); }) == "[1, 1, seq, 8, 1]");
  CHECK(shape_of([](Value x) { return flatten(x); }) == "[8*seq]");
  CHECK(shape_of([](Value x) { return flatten(x, 1, 2); }) == "[1, 8*seq, 1]");
  CHECK(contains(recorded([](Value x) { return flatten(x); }, {tensor_type(f32, {})}), "-> tensor<1xf32>"));
  CHECK(refused([](Value x) { return squeeze(x, {1}); }, {type}) == "expects dimension 1 of size 1, but got seq");
  CHECK(refused([](Value x) { return unsqueeze(x, 5); }, {type}) == "expects axis in [-5, 5), but got 5");
  CHECK(refused([](Value x) { return flatten(x, 2, 1); }, {type}) ==
        "expects a last axis that is not before the first, but got 1 and 2");
}

TEST_CASE("triangles") {
  std::string lower = recorded([](Value x) { return tril(x, -1); }, {matrix});
  CHECK(contains(lower, "predicate = \"le\""));
  CHECK(contains(lower, "varve.select"));
  CHECK(contains(recorded([](Value x) { return triu(x); }, {tensor_type(boolean, {2, 3})}), "varve.and"));
  CHECK(refused([](Value x) { return tril(x); }, {tensor_type(f32, {3})}) ==
        "expects input of 2 dimensions or more, but got f32 [3]");
}
