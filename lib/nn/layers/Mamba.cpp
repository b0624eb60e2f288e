// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Mamba.h"
#include "lib/nn/layers/Cache.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Scan.h"
#include "varve/ops/Shape.h"

namespace varve::nn {

static MambaOptions completed(int64_t dim, MambaOptions options) {
  if (options.inner == 0)
    options.inner = 2 * dim;
  if (options.rank == 0)
    options.rank = (dim + 15) / 16;
  for (auto [name, size] : {std::pair("dim", dim),
                            {"state", options.state},
                            {"kernel", options.kernel},
                            {"inner", options.inner},
                            {"rank", options.rank}})
    if (size < 1)
      throw Error("expects a " + std::string(name) + " of at least 1, but got " + std::to_string(size));
  return options;
}

Mamba::Mamba(int64_t dim, Options given)
    : options(completed(dim, given)), in_proj(*this, "in_proj", dim, 2 * options.inner, {options.dtype, options.bias}),
      conv1d(*this, "conv1d", options.inner, options.inner,
             {.kernel = {options.kernel}, .groups = options.inner, .bias = options.conv_bias, .dtype = options.dtype}),
      x_proj(*this, "x_proj", options.inner, options.rank + 2 * options.state, {options.dtype, false}),
      dt_proj(*this, "dt_proj", options.rank, options.inner, {options.dtype, true}),
      A_log(*this, "A_log", options.dtype, {options.inner, options.state}, Site()),
      D(*this, "D", options.dtype, {options.inner}, Site()),
      out_proj(*this, "out_proj", options.inner, dim, {options.dtype, options.bias}) {
  if (!options.stateful)
    return;
  conv_state.emplace(*this, "conv_state", options.dtype, Shape{options.batch, options.kernel - 1, options.inner},
                     Site());
  ssm_state.emplace(*this, "ssm_state", f32, Shape{options.batch, options.inner, options.state}, Site());
}

Value Mamba::forward(Value x) {
  if (conv_state)
    expect_batch_of(*conv_state, x);
  std::vector<Value> halves = split(in_proj(x), {options.inner, options.inner}, -1);
  CausalConvOptions conv;
  if (conv1d.bias)
    conv.bias = *conv1d.bias;
  if (conv_state)
    conv.state = conv_state->load();
  Scanned local = causal_conv(halves[0], reshape(conv1d.weight, {options.inner, options.kernel}), conv);
  if (conv_state)
    conv_state->store(local.state);

  Value hidden = silu(local.result);
  std::vector<Value> steps = split(x_proj(hidden), {options.rank, options.state, options.state}, -1);
  Value a = neg(exp(options.dtype == f32 ? Value(A_log) : cast(A_log, f32)));
  // The steps' bias is added in f32, as transformers does.
  SelectiveScanOptions scan{.d = D, .z = halves[1], .delta_bias = *dt_proj.bias, .delta_softplus = true};
  if (ssm_state)
    scan.state = ssm_state->load();
  Scanned mixed = selective_scan(hidden, linear(steps[0], dt_proj.weight), a, steps[1], steps[2], scan);
  if (ssm_state)
    ssm_state->store(mixed.state);
  return out_proj(mixed.result);
}

} // namespace varve::nn
