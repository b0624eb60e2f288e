// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Norm.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Normalize.h"

namespace varve::nn {

// The size, if it is one.
static int64_t checked(int64_t size, const char *what) {
  if (size < 1)
    throw Error(std::string("expects at least 1 ") + what + ", but got " + std::to_string(size));
  return size;
}

RMSNorm::RMSNorm(int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {checked(dim, "element")}, Site()), epsilon(options.epsilon),
      weight_offset(options.weight_offset) {}

Value RMSNorm::forward(Value x) {
  if (weight_offset == 0)
    return rms_norm(x, weight, {.epsilon = epsilon});
  Value scale = cast(weight, f32) + weight_offset;
  return cast(rms_norm(cast(x, f32), scale, {.epsilon = epsilon}), x.dtype());
}

LayerNorm::LayerNorm(int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {checked(dim, "element")}, Site()), epsilon(options.epsilon) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{dim}, Site());
}

Value LayerNorm::forward(Value x) {
  NormOptions options{.epsilon = epsilon};
  return bias ? layer_norm(x, weight, *bias, options) : layer_norm(x, weight, options);
}

GroupNorm::GroupNorm(int64_t groups, int64_t channels, Options options) : groups(groups), epsilon(options.epsilon) {
  checked(channels, "channel");
  if (groups < 1 || channels % groups != 0)
    throw Error("expects groups that divide the channels, but got " + std::to_string(groups) + " and " +
                std::to_string(channels));
  if (options.affine) {
    weight.emplace(*this, "weight", options.dtype, Shape{channels}, Site());
    bias.emplace(*this, "bias", options.dtype, Shape{channels}, Site());
  }
}

Value GroupNorm::forward(Value x) {
  NormOptions options{.epsilon = epsilon};
  return weight ? group_norm(x, groups, *weight, *bias, options) : group_norm(x, groups, options);
}

InstanceNorm::InstanceNorm(int64_t channels, Options options)
    : channels(checked(channels, "channel")), epsilon(options.epsilon) {
  if (options.affine) {
    weight.emplace(*this, "weight", options.dtype, Shape{channels}, Site());
    bias.emplace(*this, "bias", options.dtype, Shape{channels}, Site());
  }
}

Value InstanceNorm::forward(Value x) {
  NormOptions options{.epsilon = epsilon};
  return weight ? group_norm(x, channels, *weight, *bias, options) : group_norm(x, channels, options);
}

BatchNorm::BatchNorm(int64_t channels, Options options)
    : running_mean(*this, "running_mean", options.dtype, {checked(channels, "channel")}, Site()),
      running_var(*this, "running_var", options.dtype, {channels}, Site()), epsilon(options.epsilon) {
  if (options.affine) {
    weight.emplace(*this, "weight", options.dtype, Shape{channels}, Site());
    bias.emplace(*this, "bias", options.dtype, Shape{channels}, Site());
  }
}

Value BatchNorm::forward(Value x) {
  NormOptions options{.epsilon = epsilon};
  return weight ? batch_norm(x, running_mean, running_var, *weight, *bias, options)
                : batch_norm(x, running_mean, running_var, options);
}

} // namespace varve::nn
