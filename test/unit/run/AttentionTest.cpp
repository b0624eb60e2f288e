// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Attention against sums in f64, for sizes around those of the kernel's blocks, static and named, on one thread and on two.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;

namespace {

enum class Mask { none, seen, added };

struct Case {
  int64_t batch, queries, keys, heads, shared, size, value_size;
  bool causal = false;
  std::optional<int64_t> window = {};
  Mask mask = Mask::none;
  DType dtype = f32;
  std::optional<double> soft_cap = {};
  bool sinks = false, slopes = false;
};

float sink_of(int64_t head) { return static_cast<float>(head % 3) * 1.25f - 1; }
float slope_of(int64_t head) { return static_cast<float>(head + 1) / 16; }

struct Model : nn::Layer<Model> {
  explicit Model(Case which) : which(which) {}
  Value forward(Value query, Value key, Value value, Value mask) {
    std::vector<float> sinks, slopes;
    for (int64_t h = 0; h < which.heads; ++h) {
      sinks.push_back(sink_of(h));
      slopes.push_back(slope_of(h));
    }
    auto given = [&](bool there, const std::vector<float> &numbers, DType dtype) {
      return there ? constant(Tensor::from<float>({which.heads}, numbers).to(dtype)) : Value();
    };
    return attention(query, key, value,
                     {.mask = mask,
                      .causal = which.causal,
                      .window = which.window,
                      .soft_cap = which.soft_cap,
                      .sinks = given(which.sinks, sinks, which.dtype), // of either element type
                      .slopes = given(which.slopes, slopes, f32)});
  }
  Value forward(Value query, Value key, Value value) { return forward(query, key, value, {}); }
  Case which;
};

std::vector<float> values(int64_t count, int64_t seed) {
  std::vector<float> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(static_cast<float>(std::sin(static_cast<double>(i * i % 1013 + seed * 17 + i)) * 1.5));
  return result;
}

std::vector<double> reference(const Case &c, const std::vector<float> &q, const std::vector<float> &k,
                              const std::vector<float> &v, const std::vector<float> &mask) {
  std::vector<double> result;
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t t = 0; t < c.queries; ++t)
      for (int64_t h = 0; h < c.heads; ++h) {
        int64_t g = h / (c.heads / c.shared), at = t + c.keys - c.queries;
        std::vector<double> powers(c.keys, 0);
        double most = -INFINITY, sum = 0;
        for (int pass = 0; pass < 2; ++pass)
          for (int64_t s = 0; s < c.keys; ++s) {
            double score = 0;
            for (int64_t d = 0; d < c.size; ++d)
              score += static_cast<double>(q[((b * c.queries + t) * c.heads + h) * c.size + d]) *
                       k[((b * c.keys + s) * c.shared + g) * c.size + d];
            score /= std::sqrt(static_cast<double>(c.size));
            if (c.soft_cap)
              score = *c.soft_cap * std::tanh(score / *c.soft_cap);
            if (c.slopes)
              score += slope_of(h) * static_cast<double>(s - at);
            if (c.mask != Mask::none)
              score += mask[(b * c.queries + t) * c.keys + s];
            if ((c.causal && s > at) || (c.window && at - s >= *c.window))
              score = -INFINITY;
            most = pass ? most : std::max(most, score);
            powers[s] = std::isinf(most) ? 0 : std::exp(score - most);
            sum += pass ? powers[s] : 0;
          }
        if (c.sinks && sum != 0)
          sum += std::exp(sink_of(h) - most);
        for (int64_t e = 0; e < c.value_size; ++e) {
          double mixed = 0;
          for (int64_t s = 0; s < c.keys; ++s)
            mixed += powers[s] * v[((b * c.keys + s) * c.shared + g) * c.value_size + e];
          result.push_back(sum == 0 ? 0 : mixed / sum);
        }
      }
  return result;
}

void check(const Case &c) {
  INFO(c.batch << " " << c.queries << " " << c.keys << " " << c.heads << " " << c.shared << " " << c.size << " "
               << c.value_size << " " << c.causal << " " << c.window.value_or(0) << " " << name_of(c.dtype));
  std::vector<Tensor> inputs = {
      Tensor::from<float>({c.batch, c.queries, c.heads, c.size}, values(c.batch * c.queries * c.heads * c.size, 1)),
      Tensor::from<float>({c.batch, c.keys, c.shared, c.size}, values(c.batch * c.keys * c.shared * c.size, 2)),
      Tensor::from<float>({c.batch, c.keys, c.shared, c.value_size},
                          values(c.batch * c.keys * c.shared * c.value_size, 3))};
  for (Tensor &input : inputs)
    input = input.to(c.dtype);
  std::vector<float> mask = values(c.batch * c.queries * c.keys, 4);
  DType mask_type = c.mask == Mask::seen ? boolean : c.dtype;
  if (c.mask == Mask::seen) {
    std::vector<bool> seen;
    for (int64_t i = 0; float &value : mask) {
      seen.push_back(value > -0.7 && i++ % (3 * c.keys) >= c.keys); // every third query sees nothing
      value = seen.back() ? 0 : -INFINITY;
    }
    inputs.push_back(Tensor::from<bool>({c.batch, 1, c.queries, c.keys}, seen));
  } else if (c.mask == Mask::added) {
    inputs.push_back(Tensor::from<float>({c.batch, 1, c.queries, c.keys}, mask).to(c.dtype));
    mask = inputs.back().to(f32).to_vector<float>();
  }
  std::vector<double> expected =
      reference(c, inputs[0].to(f32).to_vector<float>(), inputs[1].to(f32).to_vector<float>(),
                inputs[2].to(f32).to_vector<float>(), mask);
  for (bool named : {false, true}) {
    Dim queries = named ? Dim("t") : Dim(c.queries), keys = named ? Dim("s") : Dim(c.keys);
    std::vector<GraphInput> types = {{"query", tensor_type(c.dtype, {c.batch, queries, c.heads, c.size})},
                                     {"key", tensor_type(c.dtype, {c.batch, keys, c.shared, c.size})},
                                     {"value", tensor_type(c.dtype, {c.batch, keys, c.shared, c.value_size})}};
    if (c.mask != Mask::none)
      types.push_back({"mask", tensor_type(mask_type, {c.batch, 1, queries, keys})});
    Model model(c);
    Executable exe = compile(Graph("f", model, types));
    std::vector<float> one = Session(exe, {.threads = 1}).run(inputs)[0].to(f32).to_vector<float>();
    CHECK(one == Session(exe, {.threads = 2}).run(inputs)[0].to(f32).to_vector<float>());
    REQUIRE(one.size() == expected.size());
    double worst = 0;
    for (size_t i = 0; i < one.size(); ++i)
      worst = std::max(worst, std::isnan(one[i]) ? INFINITY : std::abs(one[i] - expected[i]));
    CHECK(worst < (c.dtype == f32 ? 3e-6 : c.dtype == f16 ? 1e-3 : 8e-3));
  }
}

} // namespace

TEST_CASE("attention by blocks of keys is what the sums say") {
  check({1, 8, 1, 1, 1, 1, 1});
  check({2, 9, 13, 4, 2, 10, 7, true});
  check({1, 40, 40, 4, 4, 16, 16, true, 5});
  check({1, 33, 300, 8, 1, 64, 64});
  check({2, 35, 290, 3, 3, 17, 33, true, 40});
  check({1, 20, 7, 2, 1, 32, 32, true}); // the first queries see nothing
  check({1, 2, 129, 16, 2, 128, 96, true});
  check({1, 31, 130, 2, 2, 8, 8, false, 13});
  check({2, 37, 150, 4, 2, 24, 24, false, {}, Mask::seen});
  check({2, 11, 257, 2, 1, 24, 40, true, {}, Mask::added});
  for (DType dtype : {f32, bf16, f16}) {
    check({2, 21, 140, 4, 2, 24, 33, true, 50, Mask::added, dtype});
    // So many rows that keys and values are laid head by head.
    check({2, 130, 200, 4, 2, 17, 33, true, {}, Mask::none, dtype});
  }
}

TEST_CASE("attention with capped scores, sinks and slopes is what the sums say") {
  check(
      {.batch = 2, .queries = 35, .keys = 290, .heads = 4, .shared = 2, .size = 17, .value_size = 33, .soft_cap = 1.5});
  check({.batch = 1,
         .queries = 33,
         .keys = 300,
         .heads = 6,
         .shared = 2,
         .size = 24,
         .value_size = 7,
         .causal = true,
         .sinks = true});
  check({.batch = 2,
         .queries = 21,
         .keys = 140,
         .heads = 5,
         .shared = 1,
         .size = 10,
         .value_size = 10,
         .causal = true,
         .slopes = true});
  check({.batch = 1,
         .queries = 19,
         .keys = 270,
         .heads = 3,
         .shared = 3,
         .size = 16,
         .value_size = 16,
         .slopes = true}); // later keys too
  Case all{.batch = 2,
           .queries = 37,
           .keys = 150,
           .heads = 4,
           .shared = 2,
           .size = 24,
           .value_size = 24,
           .causal = true,
           .window = 40,
           .mask = Mask::added,
           .soft_cap = 2,
           .sinks = true,
           .slopes = true};
  check(all);
  for (DType dtype : {bf16, f16}) {
    all.dtype = dtype;
    check(all);
  }
  // Queries that see no key give zeros, sinks or not: those before the first key, and those that a mask keeps from all.
  check({.batch = 1,
         .queries = 20,
         .keys = 7,
         .heads = 2,
         .shared = 1,
         .size = 32,
         .value_size = 32,
         .causal = true,
         .sinks = true});
  check({.batch = 1,
         .queries = 5,
         .keys = 2,
         .heads = 2,
         .shared = 1,
         .size = 8,
         .value_size = 8,
         .causal = true,
         .sinks = true,
         .slopes = true});
  check({.batch = 2,
         .queries = 37,
         .keys = 150,
         .heads = 4,
         .shared = 2,
         .size = 24,
         .value_size = 24,
         .mask = Mask::seen,
         .sinks = true});
}

TEST_CASE("attention of a few queries, whose keys are divided among tasks, is what the sums say") {
  check({1, 1, 1, 1, 1, 1, 1});
  check({1, 1, 29, 4, 2, 9, 5, true});
  check({2, 1, 700, 8, 2, 64, 64, true});       // several parts
  check({1, 1, 3001, 32, 4, 64, 64, true, 63}); // most of the keys are not seen
  check({1, 3, 300, 4, 2, 128, 40, true, 17});
  check({1, 2, 130, 14, 2, 24, 24}); // 14 rows of each head of keys: tiles of 8, 4 and 2
  check({3, 5, 7, 3, 1, 33, 65});
  check({1, 1, 200, 80, 80, 16, 24});                            // more rows than are taken at once
  check({2, 2, 150, 66, 22, 20, 8, true, {}, Mask::none, bf16}); // 6 rows of each head, so some of them in the next 64
  check({1, 4, 2, 2, 2, 8, 8, true});                            // the first queries see nothing
  check({2, 6, 150, 4, 2, 24, 24, false, {}, Mask::seen});
  check({2, 1, 257, 2, 1, 24, 40, true, {}, Mask::added});
  Case all{.batch = 2,
           .queries = 2,
           .keys = 333,
           .heads = 6,
           .shared = 2,
           .size = 20,
           .value_size = 36,
           .causal = true,
           .window = 150,
           .mask = Mask::added,
           .soft_cap = 2,
           .sinks = true,
           .slopes = true};
  for (DType dtype : {f32, bf16, f16}) {
    all.dtype = dtype;
    check(all);
  }
}

// No keys at all, and no queries, by names; a mask or not.
TEST_CASE("attention of nothing") {
  Case c{1, 0, 0, 2, 1, 8, 8};
  Model model(c);
  Executable exe = compile(Graph("f", model,
                                 {{"query", tensor_type(f32, {1, "t", 2, 8})},
                                  {"key", tensor_type(f32, {1, "s", 1, 8})},
                                  {"value", tensor_type(f32, {1, "s", 1, 8})}}));
  for (int64_t queries : {0, 1, 40}) {
    std::vector<Tensor> inputs{Tensor::from<float>({1, queries, 2, 8}, values(queries * 16, 1)),
                               Tensor::zeros(f32, {1, 0, 1, 8}), Tensor::zeros(f32, {1, 0, 1, 8})};
    CHECK(exe(inputs)[0].to_vector<float>() == std::vector<float>(queries * 16));
  }
}

// Few queries and many: NaN, with any bits, is of queries that see it alone, and scores may be far from each other.
TEST_CASE("attention of NaN, and of scores of very different sizes") {
  for (int64_t queries : {2, 40}) {
    Case c{1, queries, 130, 8, 8, 8, 8, true};
    std::vector<float> q = values(queries * 64, 1), k = values(130 * 64, 2), v = values(130 * 64, 3);
    Tensor query = Tensor::from<float>({1, queries, 8, 8}, q), value = Tensor::from<float>({1, 130, 8, 8}, v);
    Model model(c);
    TensorType keys = tensor_type(f32, {1, 130, 8, 8});
    Executable exe =
        compile(Graph("f", model, {{"query", tensor_type(f32, {1, queries, 8, 8})}, {"key", keys}, {"value", keys}}));
    for (float &number : k)
      number *= 200; // most weights are 0 in f32
    std::vector<double> expected = reference(c, q, k, v, {});
    std::vector<float> got = exe({query, Tensor::from<float>({1, 130, 8, 8}, k), value})[0].to_vector<float>();
    for (size_t i = 0; i < got.size(); ++i)
      CHECK(std::abs(got[i] - expected[i]) < 1e-3);
    k[129 * 64 + 3] = std::bit_cast<float>(0x7fc00123); // the last key's first head, which the last query alone sees
    got = exe({query, Tensor::from<float>({1, 130, 8, 8}, k), value})[0].to_vector<float>();
    for (int64_t i = 0; i < queries * 64; ++i)
      CHECK(std::isnan(got[i]) == (i / 64 == queries - 1 && i % 64 < 8));
  }
}
