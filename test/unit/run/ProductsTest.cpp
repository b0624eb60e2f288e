// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products with what follows them in one kernel: the same bits as apart, for sizes around those of tiles and blocks.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;

namespace {

std::vector<float> values(int64_t count, int64_t seed) {
  std::vector<float> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(static_cast<float>(std::sin(static_cast<double>(i * 7 + seed)) * 0.5));
  return result;
}

Tensor tensor(DType dtype, const std::vector<int64_t> &shape, int64_t seed) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return Tensor::from<float>(shape, values(count, seed)).to(dtype);
}

struct Block : nn::Layer<Block> {
  Block(int64_t in, int64_t out, DType dtype, bool shown)
      : up(*this, "up", in, out, nn::LinearOptions{.dtype = dtype, .bias = true}),
        gate(*this, "gate", in, out, nn::LinearOptions{.dtype = dtype, .bias = true}), shown(shown) {}
  Value forward(Value x, Value residual) {
    Value a = up(x), b = gate(x);
    if (shown) { // what a graph hands out is stored
      a.output("a");
      b.output("b");
    }
    return silu(b) * a + residual;
  }
  Child<nn::Linear> up, gate;
  bool shown;
};

void check(DType dtype, int64_t in, int64_t out, const std::vector<int64_t> &rows) {
  Block fused(in, out, dtype, false), apart(in, out, dtype, true);
  StateDict state = {{"up.weight", tensor(dtype, {out, in}, 1)},
                     {"up.bias", tensor(dtype, {out}, 2)},
                     {"gate.weight", tensor(dtype, {out, in}, 3)},
                     {"gate.bias", tensor(dtype, {out}, 4)}};
  fused.load_state_dict(state);
  apart.load_state_dict(state);
  TensorType x = tensor_type(dtype, {1, "rows", in}), residual = tensor_type(dtype, {1, "rows", out});
  Executable one = compile(Graph("f", fused, {{"x", x}, {"residual", residual}}));
  Executable other = compile(Graph("f", apart, {{"x", x}, {"residual", residual}}));
  for (int64_t count : rows) {
    INFO(name_of(dtype) << " " << count << "x" << in << "x" << out);
    std::vector<Tensor> inputs = {tensor(dtype, {1, count, in}, 5), tensor(dtype, {1, count, out}, 6)};
    std::vector<Tensor> expected = Session(other, {.threads = 1}).run(inputs);
    std::vector<float> result = Session(one, {.threads = 1}).run(inputs)[0].to(f32).to_vector<float>();
    CHECK(result == expected[0].to(f32).to_vector<float>());
    CHECK(result == Session(one, {.threads = 2}).run(inputs)[0].to(f32).to_vector<float>());
    // Against sums in f64.
    std::vector<float> a = expected[1].to(f32).to_vector<float>(), xs = inputs[0].to(f32).to_vector<float>(),
                       weight = state["up.weight"].to(f32).to_vector<float>(),
                       bias = state["up.bias"].to(f32).to_vector<float>();
    double worst = 0, tolerance = dtype == f32 ? 4e-6 : dtype == f16 ? 1e-3 : 8e-3;
    for (int64_t m = 0; m < count; ++m)
      for (int64_t n = 0; n < out; ++n) {
        double sum = bias[n], size = std::abs(sum);
        for (int64_t k = 0; k < in; ++k) {
          double product = static_cast<double>(xs[m * in + k]) * weight[n * in + k];
          sum += product;
          size += std::abs(product);
        }
        worst = std::max(worst, std::abs(a[m * out + n] - sum) / size);
      }
    CHECK(worst < tolerance);
  }
}

// A residual that goes around two products, so that its memory is read long after it was written.
struct Chain : nn::Layer<Chain> {
  explicit Chain(bool shown) : shown(shown) {}
  Value forward(Value x) {
    Value a = first(x), b, c;
    if (shown)
      a.output("a");
    Value sum = x + a;
    b = second(relu(sum));
    if (shown)
      b.output("b");
    c = third(relu(b));
    if (shown)
      c.output("c");
    return sum + c;
  }
  bool shown;
  Child<nn::Linear> first{*this, "first", 24, 24}, second{*this, "second", 24, 24}, third{*this, "third", 24, 24};
};

} // namespace

TEST_CASE("what a product's body reads lives until the product has been computed") {
  std::vector<float> results[2];
  for (bool shown : {false, true}) {
    Chain model(shown);
    for (std::string name : {"first", "second", "third"})
      model.load_state_dict({{name + ".weight", tensor(f32, {24, 24}, static_cast<int64_t>(name.size()))}},
                            {.strict = false, .zero_missing = true});
    Executable exe = compile(Graph("f", model, {tensor_type(f32, {1, "rows", 24})}));
    results[shown] = exe({tensor(f32, {1, 9, 24}, 7)})[0].to_vector<float>();
  }
  CHECK(results[0] == results[1]);
}

TEST_CASE("products with what follows them are what they are apart") {
  for (DType dtype : {f32, bf16, f16}) {
    check(dtype, 1, 1, {0, 1, 2, 9});
    check(dtype, 17, 33, {1, 2, 3, 7, 8, 9, 15, 65});
    check(dtype, 519, 70, {1, 8, 10, 77});
    check(dtype, 1030, 130, {1, 64, 67});
  }
  check(f32, 512, 128, {0, 1, 129});
}

TEST_CASE("a product's body has the constants that canonicalisation moves out of it") {
  struct Rectified : nn::Layer<Rectified> {
    Value forward(Value x) { return relu(up(x)); }
    Child<nn::Linear> up{*this, "up", 5, 40};
  } model;
  model.load_state_dict({{"up.weight", tensor(f32, {40, 5}, 1)}});
  Executable exe = compile(Graph("f", model, {tensor_type(f32, {"rows", 5})}));
  for (float value : exe({tensor(f32, {9, 5}, 2)})[0].to_vector<float>())
    CHECK(value >= 0);
}
