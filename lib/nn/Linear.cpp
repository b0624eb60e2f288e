// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Linear.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"

namespace varve::nn {

Linear::Linear(int64_t in, int64_t out, Options options) : weight(*this, "weight", options.dtype, {out, in}, Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}

Value Linear::forward(Value x) {
  Value product = linear(x, weight);
  return bias ? product + *bias : product;
}

Embedding::Embedding(int64_t count, int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {count, dim}, Site()) {}

Value Embedding::forward(Value ids) { return cast(gather(weight, ids), weight.dtype()); }

} // namespace varve::nn
