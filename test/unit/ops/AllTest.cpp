// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every op of the dialect has a function.
#include "lib/graph/Record.h"
#include "test/unit/ops/Recorded.h"
#include "varve/ops/Attention.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Control.h"
#include "varve/ops/Conv.h"
#include "varve/ops/Cumulative.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Normalize.h"
#include "varve/ops/Pool.h"
#include "varve/ops/Random.h"
#include "varve/ops/Reduce.h"
#include "varve/ops/Resize.h"
#include "varve/ops/Scan.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Sort.h"
#include "varve/ops/Structure.h"
#include <catch2/catch.hpp>
#include <set>

using namespace varve;

namespace {

// One of each, with operands x [2, 2] of f32, i of i64, b of bool and h [1, 2, 2, 2] of f32.
void record_all(Value x, Value i, Value b, Value h) {
  neg(x), abs(x), exp(x), log(x), sqrt(x), rsqrt(x), sin(x), cos(x), tanh(x), erf(x), sigmoid(x), silu(x), relu(x);
  floor(x), ceil(x), round(x), logical_not(b), gelu(x), trunc(x), sign(x), exp2(x), expm1(x), log1p(x), log2(x),
      log10(x);
  tan(x), asin(x), acos(x), atan(x), sinh(x), cosh(x), asinh(x), acosh(x), atanh(x);
  floor_divide(x, x), remainder(x, x), atan2(x, x), copysign(x, x), nextafter(x, x), i << i, i >> i;
  add(x, x), sub(x, x), mul(x, x), div(x, x), pow(x, x), maximum(x, x), minimum(x, x);
  logical_and(b, b), logical_or(b, b), logical_xor(b, b), equal(x, x), select(b, x, x), cast(x, bf16);
  matmul(x, x), linear(x, x);
  gather(x, i), iota({2}), cumsum(x), cumprod(x), sort(x), top_k(x, 1), random_bits(1, 2, {2});
  Value j = broadcast(i, {2, 2});
  take_along_axis(x, j, 0), scatter(x, i, x), put_along_axis(x, j, x);
  reduce_sum(x), reduce_mean(x), reduce_max(x), reduce_min(x), reduce_prod(x), argmax(x), argmin(x);
  Value row = slice(x, 0, {.end = 1}), n = reshape(row, {2});
  softmax(x), layer_norm(x, n, n), rms_norm(x, n);
  rope(h, reshape(row, {2, 1}), reshape(row, {2, 1})), attention(h, h, h);
  transpose(x, {1, 0}), broadcast(x, {2, 2, 2}), concat({x, x}, 0), split(x, {1, 1}, 0);
  conv(h, reshape(h, {2, 2, 2, 1})), conv_transpose(h, reshape(h, {2, 2, 2, 1})), max_pool(h, {.kernel = {1}}),
      avg_pool(h, {.kernel = {1}});
  adaptive_max_pool(h, {1}), adaptive_avg_pool(h, {1}), group_norm(x, 1), batch_norm(x, n, n),
      resize(h, {.scales = {2}});
  Value cube = reshape(h, {2, 2, 2});
  grouped_matmul(x, cube, i), causal_conv(cube, x), selective_scan(cube, cube, x, cube, cube);
  pad(x, {{}, {1, 1}}), flip(x);
  constant(1, f32), dim_value(2), identity(x), rebind(x, {2, 2}, ""), print(x);
  cond(true, [&] { loop(2, x, [](Value h) { return h; }); }); // last: the first body ends the text
}

} // namespace

TEST_CASE("every op of the dialect has a function") {
  std::string text = test::recorded(record_all, {tensor_type(f32, {2, 2}), tensor_type(i64, {2}),
                                                 tensor_type(boolean, {2, 2}), tensor_type(f32, {1, 2, 2, 2})});
  // What Graph, Layer, Weight and Buffer record, in whose tests they are; and what only weights in blocks are taken by.
  std::set<std::string> others = {"varve.graph",        "varve.layer", "varve.output",
                                  "varve.weight",       "varve.use",   "varve.buffer.load",
                                  "varve.buffer.store", "varve.mesh",  "varve.dequantize"};
  for (const std::string &name : detail::op_names())
    if (!others.contains(name)) {
      CAPTURE(name);
      CHECK(text.find(name + " ") != std::string::npos);
    }
}
