// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Conv.h"
#include "varve/ops/Conv.h"

namespace varve::nn {
namespace {

// Checks what a weight's shape is made of, and fills the kernel.
template <class Options> Options completed(size_t rank, int64_t in, int64_t out, Options options) {
  auto text = [](int64_t number) { return std::to_string(number); };
  if (options.kernel.size() == 1)
    options.kernel.resize(rank, options.kernel[0]);
  if (options.kernel.size() != rank)
    throw Error("expects a kernel of " + std::to_string(rank) + " sizes, or one for all, but got " +
                std::to_string(options.kernel.size()));
  for (int64_t size : options.kernel)
    if (size < 1)
      throw Error("expects kernel sizes of at least 1, but got " + text(size));
  if (in < 1 || out < 1)
    throw Error("expects at least 1 channel in and out, but got " + text(in) + " and " + text(out));
  if (options.groups < 1 || in % options.groups != 0 || out % options.groups != 0)
    throw Error("expects groups that divide in and out, but got " + text(options.groups) + ", " + text(in) + " and " +
                text(out));
  return options;
}

template <class Options> Shape weight_shape(int64_t first, int64_t second, const Options &options) {
  Shape shape = {first, second / options.groups};
  shape.insert(shape.end(), options.kernel.begin(), options.kernel.end());
  return shape;
}

Value convolve(Value x, const Weight &weight, const std::optional<Weight> &bias, const ConvOptions &o) {
  varve::ConvOptions options{.strides = o.strides, .padding = o.padding, .dilations = o.dilations, .groups = o.groups};
  return bias ? conv(x, weight, *bias, options) : conv(x, weight, options);
}

Value convolve(Value x, const Weight &weight, const std::optional<Weight> &bias, const ConvTransposeOptions &o) {
  varve::ConvTransposeOptions options{.strides = o.strides,
                                      .padding = o.padding,
                                      .output_padding = o.output_padding,
                                      .dilations = o.dilations,
                                      .groups = o.groups};
  return bias ? conv_transpose(x, weight, *bias, options) : conv_transpose(x, weight, options);
}

} // namespace

Conv1d::Conv1d(int64_t in, int64_t out, Options given)
    : options(completed(1, in, out, std::move(given))),
      weight(*this, "weight", options.dtype, weight_shape(out, in, options), Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}
Value Conv1d::forward(Value x) { return convolve(x, weight, bias, options); }

Conv2d::Conv2d(int64_t in, int64_t out, Options given)
    : options(completed(2, in, out, std::move(given))),
      weight(*this, "weight", options.dtype, weight_shape(out, in, options), Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}
Value Conv2d::forward(Value x) { return convolve(x, weight, bias, options); }

Conv3d::Conv3d(int64_t in, int64_t out, Options given)
    : options(completed(3, in, out, std::move(given))),
      weight(*this, "weight", options.dtype, weight_shape(out, in, options), Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}
Value Conv3d::forward(Value x) { return convolve(x, weight, bias, options); }

ConvTranspose1d::ConvTranspose1d(int64_t in, int64_t out, Options given)
    : options(completed(1, in, out, std::move(given))),
      weight(*this, "weight", options.dtype, weight_shape(in, out, options), Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}
Value ConvTranspose1d::forward(Value x) { return convolve(x, weight, bias, options); }

ConvTranspose2d::ConvTranspose2d(int64_t in, int64_t out, Options given)
    : options(completed(2, in, out, std::move(given))),
      weight(*this, "weight", options.dtype, weight_shape(in, out, options), Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}
Value ConvTranspose2d::forward(Value x) { return convolve(x, weight, bias, options); }

ConvTranspose3d::ConvTranspose3d(int64_t in, int64_t out, Options given)
    : options(completed(3, in, out, std::move(given))),
      weight(*this, "weight", options.dtype, weight_shape(in, out, options), Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}
Value ConvTranspose3d::forward(Value x) { return convolve(x, weight, bias, options); }

} // namespace varve::nn
