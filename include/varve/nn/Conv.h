// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolutions of images and sequences. Lists have an entry for each spatial dimension, or one for all.
//   Child<nn::Conv2d> stem{*this, "conv1", 3, 64, {.kernel = {7}, .strides = {2}, .padding = {3}}};
#pragma once
#include "varve/nn/Layer.h"
#include <optional>

namespace varve::nn {

struct ConvOptions {
  std::vector<int64_t> kernel;
  /// None: 1.
  std::vector<int64_t> strides = {};
  /// Zeros before and behind the input. None: 0.
  std::vector<int64_t> padding = {};
  /// None: 1.
  std::vector<int64_t> dilations = {};
  int64_t groups = 1;
  bool bias = false;
  DType dtype = f32;
};

/// conv(x, weight) + bias along one dimension. **Shapes** x [batch, in, seq], weight [out, in / groups, kernel], bias [out],
/// result [batch, out, ..] as of `conv`. **Types** floats, all the same. **Throws** `Error` for less than a channel, groups
/// that do not divide `in` and `out`, and a kernel that is empty or of another number of dimensions. **IR** `varve.conv`.
class Conv1d : public Layer<Conv1d> {
public:
  using Options = ConvOptions;
  Conv1d(int64_t in, int64_t out, Options options);
  Value forward(Value x);

  const Options options;
  Weight weight;
  std::optional<Weight> bias;
};

/// The same along two: x [batch, in, height, width].
class Conv2d : public Layer<Conv2d> {
public:
  using Options = ConvOptions;
  Conv2d(int64_t in, int64_t out, Options options);
  Value forward(Value x);

  const Options options;
  Weight weight;
  std::optional<Weight> bias;
};

/// The same along three: x [batch, in, depth, height, width].
class Conv3d : public Layer<Conv3d> {
public:
  using Options = ConvOptions;
  Conv3d(int64_t in, int64_t out, Options options);
  Value forward(Value x);

  const Options options;
  Weight weight;
  std::optional<Weight> bias;
};

struct ConvTransposeOptions {
  std::vector<int64_t> kernel;
  /// None: 1.
  std::vector<int64_t> strides = {};
  /// What is cut from the result's beginning and end. None: 0.
  std::vector<int64_t> padding = {};
  /// How much longer the result is at its end. None: 0.
  std::vector<int64_t> output_padding = {};
  /// None: 1.
  std::vector<int64_t> dilations = {};
  int64_t groups = 1;
  bool bias = false;
  DType dtype = f32;
};

/// conv_transpose(x, weight) + bias along one dimension. **Shapes** x [batch, in, seq], weight [in, out / groups, kernel],
/// bias [out], result [batch, out, ..] as of `conv_transpose`. **Types**, **Throws** as `Conv1d`.
/// **IR** `varve.conv_transpose`.
class ConvTranspose1d : public Layer<ConvTranspose1d> {
public:
  using Options = ConvTransposeOptions;
  ConvTranspose1d(int64_t in, int64_t out, Options options);
  Value forward(Value x);

  const Options options;
  Weight weight;
  std::optional<Weight> bias;
};

/// The same along two: x [batch, in, height, width].
class ConvTranspose2d : public Layer<ConvTranspose2d> {
public:
  using Options = ConvTransposeOptions;
  ConvTranspose2d(int64_t in, int64_t out, Options options);
  Value forward(Value x);

  const Options options;
  Weight weight;
  std::optional<Weight> bias;
};

/// The same along three: x [batch, in, depth, height, width].
class ConvTranspose3d : public Layer<ConvTranspose3d> {
public:
  using Options = ConvTransposeOptions;
  ConvTranspose3d(int64_t in, int64_t out, Options options);
  Value forward(Value x);

  const Options options;
  Weight weight;
  std::optional<Weight> bias;
};

} // namespace varve::nn
