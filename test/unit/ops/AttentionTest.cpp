// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Attention.h"
#include "test/unit/ops/Recorded.h"
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
}
