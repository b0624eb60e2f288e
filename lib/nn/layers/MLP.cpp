// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/MLP.h"
#include "varve/ops/Elementwise.h"

namespace varve::nn {

MLP::MLP(int64_t dim, int64_t hidden, Options options)
    : gate_proj(*this, "gate_proj", dim, hidden, {options.dtype, options.bias}),
      up_proj(*this, "up_proj", dim, hidden, {options.dtype, options.bias}),
      down_proj(*this, "down_proj", hidden, dim, {options.dtype, options.bias}), activation(options.activation) {}

std::optional<Sharding> MLP::sharding_of(std::string_view part, const Sharding &sharding) const {
  if (sharding.kind() != Sharding::Kind::tensor_parallel)
    return {};
  return part == "down_proj" ? Sharding::columnwise() : Sharding::rowwise();
}

Value MLP::forward(Value x) { return down_proj(activate(gate_proj(x), activation) * up_proj(x)); }

FeedForward::FeedForward(int64_t dim, int64_t hidden, Options options)
    : fc1(*this, "fc1", dim, hidden, {options.dtype, options.bias}),
      fc2(*this, "fc2", hidden, dim, {options.dtype, options.bias}), activation(options.activation) {}

std::optional<Sharding> FeedForward::sharding_of(std::string_view part, const Sharding &sharding) const {
  if (sharding.kind() != Sharding::Kind::tensor_parallel)
    return {};
  return part == "fc2" ? Sharding::columnwise() : Sharding::rowwise();
}

Value FeedForward::forward(Value x) { return fc2(activate(fc1(x), activation)); }

} // namespace varve::nn
