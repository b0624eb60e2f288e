// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pooling and resampling as layers, for `Sequential` and so that hooks see them; the functions of varve/ops do the same.
//   Child<nn::MaxPool> pool{*this, "maxpool", {.kernel = {3}, .strides = {2}, .padding = {1}}};
#pragma once
#include "varve/nn/Layer.h"
#include "varve/ops/Pool.h"
#include "varve/ops/Resize.h"

namespace varve::nn {

/// The maximum of each window. **Shapes**, **Types**, **Throws**, **IR** as `varve::max_pool`.
class MaxPool : public Layer<MaxPool> {
public:
  using Options = MaxPoolOptions;
  explicit MaxPool(Options options) : options(std::move(options)) {}
  Value forward(Value x);

  const Options options;
};

/// The mean of each window. **Shapes**, **Types**, **Throws**, **IR** as `varve::avg_pool`.
class AvgPool : public Layer<AvgPool> {
public:
  using Options = AvgPoolOptions;
  explicit AvgPool(Options options) : options(std::move(options)) {}
  Value forward(Value x);

  const Options options;
};

struct AdaptivePoolOptions {
  /// Of the result, for each spatial dimension or one for all; 1: the whole of it.
  std::vector<int64_t> size = {1};
};

/// The maxima of as many windows as asked for. **Shapes**, **Types**, **Throws**, **IR** as `varve::adaptive_max_pool`.
class AdaptiveMaxPool : public Layer<AdaptiveMaxPool> {
public:
  using Options = AdaptivePoolOptions;
  explicit AdaptiveMaxPool(Options options = {}) : options(std::move(options)) {}
  Value forward(Value x);

  const Options options;
};

/// The means of as many windows as asked for. **Shapes**, **Types**, **Throws**, **IR** as `varve::adaptive_avg_pool`.
class AdaptiveAvgPool : public Layer<AdaptiveAvgPool> {
public:
  using Options = AdaptivePoolOptions;
  explicit AdaptiveAvgPool(Options options = {}) : options(std::move(options)) {}
  Value forward(Value x);

  const Options options;
};

/// The input at other sizes. **Shapes**, **Types**, **Throws**, **IR** as `varve::resize`.
class Upsample : public Layer<Upsample> {
public:
  using Options = ResizeOptions;
  explicit Upsample(Options options) : options(std::move(options)) {}
  Value forward(Value x);

  const Options options;
};

} // namespace varve::nn
