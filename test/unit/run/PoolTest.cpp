// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pooling behind a convolution, where the compiler has channels last, against the same with channels first: all options, sizes
// around those of vectors, static and named, on one thread and on two. Golden data of channels first is in OpsTest.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;

namespace {

using PoolFunction = std::function<Value(Value)>;

struct Pooled : nn::Layer<Pooled> {
  Pooled(int64_t channels, int64_t out, std::vector<int64_t> kernel, DType dtype, PoolFunction pool, bool channels_last)
      : weight(*this, "weight", dtype, shape_of(channels, out, kernel), Site()), pool(pool),
        channels_last(channels_last) {}
  static Shape shape_of(int64_t channels, int64_t out, const std::vector<int64_t> &kernel) {
    Shape shape{out, channels};
    shape.insert(shape.end(), kernel.begin(), kernel.end());
    return shape;
  }
  Value forward(Value x) {
    std::vector<int64_t> to_first{0, x.rank() - 1}, to_last{0};
    for (int64_t axis = 1; axis < x.rank(); ++axis) {
      if (axis + 1 < x.rank())
        to_first.push_back(axis);
      to_last.push_back(axis + 1 < x.rank() ? axis + 1 : 1);
    }
    Value y = conv(transpose(x, to_first), weight);
    if (!channels_last) // what a graph hands out is stored, with channels first
      y.output("y");
    return transpose(pool(y), to_last);
  }
  Weight weight;
  PoolFunction pool;
  bool channels_last;
};

Tensor tensor(DType dtype, const std::vector<int64_t> &sizes, bool with_nan = false) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(std::sin(static_cast<double>(i * i % 1013 + i))));
  if (with_nan && count > 7)
    values[count / 2] = NAN;
  return Tensor::from<float>(sizes, values).to(dtype);
}

// Sums of a mean may be in another order.
void check_same(const std::vector<float> &found, const std::vector<float> &expected, float tolerance) {
  REQUIRE(found.size() == expected.size());
  float worst = 0;
  for (size_t i = 0; i < found.size(); ++i)
    if (std::isnan(expected[i]) || std::isnan(found[i]))
      worst = std::max(worst, std::isnan(expected[i]) && std::isnan(found[i]) ? 0 : INFINITY);
    else
      worst = std::max(worst, std::abs(found[i] - expected[i]) / std::max(1.0F, std::abs(expected[i])));
  CHECK(worst <= tolerance);
}

void check(std::vector<int64_t> sizes, int64_t out, PoolFunction pool, DType dtype = f32, std::string cpu = "native") {
  std::vector<int64_t> kernel(sizes.size() - 2, 1);
  StateDict state = {{"weight", tensor(dtype, {out, sizes.back(), 1, 1})}};
  if (kernel.size() != 2)
    state["weight"] = tensor(dtype, kernel.size() == 1 ? std::vector<int64_t>{out, sizes.back(), 1}
                                                       : std::vector<int64_t>{out, sizes.back(), 1, 1, 1});
  for (bool named : {false, true})
    for (bool with_nan : {false, true}) {
      Tensor input = tensor(dtype, sizes, with_nan);
      std::vector<std::vector<float>> results;
      for (bool last : {false, true}) {
        Pooled layer(sizes.back(), out, kernel, dtype, pool, last);
        layer.load_state_dict(state);
        Shape shape(sizes.begin(), sizes.end());
        if (named)
          shape[0] = Dim("n"), shape[1] = Dim("h");
        Executable exe = compile(Graph("f", layer, {{"x", tensor_type(dtype, shape)}}), {.cpu = cpu});
        for (int threads : {1, 2})
          results.push_back(Session(exe, {.threads = threads}).run({input})[0].to(f32).to_vector<float>());
      }
      for (size_t i = 1; i < results.size(); ++i)
        check_same(results[i], results[0], dtype == f32 ? 1e-6F : 8e-3F);
    }
}

} // namespace

TEST_CASE("pooling with channels last is that with channels first") {
  auto max = [](MaxPoolOptions options) { return [=](Value x) { return max_pool(x, options); }; };
  auto mean = [](AvgPoolOptions options) { return [=](Value x) { return avg_pool(x, options); }; };
  check({2, 13, 17, 5}, 37, max({.kernel = {3, 3}, .strides = {2, 2}, .padding = {1, 1}}));
  check({1, 9, 8, 3}, 32, max({.kernel = {2, 2}}));
  check({1, 11, 12, 3}, 75, max({.kernel = {3, 2}, .strides = {1, 3}, .padding = {0, 1}, .dilations = {2, 3}}));
  check({1, 10, 7, 3}, 40, max({.kernel = {3, 3}, .strides = {2, 2}, .ceil_mode = true}));
  check({2, 21, 6}, 33, max({.kernel = {4}, .strides = {3}, .padding = {2}}));
  check({1, 5, 6, 7, 3}, 36, max({.kernel = {2, 3, 3}, .strides = {1, 2, 2}, .padding = {1, 1, 0}}));
  check({2, 13, 17, 5}, 37, mean({.kernel = {3, 3}, .strides = {2, 2}, .padding = {1, 1}}));
  check({2, 13, 16, 5}, 37, mean({.kernel = {3, 3}, .strides = {2, 2}, .padding = {1, 1}, .ceil_mode = true}));
  check({1, 13, 16, 5}, 37,
        mean({.kernel = {3, 3}, .strides = {2, 2}, .padding = {1, 1}, .ceil_mode = true, .count_include_pad = false}));
  check({1, 6, 7, 5}, 64, mean({.kernel = {2, 2}, .divisor_override = -3}));
  check({1, 5, 6, 7, 3}, 36, mean({.kernel = {2, 3, 3}, .strides = {1, 2, 2}, .padding = {1, 1, 0}}));
  for (DType dtype : {bf16, f16}) {
    check({1, 9, 11, 5}, 45, max({.kernel = {3, 3}, .strides = {2, 2}, .padding = {1, 1}}), dtype);
    check({1, 9, 11, 5}, 45, mean({.kernel = {3, 3}, .padding = {1, 1}}), dtype);
  }
  for (std::string cpu : {"x86-64-v2", "x86-64-v3"})
    check({1, 9, 11, 5}, 45, max({.kernel = {3, 3}, .strides = {2, 2}, .padding = {1, 1}}), f32, cpu);
}
