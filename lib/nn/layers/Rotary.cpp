// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Rotary.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Structure.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace varve::nn {

using Kind = RopeScaling::Kind;

static void expect(bool holds, const std::string &rule, double value) {
  if (!holds)
    throw Error("expects " + rule + ", but got " + std::to_string(value));
}

static void expect_factors(const std::string &name, const std::vector<double> &factors, int64_t count) {
  if (std::ssize(factors) != count)
    throw Error("expects " + std::to_string(count) + " values of " + name + ", but got " +
                std::to_string(factors.size()));
  for (double factor : factors)
    expect(factor > 0 && std::isfinite(factor), "a finite " + name + " above 0", factor);
}

static RotaryOptions checked(int64_t head_dim, RotaryOptions options) {
  if (head_dim < 2 || head_dim % 2 != 0)
    throw Error("expects an even head_dim, but got " + std::to_string(head_dim));
  expect(options.theta > 0 && std::isfinite(options.theta), "a finite theta above 0", options.theta);
  const RopeScaling &scaling = options.scaling;
  if (scaling.kind == Kind::none)
    return options;
  expect(scaling.factor >= 1 && std::isfinite(scaling.factor), "a finite factor of at least 1", scaling.factor);
  if (scaling.kind == Kind::factors) {
    expect_factors("short_factor", scaling.short_factor, head_dim / 2);
    return options;
  }
  if (scaling.kind != Kind::linear && scaling.original_max_position_embeddings < 2)
    throw Error("expects original_max_position_embeddings of at least 2, but got " +
                std::to_string(scaling.original_max_position_embeddings));
  if (scaling.attention_factor)
    expect(*scaling.attention_factor > 0 && std::isfinite(*scaling.attention_factor),
           "a finite attention_factor above 0", *scaling.attention_factor);
  if (scaling.kind == Kind::dynamic && head_dim < 4)
    throw Error("expects a head_dim of at least 4 for a dynamic scaling, but got " + std::to_string(head_dim));
  if (scaling.kind == Kind::yarn) {
    expect(options.theta > 1, "a theta above 1 for yarn", options.theta);
    expect(scaling.beta_slow > 0, "a beta_slow above 0", scaling.beta_slow);
    expect(scaling.beta_fast > scaling.beta_slow, "a beta_fast above beta_slow", scaling.beta_fast);
  }
  if (scaling.kind == Kind::longrope) {
    expect_factors("short_factor", scaling.short_factor, head_dim / 2);
    expect_factors("long_factor", scaling.long_factor, head_dim / 2);
  }
  if (scaling.kind == Kind::llama3) {
    expect(scaling.low_freq_factor > 0, "a low_freq_factor above 0", scaling.low_freq_factor);
    expect(scaling.high_freq_factor > scaling.low_freq_factor, "a high_freq_factor above low_freq_factor",
           scaling.high_freq_factor);
  }
  return options;
}

// All below is in f32 wherever transformers has a tensor, so that angles of late positions are the same.

static std::vector<float> exponents(int64_t head_dim) {
  std::vector<float> values;
  for (int64_t i = 0; i < head_dim; i += 2)
    values.push_back(static_cast<float>(i) / static_cast<float>(head_dim));
  return values;
}

static std::vector<float> periods(int64_t head_dim, double theta) {
  std::vector<float> values = exponents(head_dim);
  for (float &value : values)
    value = std::pow(static_cast<float>(theta), value);
  return values;
}

// Which pair turns this often in the training's length.
static double yarn_pair(double turns, int64_t head_dim, const RotaryOptions &options) {
  auto length = static_cast<double>(options.scaling.original_max_position_embeddings);
  return static_cast<double>(head_dim) * std::log(length / (turns * 2 * std::numbers::pi)) /
         (2 * std::log(options.theta));
}

static float yarn(float period, int64_t pair, int64_t head_dim, const RotaryOptions &options) {
  const RopeScaling &scaling = options.scaling;
  double low = yarn_pair(scaling.beta_fast, head_dim, options), high = yarn_pair(scaling.beta_slow, head_dim, options);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(head_dim - 1));
  if (low == high)
    high += 0.001; // as transformers has it
  float ramp = (static_cast<float>(pair) - static_cast<float>(low)) / static_cast<float>(high - low);
  float kept = 1.0F - std::clamp(ramp, 0.0F, 1.0F);
  float scaled = 1.0F / (static_cast<float>(scaling.factor) * period);
  return scaled * (1.0F - kept) + 1.0F / period * kept;
}

static float llama3(float period, const RopeScaling &scaling) {
  auto length = static_cast<double>(scaling.original_max_position_embeddings);
  auto factor = static_cast<float>(scaling.factor);
  float frequency = 1.0F / period, wavelength = static_cast<float>(2 * std::numbers::pi) / frequency;
  if (wavelength < static_cast<float>(length / scaling.high_freq_factor))
    return frequency;
  if (wavelength > static_cast<float>(length / scaling.low_freq_factor))
    return frequency / factor;
  float smooth = (static_cast<float>(length) / wavelength - static_cast<float>(scaling.low_freq_factor)) /
                 static_cast<float>(scaling.high_freq_factor - scaling.low_freq_factor);
  return (1.0F - smooth) * frequency / factor + smooth * frequency;
}

static std::vector<float> frequencies_of(int64_t head_dim, const RotaryOptions &options,
                                         const std::vector<double> &factors) {
  std::vector<float> values = periods(head_dim, options.theta);
  for (size_t i = 0; i < values.size(); ++i) {
    float &value = values[i];
    switch (options.scaling.kind) {
    case Kind::none:
    case Kind::dynamic: // decided when the model runs
      value = 1.0F / value;
      break;
    case Kind::linear:
      value = 1.0F / value / static_cast<float>(options.scaling.factor);
      break;
    case Kind::yarn:
      value = yarn(value, static_cast<int64_t>(i), head_dim, options);
      break;
    case Kind::longrope:
    case Kind::factors:
      value = 1.0F / (static_cast<float>(factors[i]) * value);
      break;
    case Kind::llama3:
      value = llama3(value, options.scaling);
      break;
    }
  }
  return values;
}

static double attention_factor_of(const RopeScaling &scaling) {
  if (scaling.kind != Kind::yarn && scaling.kind != Kind::longrope)
    return 1;
  if (scaling.attention_factor)
    return *scaling.attention_factor;
  if (scaling.factor <= 1)
    return 1;
  double log = std::log(scaling.factor);
  if (scaling.kind == Kind::longrope)
    return std::sqrt(1 + log / std::log(static_cast<double>(scaling.original_max_position_embeddings)));
  if (scaling.mscale.value_or(0) != 0 && scaling.mscale_all_dim.value_or(0) != 0)
    return (0.1 * *scaling.mscale * log + 1) / (0.1 * *scaling.mscale_all_dim * log + 1);
  return 0.1 * log + 1;
}

RotaryEmbedding::RotaryEmbedding(int64_t head_dim, Options given)
    : options(checked(head_dim, std::move(given))), head_dim(head_dim),
      attention_factor(static_cast<float>(attention_factor_of(options.scaling))) {
  const RopeScaling &scaling = options.scaling;
  frequencies = Tensor::from<float>({head_dim / 2}, frequencies_of(head_dim, options, scaling.short_factor));
  if (scaling.kind == Kind::longrope)
    long_frequencies = Tensor::from<float>({head_dim / 2}, frequencies_of(head_dim, options, scaling.long_factor));
}

// Whether frequencies depend on how long the text is by now.
static bool looks_at_length(const RotaryOptions &options) {
  return options.scaling.kind == Kind::dynamic || options.scaling.kind == Kind::longrope;
}

Value RotaryEmbedding::frequencies_for(Value length) const {
  const RopeScaling &scaling = options.scaling;
  int64_t trained = scaling.original_max_position_embeddings;
  if (scaling.kind == Kind::longrope)
    return where(greater(length, trained), constant(long_frequencies), constant(frequencies));
  if (scaling.kind != Kind::dynamic)
    return constant(frequencies);
  auto dim = static_cast<double>(head_dim);
  Value longer = cast(maximum(length, trained), f32) * scaling.factor / static_cast<double>(trained);
  Value theta = pow(longer - (scaling.factor - 1), dim / (dim - 2)) * options.theta;
  return 1.0 / pow(theta, constant(Tensor::from<float>({head_dim / 2}, exponents(head_dim))));
}

Rotation RotaryEmbedding::rotation_of(Value positions, Value length) const {
  Value angles = cast(positions, f32) * frequencies_for(length);
  if (attention_factor == 1)
    return {cos(angles), sin(angles)};
  return {cos(angles) * attention_factor, sin(angles) * attention_factor};
}

Rotation RotaryEmbedding::forward(const Dim &seq, const Dim &past) {
  Value positions = iota({seq, 1});
  return rotation_of(past != Dim(0) ? positions + dim_value(past) : positions,
                     looks_at_length(options) ? dim_value(past + seq) : Value());
}

Rotation RotaryEmbedding::forward(const Dim &seq, Value past) {
  return rotation_of(iota({seq, 1}) + past, looks_at_length(options) ? past + dim_value(seq) : Value());
}

} // namespace varve::nn
