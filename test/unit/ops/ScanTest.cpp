// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Scan.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

TEST_CASE("causal_conv") {
  std::vector<GraphInput> inputs = {tensor_type(bf16, {2, "seq", 8}), tensor_type(bf16, {8, 4}),
                                    tensor_type(bf16, {2, 3, 8}), tensor_type(bf16, {8})};
  CHECK(
      contains(recorded([](Value x, Value w, Value s, Value) { return causal_conv(x, w, {.state = s}).state; }, inputs),
               "varve.causal_conv %arg0, %arg1, %arg2 : "));
  // A sequence begins with zeros.
  std::string text =
      recorded([](Value x, Value w, Value, Value b) { return causal_conv(x, w, {.bias = b}).result; }, inputs);
  CHECK(contains(text, "varve.constant dense<0.000000e+00> : tensor<bf16>"));
  CHECK(contains(text, "-> tensor<2x3x8xbf16>"));
  CHECK(contains(text, "varve.add %result, %arg3"));
  CHECK(contains(refused([](Value x, Value w, Value, Value) { return causal_conv(w, x).result; }, inputs),
                 "expects input [batch, seq, channels] and weight [channels, kernel]"));
}

TEST_CASE("selective_scan") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {2, "seq", 8}), tensor_type(f32, {8, 16}),
                                    tensor_type(f32, {2, "seq", 16}), tensor_type(f32, {8}),
                                    tensor_type(f32, {2, 8, 16})};
  auto plain = [](Value x, Value a, Value b, Value, Value h) {
    return selective_scan(x, x, a, b, b, {.state = h}).state;
  };
  CHECK(contains(recorded(plain, inputs), "varve.selective_scan %arg0, %arg0, %arg1, %arg2, %arg2, %arg4 : "));
  // What can be made of other ops is.
  auto all = [](Value x, Value a, Value b, Value d, Value) {
    return selective_scan(x, x, a, b, b, {.d = d, .z = x, .delta_bias = d, .delta_softplus = true}).result;
  };
  std::string text = recorded(all, inputs);
  for (std::string op : {"varve.abs", "varve.exp", "varve.log", "varve.maximum", "varve.silu", "varve.mul"})
    CHECK(contains(text, op));
  CHECK_FALSE(contains(text, "varve.cast"));
  CHECK(contains(
      refused([](Value x, Value a, Value b, Value, Value) { return selective_scan(x, a, a, b, b).result; }, inputs),
      "expects input and delta [batch, seq, channels]"));
}

TEST_CASE("selective_scan of bf16 computes around the scan in f32") {
  std::vector<GraphInput> inputs = {tensor_type(bf16, {2, "seq", 8}), tensor_type(f32, {8, 16}),
                                    tensor_type(bf16, {2, "seq", 16}), tensor_type(f32, {8})};
  auto all = [](Value x, Value a, Value b, Value d) {
    return selective_scan(x, x, a, b, b, {.d = d, .z = x, .delta_bias = d, .delta_softplus = true}).result;
  };
  CHECK(contains(recorded(all, inputs), "varve.cast"));
}
