// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Recurrent.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Control.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Indexing.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Structure.h"

namespace varve::nn {
namespace {

void check_sizes(std::initializer_list<std::pair<const char *, int64_t>> sizes) {
  for (auto [name, size] : sizes)
    if (size < 1)
      throw Error("expects " + std::string(name) + " of at least 1, but got " + std::to_string(size));
}

template <class Options> Options checked(int64_t in, int64_t hidden, Options options) {
  check_sizes({{"an input", in}, {"a hidden", hidden}});
  if constexpr (requires { options.layers; })
    check_sizes({{"layers", options.layers}});
  if constexpr (requires { options.proj; })
    if (options.proj < 0 || options.proj >= hidden)
      throw Error("expects a proj of at least 0 and below hidden, but got " + std::to_string(options.proj) + " and " +
                  std::to_string(hidden));
  return options;
}

template <class Options> RecurrentLayers weights_of(LayerBase &layer, RecurrentSizes sizes, const Options &options) {
  RecurrentLayers list;
  int64_t directions = options.bidirectional ? 2 : 1;
  for (int64_t i = 0; i < options.layers; ++i) {
    for (std::string direction : {"", "_reverse"})
      if (direction.empty() || options.bidirectional)
        list.push_back(std::make_unique<RecurrentWeights>(layer, "_l" + std::to_string(i) + direction, sizes,
                                                          CellOptions{options.bias, options.dtype}));
    sizes.in = directions * (sizes.proj ? sizes.proj : sizes.hidden);
  }
  return list;
}

void expect_shape(Value value, const Shape &shape, const char *name) {
  if (value.shape() != shape)
    throw Error("expects " + std::string(name) + " of shape " + shape_text(shape) + ", but got " +
                shape_text(value.shape()));
}

Value zeros(DType dtype, Shape shape) { return broadcast(constant(0.0, dtype), std::move(shape)); }

// What a step of an LSTM or a plain network is given: the input's product with both biases.
Value with_biases(Value x, const RecurrentWeights &weights) {
  Value product = linear(x, weights.weight_ih);
  return weights.bias_ih ? product + (Value(*weights.bias_ih) + *weights.bias_hh) : product;
}

// A GRU's second bias is inside of a product.
Value with_bias(Value x, const RecurrentWeights &weights) {
  Value product = linear(x, weights.weight_ih);
  return weights.bias_ih ? product + *weights.bias_ih : product;
}

LSTMState lstm_step(Value given, LSTMState state, const RecurrentWeights &weights) {
  std::vector<Value> gates = chunk(given + linear(state.h, weights.weight_hh), 4, -1);
  Value in = sigmoid(gates[0]), forget = sigmoid(gates[1]), cell = tanh(gates[2]), out = sigmoid(gates[3]);
  Value c = forget * state.c + in * cell;
  Value h = out * tanh(c);
  return {weights.weight_hr ? linear(h, *weights.weight_hr) : h, c};
}

Value gru_step(Value given, Value h, const RecurrentWeights &weights) {
  Value product = linear(h, weights.weight_hh);
  if (weights.bias_hh)
    product = product + *weights.bias_hh;
  std::vector<Value> x = chunk(given, 3, -1), y = chunk(product, 3, -1);
  Value reset = sigmoid(x[0] + y[0]), update = sigmoid(x[1] + y[1]);
  Value made = tanh(x[2] + reset * y[2]);
  return made + update * (h - made);
}

Value rnn_step(Value given, Value h, const RecurrentWeights &weights, Nonlinearity nonlinearity) {
  Value sum = given + linear(h, weights.weight_hh);
  return nonlinearity == Nonlinearity::relu ? relu(sum) : tanh(sum);
}

Value hidden_of(Value h) { return h; }
Value hidden_of(LSTMState state) { return state.h; }

template <class State> struct Layered {
  Value output;
  std::vector<State> last; // of each layer, then direction
};

// Goes through all layers. `given(x, weights)` is what all steps are given, and `step(given, state, weights)` a step.
template <class State, class Options, class Given, class Step>
Layered<State> run(Value x, std::vector<State> first, const RecurrentLayers &weights, const Options &options,
                   Given given, Step step) {
  int64_t axis = options.batch_first ? 1 : 0;
  std::vector<State> last;
  for (size_t i = 0; i < weights.size();) {
    std::vector<Value> outputs;
    for (bool reversed : {false, true}) {
      if (reversed && !options.bidirectional)
        continue;
      const RecurrentWeights &own = *weights[i];
      Value each = given(x, own);
      if (reversed)
        each = flip(each, {axis});
      auto [state, output] = scan(each, first[i],
                                  [&](State state, Value slice) {
                                    State next = step(slice, state, own);
                                    return std::pair(next, hidden_of(next));
                                  },
                                  {.axis = axis, .stack_axis = axis});
      outputs.push_back(reversed ? flip(output, {axis}) : output);
      last.push_back(state);
      ++i;
    }
    x = outputs.size() == 1 ? outputs[0] : concat(outputs, -1);
  }
  return {x, last};
}

// The batch of an input that has the right shape.
template <class Options> Dim batch_of(Value x, int64_t in, const Options &options) {
  if (x.rank() != 3 || x.dim(2) != Dim(in))
    throw Error("expects an input of shape " +
                shape_text(options.batch_first ? Shape{"batch", "seq", in} : Shape{"seq", "batch", in}) + ", but got " +
                shape_text(x.shape()));
  return x.dim(options.batch_first ? 0 : 1);
}

// One state for each layer and direction.
template <class Options>
std::vector<Value> parts_of(Value state, const char *name, const Dim &batch, int64_t size, size_t count,
                            const Options &options) {
  if (!state)
    return std::vector<Value>(count, zeros(options.dtype, {batch, size}));
  expect_shape(state, {static_cast<int64_t>(count), batch, size}, name);
  std::vector<Value> parts;
  for (size_t i = 0; i < count; ++i)
    parts.push_back(state(static_cast<int64_t>(i)));
  return parts;
}

template <class Layer, class Given, class Step>
RecurrentResult run_hidden(const Layer &layer, Value x, Value h, Given given, Step step) {
  Dim batch = batch_of(x, layer.in, layer.options);
  auto first = parts_of(h, "h", batch, layer.hidden, layer.weights.size(), layer.options);
  auto [output, last] = run(x, first, layer.weights, layer.options, given, step);
  return {output, stack(last)};
}

Dim cell_batch(Value x, int64_t in) {
  if (x.rank() != 2 || x.dim(1) != Dim(in))
    throw Error("expects an input of shape " + shape_text({"batch", in}) + ", but got " + shape_text(x.shape()));
  return x.dim(0);
}

Value cell_state(Value state, const char *name, const Dim &batch, int64_t hidden, DType dtype) {
  if (!state)
    return zeros(dtype, {batch, hidden});
  expect_shape(state, {batch, hidden}, name);
  return state;
}

void expect_both(const LSTMState &state) {
  if (bool(state.h) != bool(state.c))
    throw Error(std::string("expects h and c, or neither, but got ") + (state.h ? "h" : "c") + " alone");
}

} // namespace

RecurrentWeights::RecurrentWeights(LayerBase &layer, const std::string &suffix, RecurrentSizes sizes,
                                   CellOptions options)
    : weight_ih(layer, "weight_ih" + suffix, options.dtype, {sizes.gates * sizes.hidden, sizes.in}, Site()),
      weight_hh(layer, "weight_hh" + suffix, options.dtype,
                {sizes.gates * sizes.hidden, sizes.proj ? sizes.proj : sizes.hidden}, Site()) {
  if (options.bias) {
    bias_ih.emplace(layer, "bias_ih" + suffix, options.dtype, Shape{sizes.gates * sizes.hidden}, Site());
    bias_hh.emplace(layer, "bias_hh" + suffix, options.dtype, Shape{sizes.gates * sizes.hidden}, Site());
  }
  if (sizes.proj)
    weight_hr.emplace(layer, "weight_hr" + suffix, options.dtype, Shape{sizes.proj, sizes.hidden}, Site());
}

LSTM::LSTM(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden),
      weights(weights_of(*this, {in, hidden, 4, options.proj}, options)) {}

LSTMResult LSTM::forward(Value x, LSTMState state) {
  Dim batch = batch_of(x, in, options);
  expect_both(state);
  auto h = parts_of(state.h, "h", batch, options.proj ? options.proj : hidden, weights.size(), options);
  auto c = parts_of(state.c, "c", batch, hidden, weights.size(), options);
  std::vector<LSTMState> first;
  for (size_t i = 0; i < weights.size(); ++i)
    first.push_back({h[i], c[i]});
  auto [output, last] = run(x, first, weights, options, with_biases, lstm_step);
  for (size_t i = 0; i < weights.size(); ++i) {
    h[i] = last[i].h;
    c[i] = last[i].c;
  }
  return {output, {stack(h), stack(c)}};
}

GRU::GRU(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden),
      weights(weights_of(*this, {in, hidden, 3}, options)) {}

RecurrentResult GRU::forward(Value x, Value h) { return run_hidden(*this, x, h, with_bias, gru_step); }

RNN::RNN(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden),
      weights(weights_of(*this, {in, hidden, 1}, options)) {}

RecurrentResult RNN::forward(Value x, Value h) {
  return run_hidden(*this, x, h, with_biases, [&](Value given, Value state, const RecurrentWeights &own) {
    return rnn_step(given, state, own, options.nonlinearity);
  });
}

LSTMCell::LSTMCell(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden), weights(*this, "", {in, hidden, 4}, options) {}

LSTMState LSTMCell::forward(Value x, LSTMState state) {
  Dim batch = cell_batch(x, in);
  expect_both(state);
  state = {cell_state(state.h, "h", batch, hidden, options.dtype),
           cell_state(state.c, "c", batch, hidden, options.dtype)};
  return lstm_step(with_biases(x, weights), state, weights);
}

GRUCell::GRUCell(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden), weights(*this, "", {in, hidden, 3}, options) {}

Value GRUCell::forward(Value x, Value h) {
  h = cell_state(h, "h", cell_batch(x, in), hidden, options.dtype);
  return gru_step(with_bias(x, weights), h, weights);
}

RNNCell::RNNCell(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden),
      weights(*this, "", {in, hidden, 1}, {options.bias, options.dtype}) {}

Value RNNCell::forward(Value x, Value h) {
  h = cell_state(h, "h", cell_batch(x, in), hidden, options.dtype);
  return rnn_step(with_biases(x, weights), h, weights, options.nonlinearity);
}

} // namespace varve::nn
