// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What each function says to wrong ranks, types, sizes and axes: the whole text. What has more to it is in its family's test.
#include "test/unit/ops/Recorded.h"
#include "varve/ops/Attention.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Control.h"
#include "varve/ops/Conv.h"
#include "varve/ops/Cumulative.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Indexing.h"
#include "varve/ops/Normalize.h"
#include "varve/ops/Pool.h"
#include "varve/ops/Quantize.h"
#include "varve/ops/Random.h"
#include "varve/ops/Reduce.h"
#include "varve/ops/Resize.h"
#include "varve/ops/Scan.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Sort.h"
#include "varve/ops/Structure.h"
#include <catch2/catch.hpp>
#include <functional>
#include <limits>

using namespace varve;

// NOLINTBEGIN(clang-analyzer-optin.core.EnumCastOutOfRange): some are just what is refused

namespace {

struct Case {
  std::function<Value(Value)> use;
  TensorType type;
  std::string text;
};

// Each is refused with these words, at a line of this file.
void check(const std::vector<Case> &cases) {
  for (size_t i = 0; i < cases.size(); ++i) {
    INFO("case " << i);
    CHECK(test::refused(cases[i].use, {cases[i].type}) == cases[i].text);
  }
}

const double not_a_number = std::numeric_limits<double>::quiet_NaN();
const TensorType scalar = tensor_type(f32, {}), vec = tensor_type(f32, {4}), matrix = tensor_type(f32, {"n", 8}),
                 cube = tensor_type(f32, {2, 3, 8}), image = tensor_type(f32, {2, 4, 8, 8}),
                 whole = tensor_type(i32, {4}), flags = tensor_type(boolean, {4});

const std::string floats = "f32, f16 or bf16", numbers = "f32, f16, bf16, i8, i32, i64 or ui8",
                  integers = "i8, i32, i64 or ui8", bits = "i8, i32, i64, ui8 or i1", truths = "i1",
                  positions = "i32 or i64";
std::string wrong_type(const std::string &name, const std::string &kind, const std::string &type) {
  return "expects " + name + " to be tensor of " + kind + " whose dynamic dimensions have names, but got 'tensor<" +
         type + ">'";
}

// Weights of convolutions of `image`, to three channels.
Value filter(Value x) { return broadcast(reshape(x(0, slice(), 0, 0), {1, 4, 1, 1}), {3, 4, 3, 3}); }
Value spread(Value x) { return broadcast(reshape(x(0, slice(), 0, 0), {4, 1, 1, 1}), {4, 3, 3, 3}); }
// The recurrence of `cube`, with five elements for each channel.
Value recurrence(Value x, SelectiveScanOptions options) {
  Value a = broadcast(x(0, 0, 0), {8, 5}), b = broadcast(x(0, 0, 0), {2, 3, 5});
  return selective_scan(x, x, a, b, b, options).result;
}
Value row(Value x) { return reshape(x(0, 0, slice()), {8, 1}); }

} // namespace

TEST_CASE("wrong use: elementwise functions") {
  for (auto *fn : {exp,  exp2, expm1, log,  log1p, log2,  log10, sqrt, rsqrt,   sin,  cos,   tan,  asin,  acos,
                   atan, sinh, cosh,  tanh, asinh, acosh, atanh, erf,  sigmoid, silu, floor, ceil, round, trunc})
    CHECK(test::refused([&](Value x) { return fn(x); }, {whole}) == wrong_type("input", floats, "4xi32"));
  for (auto *fn : {neg, abs, relu, sign})
    CHECK(test::refused([&](Value x) { return fn(x); }, {flags}) == wrong_type("input", numbers, "4xi1"));
  for (auto *fn : {add, sub, mul, div, floor_divide, remainder, maximum, minimum})
    CHECK(test::refused([&](Value x) { return fn(x, x); }, {flags}) == wrong_type("lhs", numbers, "4xi1"));
  for (auto *fn : {add, sub, mul, div, floor_divide, remainder, maximum, minimum, pow, atan2, copysign, nextafter,
                   equal, not_equal, less, less_equal, greater, greater_equal}) {
    CHECK(test::refused([&](Value x) { return fn(x, Value()); }, {vec}) ==
          "expects a value, but got none (a default-made Value)");
    CHECK(test::refused([&](Value) { return fn(1, 2); }, {vec}) ==
          "expects a value among lhs and rhs, but got two numbers");
  }
  check({
      {[](Value x) { return bitwise_invert(x); }, vec, wrong_type("input", bits, "4xf32")},
      {[](Value x) { return gelu(x); }, whole, wrong_type("input", floats, "4xi32")},
      {[](Value x) { return neg(1); }, vec, "expects a value as input, but got a number"},
      {[](Value x) { return neg(Value()); }, vec, "expects a value, but got none (a default-made Value)"},
      {[](Value x) { return pow(x, x); }, whole, wrong_type("lhs", floats, "4xi32")},
      {[](Value x) { return atan2(x, x); }, whole, wrong_type("lhs", floats, "4xi32")},
      {[](Value x) { return copysign(x, x); }, whole, wrong_type("lhs", floats, "4xi32")},
      {[](Value x) { return nextafter(x, x); }, whole, wrong_type("lhs", floats, "4xi32")},
      {[](Value x) { return hypot(x, x); }, whole, "expects lhs and rhs of floats, but got i32"},
      {[](Value x) { return logaddexp(x, x); }, whole, "expects lhs and rhs of floats, but got i32"},
      {[](Value x) { return bitwise_and(x, x); }, vec, wrong_type("lhs", bits, "4xf32")},
      {[](Value x) { return bitwise_or(x, x); }, vec, wrong_type("lhs", bits, "4xf32")},
      {[](Value x) { return bitwise_xor(x, x); }, vec, wrong_type("lhs", bits, "4xf32")},
      {[](Value x) { return x << x; }, vec, wrong_type("lhs", integers, "4xf32")},
      {[](Value x) { return x >> x; }, flags, wrong_type("lhs", integers, "4xi1")},
      {[](Value x) { return logical_and(x, true); }, vec, "expects lhs of bool, but got f32"},
      {[](Value x) { return logical_and(true, true); }, vec, "expects a value among lhs and rhs, but got two numbers"},
      {[](Value x) { return clip(x, {.low = 0.5}); }, whole,
       "expects a number that i32 holds, but got 0.500000: cast the value, or the number"},
      {[](Value x) { return clip(1, {.low = 0}); }, vec, "expects a value as input, but got a number"},
      {[](Value x) { return clip(x, {.low = 0}); }, flags,
       "expects a number that bool holds, but got 0: cast the value, or the number"},
      {[](Value x) { return select(x, x, x); }, vec, wrong_type("condition", truths, "4xf32")},
      {[](Value x) { return select(true, 1, 2); }, vec,
       "expects a value among on_true and on_false, but got two numbers"},
      {[](Value x) { return where(x, 1, 2); }, flags,
       "expects a value among on_true and on_false, but got two numbers"},
      {[](Value x) { return isnan(x); }, flags, "expects input of numbers, but got bool"},
      {[](Value x) { return isinf(x); }, flags, "expects input of numbers, but got bool"},
      {[](Value x) { return isfinite(x); }, flags, "expects input of numbers, but got bool"},
      {[](Value x) { return signbit(x); }, flags, "expects input of numbers, but got bool"},
      {[](Value x) { return gelu(x, {.approximate = Approximate(9)}); }, vec,
       "expects an approximation of gelu, but got the value 9"},
  });
}

TEST_CASE("wrong use: normalisation") {
  check({
      {[](Value x) { return softmax(x); }, whole, wrong_type("input", floats, "4xi32")},
      {[](Value x) { return softmax(x); }, scalar, "expects axis in [0, 0), but got -1"},
      {[](Value x) { return softmax(x, -3); }, matrix, "expects axis in [-2, 2), but got -3"},
      {[](Value x) { return layer_norm(x, x); }, scalar,
       "expects input [.., n] and weight [n], but got 'tensor<f32>' and 'tensor<f32>'"},
      {[](Value x) { return layer_norm(x, x, {.epsilon = -1}); }, vec,
       "expects a finite epsilon of 0 or more, but got -1.000000e+00"},
      {[](Value x) { return layer_norm(x, x); }, whole, wrong_type("input", floats, "4xi32")},
      {[](Value x) { return rms_norm(x, x); }, scalar,
       "expects input [.., n] and weight [n], but got 'tensor<f32>' and 'tensor<f32>'"},
      {[](Value x) { return rms_norm(x, x(slice(0, 2))); }, vec,
       "expects input [.., n] and weight [n], but got 'tensor<4xf32>' and 'tensor<2xf32>'"},
      {[](Value x) { return rms_norm(x, x, {.epsilon = not_a_number}); }, vec,
       "expects a finite epsilon of 0 or more, but got nan"},
      {[](Value x) { return group_norm(x, 0); }, image, "expects groups that divide the channels, but got 0 and 4"},
      {[](Value x) { return group_norm(x, -1); }, image, "expects groups that divide the channels, but got -1 and 4"},
      {[](Value x) { return group_norm(x, 3); }, image, "expects groups that divide the channels, but got 3 and 4"},
      {[](Value x) { return group_norm(x, 1); }, vec, "expects input [batch, channels, ..], but got 'tensor<4xf32>'"},
      {[](Value x) { return group_norm(x, 1, x, x); }, image,
       "expects input [batch, channels, ..] and weight [channels], but got 'tensor<2x4x8x8xf32>' and "
       "'tensor<2x4x8x8xf32>'"},
      {[](Value x) { return group_norm(x, 2); }, tensor_type(i32, {2, 4}), wrong_type("input", floats, "2x4xi32")},
      {[](Value x) { return batch_norm(x, x, x); }, vec,
       "expects input [batch, channels, ..], but got 'tensor<4xf32>'"},
      {[](Value x) { return instance_norm(x); }, vec, "expects input [batch, channels, ..], but got 'tensor<4xf32>'"},
      {[](Value x) { return instance_norm(x); }, tensor_type(f32, {2, 0, 3}),
       "expects groups that divide the channels, but got 0 and 0"},
  });
}

TEST_CASE("wrong use: reductions, running ones, and order") {
  check({
      {[](Value x) { return reduce_sum(x); }, flags, wrong_type("input", numbers, "4xi1")},
      {[](Value x) { return reduce_max(x); }, flags, wrong_type("input", numbers, "4xi1")},
      {[](Value x) { return reduce_mean(x); }, whole, wrong_type("input", floats, "4xi32")},
      {[](Value x) { return reduce_prod(x); }, flags, wrong_type("input", numbers, "4xi1")},
      {[](Value x) { return reduce_sum(x, {.axes = {0}}); }, scalar, "expects axes in [0, 0), but got 0"},
      {[](Value x) { return reduce_min(x, {.axes = {0, 0}}); }, matrix, "expects axes that differ, but got 0 twice"},
      {[](Value x) { return argmax(x); }, flags, wrong_type("input", numbers, "4xi1")},
      {[](Value x) { return argmax(x); }, scalar, "expects axis in [0, 0), but got -1"},
      {[](Value x) { return argmin(x); }, tensor_type(f32, {0}),
       "expects an axis that is not empty, but got 'tensor<0xf32>'"},
      {[](Value x) { return argmax(x); }, tensor_type(f32, {3, 0}),
       "expects an axis that is not empty, but got 'tensor<3x0xf32>'"},
      {[](Value x) { return cumsum(x); }, flags, wrong_type("input", numbers, "4xi1")},
      {[](Value x) { return cumprod(x); }, scalar, "expects axis in [0, 0), but got -1"},
      {[](Value x) { return sort(x).values; }, flags, wrong_type("input", numbers, "4xi1")},
      {[](Value x) { return sort(x).values; }, scalar, "expects axis in [0, 0), but got -1"},
      {[](Value x) { return top_k(x, -1).values; }, vec, "expects k of 0 to 4, but got -1"},
      {[](Value x) { return top_k(x, 1, 3).values; }, vec, "expects axis in [-1, 1), but got 3"},
      {[](Value x) { return top_k(x, 1).values; }, flags, wrong_type("input", numbers, "4xi1")},
  });
}

TEST_CASE("wrong use: products") {
  check({
      {[](Value x) { return matmul(x, x); }, vec,
       "expects lhs [.., m, k] and rhs [.., k, n], but got 'tensor<4xf32>' and 'tensor<4xf32>'"},
      {[](Value x) { return matmul(x, x); }, matrix,
       "expects the last dimension of lhs to be the last but one of rhs, but got 'tensor<?x8xf32, #varve.dims<n, 8>>' "
       "and 'tensor<?x8xf32, #varve.dims<n, 8>>'"},
      {[](Value x) { return matmul(x, x); }, scalar,
       "expects lhs [.., m, k] and rhs [.., k, n], but got 'tensor<f32>' and 'tensor<f32>'"},
      {[](Value x) { return matmul(x, Value()); }, vec, "expects a value, but got none (a default-made Value)"},
      {[](Value x) { return linear(x, x); }, vec,
       "expects input [.., in] and weight [out, in], but got 'tensor<4xf32>' and 'tensor<4xf32>'"},
      {[](Value x) { return linear(x, x); }, scalar,
       "expects input [.., in] and weight [out, in], but got 'tensor<f32>' and 'tensor<f32>'"},
      {[](Value x) { return linear(x, transpose(x, {2, 0, 1})); }, cube,
       "expects input [.., in] and weight [out, in], but got 'tensor<2x3x8xf32>' and 'tensor<8x2x3xf32>'"},
      {[](Value x) { return linear(x, x); }, tensor_type(i32, {3, 3}), wrong_type("input", floats, "3x3xi32")},
      {[](Value x) { return grouped_matmul(x, x, x); }, vec,
       "expects input [rows, in] and weight [groups, out, in], but got 'tensor<4xf32>' and 'tensor<4xf32>'"},
  });
}

TEST_CASE("wrong use: lookups") {
  check({
      {[](Value x) { return gather(x, x); }, vec, wrong_type("indices", positions, "4xf32")},
      {[](Value x) { return gather(x, cast(x, u8)); }, vec, wrong_type("indices", positions, "4xui8")},
      {[](Value x) { return gather(x, cast(x, i64), 1); }, vec, "expects axis in [-1, 1), but got 1"},
      {[](Value x) { return gather(x, cast(x, i64)); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return take_along_axis(x, cast(x, i32), 4); }, vec, "expects axis in [-1, 1), but got 4"},
      {[](Value x) { return take_along_axis(x, cast(x, i32), 0); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return scatter(x, cast(x, i32), x(0)); }, vec,
       "expects updates of shape [4], but got 'tensor<f32>'"},
      {[](Value x) { return scatter(x, cast(x, i32), x, {.axis = 2}); }, vec, "expects axis in [-1, 1), but got 2"},
      {[](Value x) { return scatter(x, x, x, {.reduction = Scatter::add}); }, flags,
       "expects numbers to add, but got 'tensor<4xi1>'"},
      {[](Value x) { return scatter(cast(x, boolean), cast(x, i32), cast(x, boolean), {.reduction = Scatter::add}); },
       vec, "expects numbers to add, but got 'tensor<4xi1>'"},
      {[](Value x) { return put_along_axis(x, x, x); }, vec, wrong_type("indices", positions, "4xf32")},
      {[](Value x) { return put_along_axis(x, cast(x, i64), x, {.axis = -2}); }, vec,
       "expects axis in [-1, 1), but got -2"},
      {[](Value x) { return one_hot(x, 3); }, vec, "expects indices of integers, but got f32"},
      {[](Value x) { return one_hot(x, 3); }, flags, "expects indices of integers, but got bool"},
      {[](Value x) { return iota({4}, boolean); }, vec,
       "expects dtype f32, f16, bf16, i8, i32, i64 or ui8, but got 'i1'"},
      {[](Value x) { return iota({}, f32); }, vec, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return iota({-2}); }, vec, "expects dimensions of shape of 0 or more, but got -2"},
      {[](Value x) { return iota({2}, i64, -2); }, vec, "expects axis in [-1, 1), but got -2"},
      {[](Value x) { return scatter(x, cast(x, i32), x, {.reduction = Scatter(9)}); }, vec,
       "expects a way to scatter, but got the value 9"},
  });
}

TEST_CASE("wrong use: convolutions") {
  check({
      {[](Value x) { return conv(x, x); }, vec,
       "expects input and weight of one to three spatial dimensions, and a kernel of static size, but got "
       "'tensor<4xf32>' and 'tensor<4xf32>'"},
      {[](Value x) { return conv(x, reshape(x, {8, 8, 4, 2})); }, image,
       "expects input channels of groups times the weight's, but got 4, 1 and 8"},
      {[](Value x) { return conv(x, filter(x), {.strides = {0}}); }, image,
       "expects strides of 1 to 1073741824, but got 0"},
      {[](Value x) { return conv(x, filter(x), {.strides = {1, 2, 3}}); }, image,
       "expects 2 strides, one for each spatial dimension, but got 3"},
      {[](Value x) { return conv(x, filter(x), {.padding = {-1}}); }, image,
       "expects padding_begin of 0 to 1073741824, but got -1"},
      {[](Value x) { return conv(x, filter(x), {.padding_end = {-1}}); }, image,
       "expects padding_end of 0 to 1073741824, but got -1"},
      {[](Value x) { return conv(x, filter(x), {.dilations = {0}}); }, image,
       "expects dilations of 1 to 1073741824, but got 0"},
      {[](Value x) { return conv(x, filter(x), {.dilations = {5}}); }, image,
       "expects the padded input to hold a window of 11 in spatial dimension 0, but got 8"},
      {[](Value x) { return conv(x, filter(x), {.groups = 0}); }, image,
       "expects groups that divide the output channels, but got 0 and 3"},
      {[](Value x) { return conv(x, filter(x), {.groups = 3}); }, image,
       "expects input channels of groups times the weight's, but got 4, 3 and 4"},
      {[](Value x) { return conv(x, filter(x), x); }, image,
       "expects bias [3], one for each output channel, but got 'tensor<2x4x8x8xf32>'"},
      {[](Value x) { return conv(x, cast(filter(x), bf16)); }, image,
       "expects input and weight of equal element type, but got 'tensor<2x4x8x8xf32>' and 'tensor<3x4x3x3xbf16>'"},
      {[](Value x) { return conv(cast(x, i32), cast(filter(x), i32)); }, image,
       wrong_type("input", floats, "2x4x8x8xi32")},
      {[](Value x) { return conv_transpose(x, spread(x), {.strides = {0}}); }, image,
       "expects strides of 1 to 1073741824, but got 0"},
      {[](Value x) { return conv_transpose(x, spread(x), {.padding = {-1}}); }, image,
       "expects padding_begin of 0 to 1073741824, but got -1"},
      {[](Value x) { return conv_transpose(x, spread(x), {.padding = {9}}); }, image,
       "expects spatial dimensions of 0 or more, but got -8"},
      {[](Value x) { return conv_transpose(x, spread(x), {.output_padding = {1}}); }, image,
       "expects output_padding of 0 or more, less than the stride or the dilation, but got 1"},
      {[](Value x) { return conv_transpose(x, spread(x), {.output_padding = {-1}}); }, image,
       "expects output_padding of 0 or more, less than the stride or the dilation, but got -1"},
      {[](Value x) { return conv_transpose(x, spread(x), {.dilations = {0}}); }, image,
       "expects dilations of 1 to 1073741824, but got 0"},
      {[](Value x) { return conv_transpose(x, spread(x), {.groups = 3}); }, image,
       "expects groups that divide the channels of input, and as many in weight, but got 3, 4 and 4"},
      {[](Value x) { return conv_transpose(x, spread(x), x); }, image,
       "expects bias [3], one for each output channel, but got 'tensor<2x4x8x8xf32>'"},
      {[](Value x) { return conv_transpose(x, filter(x)); }, image,
       "expects groups that divide the channels of input, and as many in weight, but got 1, 4 and 3"},
      {[](Value x) { return conv_transpose(x, spread(x), {.strides = {1, 1, 1}}); }, image,
       "expects 2 strides, one for each spatial dimension, but got 3"},
  });
}

TEST_CASE("wrong use: pooling") {
  check({
      {[](Value x) { return max_pool(x, {.kernel = {}}); }, image,
       "expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<2x4x8x8xf32>' "
       "and 0"},
      {[](Value x) { return max_pool(x, {.kernel = {0}}); }, image,
       "expects kernel sizes of 1 to 1073741824, but got 0"},
      {[](Value x) { return max_pool(x, {.kernel = {9}}); }, image,
       "expects the padded input to hold a window of 9 in spatial dimension 0, but got 8"},
      {[](Value x) { return max_pool(x, {.kernel = {2}, .strides = {0}}); }, image,
       "expects strides of 1 to 1073741824, but got 0"},
      {[](Value x) { return max_pool(x, {.kernel = {2}, .padding = {-1}}); }, image,
       "expects padding_begin of 0 to 1073741824, but got -1"},
      {[](Value x) { return max_pool(x, {.kernel = {2}, .padding = {2}}); }, image,
       "expects padding of at most half of a window of 2, but got 2"},
      {[](Value x) { return max_pool(x, {.kernel = {2}, .dilations = {0}}); }, image,
       "expects dilations of 1 to 1073741824, but got 0"},
      {[](Value x) { return max_pool(x, {.kernel = {2}}); }, vec,
       "expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<4xf32>' and "
       "1"},
      {[](Value x) { return max_pool(x, {.kernel = {2}}); }, tensor_type(i32, {1, 1, 4}),
       wrong_type("input", floats, "1x1x4xi32")},
      {[](Value x) { return avg_pool(x, {.kernel = {2, 2, 2}}); }, image,
       "expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<2x4x8x8xf32>' "
       "and 3"},
      {[](Value x) { return avg_pool(x, {.kernel = {0}}); }, image,
       "expects kernel sizes of 1 to 1073741824, but got 0"},
      {[](Value x) { return avg_pool(x, {.kernel = {2}, .padding = {-1}}); }, image,
       "expects padding_begin of 0 to 1073741824, but got -1"},
      {[](Value x) { return avg_pool(x, {.kernel = {2}}); }, tensor_type(i32, {1, 1, 4}),
       wrong_type("input", floats, "1x1x4xi32")},
      {[](Value x) { return adaptive_max_pool(x, {0}); }, image, "expects sizes of 1 or more, but got 0"},
      {[](Value x) { return adaptive_max_pool(x, {}); }, image,
       "expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<2x4x8x8xf32>' "
       "and 0"},
      {[](Value x) { return adaptive_avg_pool(x, {-1}); }, image, "expects sizes of 1 or more, but got -1"},
      {[](Value x) { return adaptive_avg_pool(x, {1, 2, 3}); }, image,
       "expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<2x4x8x8xf32>' "
       "and 3"},
      {[](Value x) { return adaptive_avg_pool(x, {1}); }, vec,
       "expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<4xf32>' and 1"},
      {[](Value x) { return global_max_pool(x); }, vec,
       "expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<4xf32>' and 1"},
      {[](Value x) { return global_avg_pool(x); }, tensor_type(i32, {1, 1, 4}),
       wrong_type("input", floats, "1x1x4xi32")},
      {[](Value x) { return global_avg_pool(x); }, tensor_type(f32, {1, 1, 0}),
       "expects spatial dimensions that are not empty, but got 'tensor<1x1x0xf32>'"},
  });
}

TEST_CASE("wrong use: resize") {
  check({
      {[](Value x) { return resize(x, {}); }, image, "expects 2 sizes or 2 scales, but got 0 and 0"},
      {[](Value x) { return resize(x, {.scales = {0}}); }, image,
       "expects scales that are finite and above 0, but got 0.000000e+00"},
      {[](Value x) { return resize(x, {.scales = {-1}}); }, image,
       "expects scales that are finite and above 0, but got -1.000000e+00"},
      {[](Value x) { return resize(x, {.scales = {not_a_number}}); }, image,
       "expects scales that are finite and above 0, but got nan"},
      {[](Value x) { return resize(x, {.scales = {1e30}}); }, image,
       "expects a scale of 8 that is a fraction of integers below 2^20, but got 1.000000e+30"},
      {[](Value x) { return resize(x, {.sizes = {-1, 2}}); }, image, "expects sizes of 0 or more, but got -1"},
      {[](Value x) { return resize(x, {.sizes = {2}}); }, image, "expects 2 sizes or 2 scales, but got 1 and 0"},
      {[](Value x) { return resize(x, {.sizes = {2, 2}, .scales = {2}}); }, image,
       "expects 2 sizes or 2 scales, but got 2 and 2"},
      {[](Value x) { return resize(x, {.scales = {2}}); }, vec,
       "expects input of one to three spatial dimensions, but got 'tensor<4xf32>'"},
      {[](Value x) { return resize(x, {.scales = {2}}); }, tensor_type(i32, {1, 1, 4}),
       wrong_type("input", floats, "1x1x4xi32")},
      {[](Value x) { return resize(x, {.scales = {2}, .align_corners = true}); }, image,
       "expects align_corners with mode linear or cubic, but got nearest"},
      {[](Value x) { return resize(x, {.mode = ResizeMode(9), .scales = {2}}); }, image,
       "expects a mode of resize, but got the value 9"},
      {[](Value x) { return resize(x, {.scales = {2}}); }, tensor_type(f32, {1, 1, 0}),
       "expects spatial dimensions that are not empty, but got 'tensor<1x1x0xf32>'"},
  });
}

TEST_CASE("wrong use: sequences") {
  check({
      {[](Value x) { return causal_conv(x, x).result; }, cube,
       "expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 or more, but got "
       "'tensor<2x3x8xf32>' and 'tensor<2x3x8xf32>'"},
      {[](Value x) { return causal_conv(x, row(x), {.bias = x}).result; }, cube,
       "expects bias [8], but got f32 [2, 3, 8]"},
      {[](Value x) { return causal_conv(x, row(x), {.bias = x(0, 0, 0)}).result; }, cube,
       "expects bias [8], but got f32 []"},
      {[](Value x) { return causal_conv(x, row(x), {.state = x}).result; }, cube,
       "expects state [2, 0, 8], but got 'tensor<2x3x8xf32>'"},
      {[](Value x) { return causal_conv(x, reshape(x(0, 0, slice()), {4, 2})).result; }, cube,
       "expects a row of weight for each channel of input, but got 'tensor<4x2xf32>' and 'tensor<2x3x8xf32>'"},
      {[](Value x) { return causal_conv(x, x(0)).result; }, tensor_type(i32, {3, 3, 3}),
       wrong_type("input", floats, "3x3x3xi32")},
      {[](Value x) { return causal_conv(x, broadcast(x(0, 0, 0), {8, 0})).result; }, cube,
       "expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 or more, but got "
       "'tensor<2x3x8xf32>' and 'tensor<8x0xf32>'"},
      {[](Value x) { return recurrence(x, {.d = x}); }, cube, "expects d [8], but got f32 [2, 3, 8]"},
      {[](Value x) { return recurrence(x, {.d = x(0, 0, 0)}); }, cube, "expects d [8], but got f32 []"},
      {[](Value x) { return recurrence(x, {.z = x(0)}); }, cube, "expects z [2, 3, 8], but got f32 [3, 8]"},
      {[](Value x) { return recurrence(x, {.z = broadcast(x(0), {7, 2, 3, 8})}); }, cube,
       "expects z [2, 3, 8], but got f32 [7, 2, 3, 8]"},
      {[](Value x) { return recurrence(x, {.delta_bias = x(0)}); }, cube, "expects delta_bias [8], but got f32 [3, 8]"},
      {[](Value x) { return recurrence(x, {.state = x}); }, cube,
       "expects state [2, 8, 5] of f32, but got 'tensor<2x3x8xf32>'"},
      {[](Value x) { return recurrence(x, {}); }, tensor_type(i32, {2, 3, 8}),
       wrong_type("input", floats, "2x3x8xi32")},
      {[](Value x) { return selective_scan(x, x, x, x, x).result; }, cube,
       "expects a [channels, n] for input [batch, seq, channels], but got 'tensor<2x3x8xf32>' and 'tensor<2x3x8xf32>'"},
      {[](Value x) { return selective_scan(x, x, x, x, x).result; }, vec,
       "expects input and delta [batch, seq, channels], but got 'tensor<4xf32>' and 'tensor<4xf32>'"},
  });
}

TEST_CASE("wrong use: shapes") {
  check({
      {[](Value x) { return reshape(x, {-1, -1}); }, vec,
       "expects at most one -1 in shape, but got #varve.dims<-1, -1>"},
      {[](Value x) { return reshape(x, {3, -1}); }, vec,
       "expects the elements of input to be a multiple of those of shape, but got 4 and 3"},
      {[](Value x) { return reshape(x, {-2, 2}); }, vec, "expects dimensions of shape of 0 or more, but got -2"},
      {[](Value x) { return reshape(x, {5}); }, vec, "expects as many elements in shape as in input, but got 5 and 4"},
      {[](Value x) { return reshape(x, {0, -1}); }, vec,
       "expects the elements of input to be a multiple of those of shape, but got 4 and 0"},
      {[](Value x) { return reshape(x, {"m"}); }, vec,
       "expects as many elements in shape as in input, but got m and 4"},
      {[](Value x) { return transpose(x, {}); }, vec, "expects a permutation of 0 to 0, but got []"},
      {[](Value x) { return transpose(x, {1}); }, vec, "expects a permutation of 0 to 0, but got [1]"},
      {[](Value x) { return transpose(x, {-1}); }, vec, "expects a permutation of 0 to 0, but got [-1]"},
      {[](Value x) { return transpose(x, {0, 1}); }, vec, "expects a permutation of 0 to 0, but got [0, 1]"},
      {[](Value x) { return broadcast(x, {3}); }, vec, "expects input to broadcast to shape, but got [4] and [3]"},
      {[](Value x) { return broadcast(x, {}); }, vec, "expects input to broadcast to shape, but got [4] and []"},
      {[](Value x) { return broadcast(x, {-1, 4}); }, vec, "expects dimensions of shape of 0 or more, but got -1"},
      {[](Value x) { return slice(x, {{}, {}}); }, vec, "expects 1 ranges or fewer, but got 2"},
      {[](Value x) { return slice(x, 0, {.begin = 5}); }, vec,
       "expects 0 <= start <= end <= size in dimension 0, but got start 5, end 4 and size 4"},
      {[](Value x) { return slice(x, 0, {.begin = -5}); }, vec,
       "expects 0 <= start <= end <= size in dimension 0, but got start -1, end 4 and size 4"},
      {[](Value x) { return slice(x, 0, {.begin = 3, .end = 2}); }, vec,
       "expects 0 <= start <= end <= size in dimension 0, but got start 3, end 2 and size 4"},
      {[](Value x) { return slice(x, 0, {.step = 0}); }, vec, "expects steps of 1 or more, but got 0"},
      {[](Value x) { return slice(x, 0, {}); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return flip(x, {1}); }, vec, "expects axes in [-1, 1), but got 1"},
      {[](Value x) { return flip(x, {0, 0}); }, vec, "expects axes that differ, but got 0 twice"},
      {[](Value x) { return flip(x, {0}); }, scalar, "expects axes in [0, 0), but got 0"},
      {[](Value x) { return roll(x, 1, 1); }, vec, "expects axis in [-1, 1), but got 1"},
      {[](Value x) { return roll(x, 1, 0); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return tile(x, {-1}); }, vec, "expects dimensions of shape of 0 or more, but got -1"},
      {[](Value x) { return repeat(x, -1, 0); }, vec, "expects dimensions of shape of 0 or more, but got -1"},
      {[](Value x) { return repeat(x, 2, 1); }, vec, "expects axis in [-1, 1), but got 1"},
      {[](Value x) { return repeat(x, 2, 0); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return squeeze(x, {0}); }, vec, "expects dimension 0 of size 1, but got 4"},
      {[](Value x) { return squeeze(x, {0}); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return squeeze(x, {4}); }, vec, "expects axis in [-1, 1), but got 4"},
      {[](Value x) { return unsqueeze(x, 3); }, vec, "expects axis in [-2, 2), but got 3"},
      {[](Value x) { return flatten(x, 2); }, vec, "expects axis in [-1, 1), but got 2"},
      {[](Value x) { return flatten(x, 1, 0); }, matrix,
       "expects a last axis that is not before the first, but got 0 and 1"},
      {[](Value x) { return flatten(x, 0, 5); }, matrix, "expects axis in [-2, 2), but got 5"},
      {[](Value x) { return tril(x); }, vec, "expects input of 2 dimensions or more, but got f32 [4]"},
      {[](Value x) { return triu(x); }, scalar, "expects input of 2 dimensions or more, but got f32 []"},
  });
}

TEST_CASE("wrong use: joining and parting") {
  check({
      {[](Value x) { return concat({x, Value()}, 0); }, vec, "expects a value, but got none (a default-made Value)"},
      {[](Value x) { return concat({x, cast(x, bf16)}, 0); }, vec,
       "expects input 0 and input 1 of equal element type, but got 'tensor<4xf32>' and 'tensor<4xbf16>'"},
      {[](Value x) { return concat({x}, 0); }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return concat({x, x}, 2); }, vec, "expects axis in [-1, 1), but got 2"},
      {[](Value x) { return concat({x, x(0)}, 0); }, vec,
       "expects input 0 and input 1 of equal rank, but got 'tensor<4xf32>' and 'tensor<f32>'"},
      {[](Value x) { return split(x, {}, 0)[0]; }, vec,
       "expects sizes whose sum is dimension 0 of input, but got 0 and 4"},
      {[](Value x) { return split(x, {5}, 0)[0]; }, vec,
       "expects sizes whose sum is dimension 0 of input, but got 5 and 4"},
      {[](Value x) { return split(x, {-1, 5}, 0)[0]; }, vec, "expects sizes of 0 or more, but got -1"},
      {[](Value x) { return split(x, {4}, 1)[0]; }, vec, "expects axis in [-1, 1), but got 1"},
      {[](Value x) { return split(x, {4}, 0)[0]; }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return chunk(x, -1)[0]; }, vec, "expects a count of 1 or more, but got -1"},
      {[](Value x) { return chunk(x, 2, 1)[0]; }, vec, "expects axis in [-1, 1), but got 1"},
      {[](Value x) { return chunk(x, 2)[0]; }, scalar, "expects axis in [0, 0), but got 0"},
      {[](Value x) { return stack({x, x(slice(0, 2))}); }, vec,
       "expects input 0 and input 1 of equal dimensions but for axis 0, but got 'tensor<1x4xf32>' and "
       "'tensor<1x2xf32>'"},
      {[](Value x) { return stack({x, Value()}); }, vec, "expects a value, but got none (a default-made Value)"},
      {[](Value x) { return stack({x}, -3); }, vec, "expects axis in [-2, 2), but got -3"},
      {[](Value x) { return stack({x, cast(x, i32)}); }, vec,
       "expects input 0 and input 1 of equal element type, but got 'tensor<1x4xf32>' and 'tensor<1x4xi32>'"},
      {[](Value x) { return pad(x, {}); }, vec, "expects 1 entries in low and high, but got 0 and 0"},
      {[](Value x) { return pad(x, {{-1, 0}}); }, vec, "expects low and high of 0 or more, but got -1"},
      {[](Value x) { return pad(x, {{4, 0}}, {.mode = PadMode::reflect}); }, vec,
       "expects more than 4 elements in dimension 0 to reflect, but got 4"},
      {[](Value x) { return pad(x, {{1, 0}}, {.mode = PadMode::replicate}); }, tensor_type(f32, {0}),
       "expects 1 or more elements in dimension 0 to replicate, but got 0"},
      {[](Value x) { return pad(x, {{1, 1}}, {.value = x}); }, vec,
       "expects value without dimensions, but got 'tensor<4xf32>'"},
      {[](Value x) { return pad(x, {{1, 1}}, {.value = 0.5}); }, whole,
       "expects a number that i32 holds, but got 0.500000: cast the value, or the number"},
      {[](Value x) { return pad(x, {{1, 1}}, {.mode = PadMode(1), .value = 1}); }, vec,
       "expects a value to pad with only in mode constant, but got mode reflect"},
      {[](Value x) { return pad(x, {{1, 1}}, {.value = cast(x(0), i32)}); }, vec,
       "expects input and value of equal element type, but got 'tensor<4xf32>' and 'tensor<i32>'"},
      {[](Value x) { return pad(x, {{1, 1}}, {.mode = PadMode(9)}); }, vec,
       "expects a mode of pad, but got the value 9"},
  });
}

TEST_CASE("wrong use: indexing") {
  check({
      {[](Value x) { return x(0, 0); }, vec, "expects 1 indices or fewer, but got 2"},
      {[](Value x) { return x(4); }, vec,
       "expects 0 <= start <= end <= size in dimension 0, but got start 4, end 5 and size 4"},
      {[](Value x) { return x(-5); }, vec,
       "expects 0 <= start <= end <= size in dimension 0, but got start -1, end 0 and size 4"},
      {[](Value x) { return x(ellipsis, ellipsis); }, vec, "expects one ellipsis or none, but got 2"},
      {[](Value x) { return x(slice(0, 9)); }, vec,
       "expects 0 <= start <= end <= size in dimension 0, but got start 0, end 9 and size 4"},
      {[](Value x) { return x(slice(), x); }, vec, "expects 1 indices or fewer, but got 2"},
      {[](Value x) { return x(Value()); }, vec, "expects a value, but got none (a default-made Value)"},
  });
}

TEST_CASE("wrong use: constants and structure") {
  check({
      {[](Value x) { return constant(Tensor()); }, vec, "expects a tensor, but got none (a default-made Tensor)"},
      {[](Value x) { return constant(300, i8); }, vec,
       "expects a number that i8 holds, but got 300: cast the value, or the number"},
      {[](Value x) { return constant(x, f32); }, vec, "expects a number, but got a value"},
      {[](Value x) { return dim_value("q"); }, vec, "expects an argument that gives dimension 'q' its value"},
      {[](Value x) { return rebind(x, {5}, "m"); }, vec, "expects equal sizes of dimension 0, but got 4 and 5"},
      {[](Value x) { return rebind(x, {"q"}, "m"); }, vec, "expects an argument that gives dimension 'q' its value"},
      {[](Value x) { return rebind(x, {4, 4}, "m"); }, vec,
       "expects a result of the input's rank and element type, but got 'tensor<4xf32>' and 'tensor<4x4xf32>'"},
      {[](Value x) { return identity(Value()); }, vec, "expects a value, but got none (a default-made Value)"},
  });
}

TEST_CASE("wrong use: random numbers") {
  check({
      {[](Value x) { return random_bits(x, 0, {2}); }, vec, "expects key without dimensions, but got 'tensor<4xf32>'"},
      {[](Value x) { return random_normal(1, x, {2}); }, vec,
       "expects stream without dimensions, but got 'tensor<4xf32>'"},
      {[](Value x) { return random_normal(1, 2, {2}, i64); }, vec,
       "expects dtype f32, f16 or bf16 for normal, but got 'i64'"},
      {[](Value x) { return random_uniform(0.5, 2, {2}); }, vec,
       "expects a number that i64 holds, but got 0.500000: cast the value, or the number"},
      {[](Value x) { return random_integers(1, 2, {2}, 5, 4); }, vec,
       "expects low and high of 1 to 2^31 integers, but got 5 and 4"},
      {[](Value x) { return random_integers(1, 2, {-2}, 0, 4); }, vec,
       "expects dimensions of shape of 0 or more, but got -2"},
  });
}

TEST_CASE("wrong use: quantised weights") {
  check({
      {[](Value x) { return dequantize(x, x); }, vec, "expects input [out, in] of static sizes, but got f32 [4]"},
      {[](Value x) { return dequantize(x, x); }, matrix, "expects input [out, in] of static sizes, but got f32 [n, 8]"},
      {[](Value x) { return dequantize(x, 1); }, vec, "expects a value as scales, but got a number"},
      {[](Value x) { return dequantize_gptq(x, x, x, x); }, vec,
       "expects qweight, qzeros and groups of i32, but got f32 [4], f32 [4] and f32 [4]"},
  });
}

TEST_CASE("wrong use: attention") {
  check({
      {[](Value x) { return attention(x, x, x); }, cube,
       "expects query [batch, seq, heads, dim], but got 'tensor<2x3x8xf32>'"},
      {[](Value x) { return attention(x, x, cast(x, bf16)); }, image,
       "expects query and value of equal element type, but got 'tensor<2x4x8x8xf32>' and 'tensor<2x4x8x8xbf16>'"},
      {[](Value x) { return attention(x, x, x, {.window = -1}); }, image, "expects a window of 1 or more, but got -1"},
      {[](Value x) { return attention(x, x, x, {.mask = x}); }, image,
       "expects mask [2, 8, 4, 4] or 1 in the first two dimensions, but got 'tensor<2x4x8x8xf32>'"},
      {[](Value x) { return attention(x, x, x, {.mask = cast(x, i32)}); }, image,
       "expects mask [2, 8, 4, 4] or 1 in the first two dimensions, but got 'tensor<2x4x8x8xi32>'"},
      {[](Value x) { return attention(x, x, x, {.scale = not_a_number}); }, image,
       "expects a finite scale, but got nan"},
      {[](Value x) { return attention(x, x(0), x); }, image,
       "expects key [batch, seq, heads, dim], but got 'tensor<4x8x8xf32>'"},
      {[](Value x) { return attention(x, x, x(slice(), slice(0, 2))); }, image,
       "expects key [B, S, Hkv, D] and value [B, S, Hkv, Dv], but got 'tensor<2x4x8x8xf32>' and 'tensor<2x2x8x8xf32>'"},
      {[](Value x) { return attention(x, x, x); }, tensor_type(i32, {1, 2, 3, 4}),
       wrong_type("query", floats, "1x2x3x4xi32")},
      {[](Value x) { return rope(x, x, x); }, image,
       "expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got "
       "'tensor<2x4x8x8xf32>' and 'tensor<2x4x8x8xf32>'"},
      {[](Value x) { return rope(x, x, x); }, vec, "expects input [batch, seq, heads, dim], but got 'tensor<4xf32>'"},
      {[](Value x) { return rope(x, x(0, slice(), 0, slice(0, 4)), x(0, slice(), 0, slice(0, 3))); }, image,
       "expects cos and sin of the same type, but got 'tensor<4x4xf32>' and 'tensor<4x3xf32>'"},
      {[](Value x) {
         return rope(x, x(0, slice(), 0, slice(0, 4)), x(0, slice(), 0, slice(0, 4)), {.pairing = Pairing(9)});
       },
       image, "expects a pairing, but got the value 9"},
      {[](Value x) { return rope(x(slice(), slice(), slice(), slice(0, 7)), x, x); }, image,
       "expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got "
       "'tensor<2x4x8x7xf32>' and 'tensor<2x4x8x8xf32>'"},
  });
}

TEST_CASE("wrong use: branches and loops") {
  check({
      {[](Value x) { return cond(x, [&] { return x; }, [&] { return x; }); }, vec,
       "expects condition to be tensor of i1 without dimensions, but got 'tensor<4xf32>'"},
      {[](Value x) { return loop(-1, x, [](Value h) { return h; }); }, vec,
       "expects a count of at least 0, but got -1"},
      {[](Value x) { return loop(x, x, [](Value h) { return h; }); }, vec,
       "expects limit to be tensor of i32 or i64 without dimensions, but got 'tensor<4xf32>'"},
      {[](Value x) { return loop(2, x, [](Value h) { return h(0); }); }, vec,
       "expects the type of carried value to stay 'tensor<4xf32>', but got 'tensor<f32>'"},
      {[](Value x) { return scan(x, x, [](Value h, Value s) { return std::pair(h, s); }, {.axis = 1}).first; }, vec,
       "expects axis in [-1, 1), but got 1"},
      {[](Value x) { return scan(x, x, [](Value h, Value s) { return std::pair(h, s); }, {.stack_axis = 4}).first; },
       vec, "expects axis in [-1, 1), but got 4"},
      {[](Value x) { return scan(x, x, [](Value h, Value s) { return std::pair(h, s); }).first; }, scalar,
       "expects axis in [0, 0), but got 0"},
      {[](Value x) { return loop(While([](Value h) { return h; }), x, [](Value h) { return h; }); }, vec,
       "expects the condition of a loop to return 'tensor<i1>', but got 'tensor<4xf32>'"},
  });
}
// NOLINTEND(clang-analyzer-optin.core.EnumCastOutOfRange)
