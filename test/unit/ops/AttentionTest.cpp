// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Attention.h"
#include "test/unit/ops/Recorded.h"
#include "varve/ops/Shape.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const TensorType query = tensor_type(f32, {1, "seq", 4, 8}), key = tensor_type(f32, {1, "keys", 2, 8});
const TensorType angles = tensor_type(f32, {"seq", 4});
} // namespace

TEST_CASE("rope") {
  auto run = [](Value x, Value cos, Value sin) { return rope(x, cos, sin); };
  CHECK(contains(recorded(run, {query, angles, angles}), "varve.rope %arg0, %arg1, %arg2 {pairing = \"half\"}"));
  CHECK(contains(recorded([](Value x, Value c, Value s) { return rope(x, c, s, {.pairing = Pairing::interleaved}); },
                          {query, angles, angles}),
                 "{pairing = \"interleaved\"}"));
  CHECK(contains(refused(run, {query, tensor_type(f32, {"seq", 3}), tensor_type(f32, {"seq", 3})}),
                 "expects input [batch, seq, heads, dim] and cos [seq, dim / 2]"));
}

TEST_CASE("attention") {
  auto run = [](AttentionOptions options) {
    return [=](Value q, Value k, Value v) { return attention(q, k, v, options); };
  };
  CHECK(contains(recorded(run({}), {query, key, key}), "varve.attention %arg0, %arg1, %arg2 : "));
  CHECK(contains(recorded(run({.scale = 0.5, .causal = true, .window = 16}), {query, key, key}),
                 "varve.attention %arg0, %arg1, %arg2 {causal, scale = 5.000000e-01 : f64, window = 16 : i64}"));
  CHECK(contains(recorded([](Value q, Value k, Value v, Value m) { return attention(q, k, v, {.mask = m}); },
                          {query, key, key, tensor_type(boolean, {1, 1, "seq", "keys"})}),
                 "varve.attention %arg0, %arg1, %arg2, %arg3 : "));
  CHECK(refused(run({.window = 0}), {query, key, key}) == "expects a window of 1 or more, but got 0");
  CHECK(contains(refused(run({}), {query, tensor_type(f32, {1, "keys", 3, 8}), tensor_type(f32, {1, "keys", 3, 8})}),
                 "expects heads of query in a multiple of those of key, but got 4 and 3"));
  TensorType each = tensor_type(f32, {4});
  CHECK(contains(recorded(run({.soft_cap = 30}), {query, key, key}), "{soft_cap = 3.000000e+01 : f64}"));
  CHECK(refused(run({.soft_cap = 0}), {query, key, key}) == "expects a finite soft cap above 0, but got 0.000000e+00");
  auto with_sinks = [](Value q, Value k, Value v, Value s) { return attention(q, k, v, {.sinks = s}); };
  CHECK(contains(recorded(with_sinks, {query, key, key, each}), "varve.attention %arg0, %arg1, %arg2 sinks %arg3 : "));
  CHECK(contains(refused(with_sinks, {query, key, key, tensor_type(f32, {2})}),
                 "expects sinks [4], one of each head of query, but got 'tensor<2xf32>'"));
  auto with_both = [](Value q, Value k, Value v, Value m, Value s) {
    return attention(q, k, v, {.mask = m, .slopes = s});
  };
  CHECK(contains(recorded(with_both, {query, key, key, tensor_type(boolean, {1, 1, "seq", "keys"}), each}),
                 "varve.attention %arg0, %arg1, %arg2, %arg3 slopes %arg4 : "));
}

TEST_CASE("alibi_slopes") {
  // Heads that are a power of two, and 5: those of 4, and then the first of 8.
  auto of = [](int64_t heads) {
    return recorded([=](Value x) { return concat({alibi_slopes(heads), x}, 0); }, {tensor_type(f32, {1})});
  };
  CHECK(contains(of(4), "dense<[2.500000e-01, 6.250000e-02, 1.562500e-02, 3.906250e-03]>"));
  CHECK(contains(of(5), "dense<[2.500000e-01, 6.250000e-02, 1.562500e-02, 3.906250e-03, 5.000000e-01]>"));
  CHECK(contains(of(7), "3.906250e-03, 5.000000e-01, 1.250000e-01, 3.125000e-02]>"));
  CHECK(refused([](Value) { return alibi_slopes(0); }, {tensor_type(f32, {})}) ==
        "expects at least one head, but got 0");
}
