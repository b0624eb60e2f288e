// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recurrent networks with PyTorch's names and meaning: `LSTM`, `GRU`, `RNN`, and one step of each, the cells.
//   Child<nn::LSTM> lstm{*this, "lstm", 64, 128, {.layers = 2, .bidirectional = true, .batch_first = true}};
//   auto [output, state] = lstm(x);
#pragma once
#include "varve/nn/Layer.h"
#include <memory>
#include <optional>

namespace varve::nn {

struct LSTMOptions {
  /// One after the other; each takes what the one before it gives at each position.
  int64_t layers = 1;
  bool bias = true;
  /// Inputs and outputs are [batch, seq, ..]; else [seq, batch, ..].
  bool batch_first = false;
  /// Each layer also goes from the last position to the first, with weights of its own, and gives both results.
  bool bidirectional = false;
  /// The size that hidden values are projected to at each step; 0: they are not.
  int64_t proj = 0;
  DType dtype = f32;
};
/// As `LSTMOptions`.
struct GRUOptions {
  int64_t layers = 1;
  bool bias = true;
  bool batch_first = false;
  bool bidirectional = false;
  DType dtype = f32;
};
enum class Nonlinearity : uint8_t { tanh, relu };
/// As `LSTMOptions`.
struct RNNOptions {
  int64_t layers = 1;
  bool bias = true;
  bool batch_first = false;
  bool bidirectional = false;
  /// What is applied to the sums: tanh or relu.
  Nonlinearity nonlinearity = Nonlinearity::tanh;
  DType dtype = f32;
};
/// Of a `GRUCell` and an `LSTMCell`.
struct CellOptions {
  bool bias = true;
  DType dtype = f32;
};
struct RNNCellOptions {
  bool bias = true;
  /// What is applied to the sums: tanh or relu.
  Nonlinearity nonlinearity = Nonlinearity::tanh;
  DType dtype = f32;
};

/// What an LSTM carries from step to step.
struct LSTMState {
  Value h, c;
};
struct LSTMResult {
  /// Of each position, that of the last layer.
  Value output;
  /// After the last position.
  LSTMState state;
};
struct RecurrentResult {
  Value output, h;
};

/// Sizes of one layer's weights in one direction.
struct RecurrentSizes {
  int64_t in, hidden, gates;
  /// Of the hidden values that a step is given, if they are projected; else 0.
  int64_t proj = 0;
};
/// They themselves: `weight_ih_l0` and so on, with the suffix "_l0".
struct RecurrentWeights {
  RecurrentWeights(LayerBase &layer, const std::string &suffix, RecurrentSizes sizes, CellOptions options);
  Weight weight_ih, weight_hh;
  std::optional<Weight> bias_ih, bias_hh, weight_hr;
};
using RecurrentLayers = std::vector<std::unique_ptr<RecurrentWeights>>;

/// A long short-term memory. The state to begin with is zeros if none is given.
/// **Shapes** x [seq, batch, in], or [batch, seq, in]; with d directions: h [layers * d, batch, hidden or proj], c
/// [layers * d, batch, hidden], output [.., d * hidden or proj]; of each layer weight_ih [4 * hidden, in], weight_hh
/// [4 * hidden, hidden or proj], biases [4 * hidden], weight_hr [proj, hidden]; of a single sequence x [seq, in], and all
/// others without their batch too. **Types** floats, all the same.
/// **Throws** `Error` for sizes below 1, a proj that is not below hidden, and an input or a state of another shape.
/// **IR** `varve.linear`, `varve.loop` and elementwise ops. **Source** https://doi.org/10.1162/neco.1997.9.8.1735
class LSTM : public Layer<LSTM> {
public:
  using Options = LSTMOptions;
  LSTM(int64_t in, int64_t hidden, Options options = {});
  LSTMResult forward(Value x, LSTMState state = {});

  const Options options;
  const int64_t in, hidden;
  /// Of each layer, then direction.
  RecurrentLayers weights;
};

/// A gated recurrent unit: as `LSTM`, with three gates in place of four and h alone. **Source** https://arxiv.org/abs/1406.1078
class GRU : public Layer<GRU> {
public:
  using Options = GRUOptions;
  GRU(int64_t in, int64_t hidden, Options options = {});
  RecurrentResult forward(Value x, Value h = {});

  const Options options;
  const int64_t in, hidden;
  RecurrentLayers weights;
};

/// A plain recurrent network, h = tanh(weight_ih * x + weight_hh * h): as `LSTM`, with one gate and h alone.
class RNN : public Layer<RNN> {
public:
  using Options = RNNOptions;
  RNN(int64_t in, int64_t hidden, Options options = {});
  RecurrentResult forward(Value x, Value h = {});

  const Options options;
  const int64_t in, hidden;
  RecurrentLayers weights;
};

/// One step of an `LSTM`, whose weights are `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`. **Shapes** x [batch, in], h and c
/// [batch, hidden]; or x [in], h and c [hidden]. **Types**, **Throws** as `LSTM`. **IR** `varve.linear` and elementwise ops.
class LSTMCell : public Layer<LSTMCell> {
public:
  using Options = CellOptions;
  LSTMCell(int64_t in, int64_t hidden, Options options = {});
  LSTMState forward(Value x, LSTMState state = {});

  const Options options;
  const int64_t in, hidden;
  RecurrentWeights weights;
};

/// One step of a `GRU`, as `LSTMCell`.
class GRUCell : public Layer<GRUCell> {
public:
  using Options = CellOptions;
  GRUCell(int64_t in, int64_t hidden, Options options = {});
  Value forward(Value x, Value h = {});

  const Options options;
  const int64_t in, hidden;
  RecurrentWeights weights;
};

/// One step of an `RNN`, as `LSTMCell`.
class RNNCell : public Layer<RNNCell> {
public:
  using Options = RNNCellOptions;
  RNNCell(int64_t in, int64_t hidden, Options options = {});
  Value forward(Value x, Value h = {});

  const Options options;
  const int64_t in, hidden;
  RecurrentWeights weights;
};

} // namespace varve::nn
