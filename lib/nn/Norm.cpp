// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Norm.h"
#include "varve/ops/Normalize.h"

namespace varve::nn {

RMSNorm::RMSNorm(int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {dim}, Site()), epsilon(options.epsilon) {}

Value RMSNorm::forward(Value x) { return rms_norm(x, weight, {.epsilon = epsilon}); }

LayerNorm::LayerNorm(int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {dim}, Site()), epsilon(options.epsilon) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{dim}, Site());
}

Value LayerNorm::forward(Value x) {
  NormOptions options{.epsilon = epsilon};
  return bias ? layer_norm(x, weight, *bias, options) : layer_norm(x, weight, options);
}

} // namespace varve::nn
