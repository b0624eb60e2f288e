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

// The batch of an input; none of a single sequence, or of a cell's single position.
using Batch = std::optional<Dim>;

Batch batch_of(Value x, const Shape &shape, const Shape &single, int64_t axis) {
  bool isSingle = x.rank() == std::ssize(single);
  if ((!isSingle && x.rank() != std::ssize(shape)) || x.dim(-1) != shape.back())
    throw Error("expects an input of shape " + shape_text(shape) + " or " + shape_text(single) + ", but got " +
                shape_text(x.shape()));
  return isSingle ? Batch() : x.dim(axis);
}

template <class Options> Batch batch_of(Value x, int64_t in, const Options &options) {
  return batch_of(x, options.batch_first ? Shape{"batch", "seq", in} : Shape{"seq", "batch", in}, {"seq", in},
                  options.batch_first ? 0 : 1);
}

// A single one is computed as a batch of one.
Value batched(Value value, const Batch &batch, int64_t axis) { return batch ? value : unsqueeze(value, axis); }
Value as_given(Value value, const Batch &batch, int64_t axis) { return batch ? value : squeeze(value, {axis}); }

// One state for each layer and direction.
template <class Options>
std::vector<Value> parts_of(Value state, const char *name, const Batch &batch, int64_t size, size_t count,
                            const Options &options) {
  if (!state)
    return std::vector<Value>(count, zeros(options.dtype, {batch.value_or(1), size}));
  auto parts_count = static_cast<int64_t>(count);
  expect_shape(state, batch ? Shape{parts_count, *batch, size} : Shape{parts_count, size}, name);
  std::vector<Value> parts;
  for (int64_t i = 0; i < parts_count; ++i)
    parts.push_back(batched(state(i), batch, 0));
  return parts;
}

template <class Layer, class Given, class Step>
RecurrentResult run_hidden(const Layer &layer, Value x, Value h, Given given, Step step) {
  Batch batch = batch_of(x, layer.in, layer.options);
  int64_t axis = layer.options.batch_first ? 0 : 1;
  auto first = parts_of(h, "h", batch, layer.hidden, layer.weights.size(), layer.options);
  auto [output, last] = run(batched(x, batch, axis), first, layer.weights, layer.options, given, step);
  return {as_given(output, batch, axis), as_given(stack(last), batch, 1)};
}

Batch cell_batch(Value x, int64_t in) { return batch_of(x, {"batch", in}, {in}, 0); }

Value cell_state(Value state, const char *name, const Batch &batch, int64_t hidden, DType dtype) {
  if (!state)
    return zeros(dtype, {batch.value_or(1), hidden});
  expect_shape(state, batch ? Shape{*batch, hidden} : Shape{hidden}, name);
  return batched(state, batch, 0);
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
  Batch batch = batch_of(x, in, options);
  int64_t axis = options.batch_first ? 0 : 1;
  expect_both(state);
  auto h = parts_of(state.h, "h", batch, options.proj ? options.proj : hidden, weights.size(), options);
  auto c = parts_of(state.c, "c", batch, hidden, weights.size(), options);
  std::vector<LSTMState> first;
  for (size_t i = 0; i < weights.size(); ++i)
    first.push_back({h[i], c[i]});
  auto [output, last] = run(batched(x, batch, axis), first, weights, options, with_biases, lstm_step);
  for (size_t i = 0; i < weights.size(); ++i) {
    h[i] = last[i].h;
    c[i] = last[i].c;
  }
  return {as_given(output, batch, axis), {as_given(stack(h), batch, 1), as_given(stack(c), batch, 1)}};
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
  Batch batch = cell_batch(x, in);
  expect_both(state);
  state = {cell_state(state.h, "h", batch, hidden, options.dtype),
           cell_state(state.c, "c", batch, hidden, options.dtype)};
  auto [h, c] = lstm_step(with_biases(batched(x, batch, 0), weights), state, weights);
  return {as_given(h, batch, 0), as_given(c, batch, 0)};
}

GRUCell::GRUCell(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden), weights(*this, "", {in, hidden, 3}, options) {}

Value GRUCell::forward(Value x, Value h) {
  Batch batch = cell_batch(x, in);
  h = cell_state(h, "h", batch, hidden, options.dtype);
  return as_given(gru_step(with_bias(batched(x, batch, 0), weights), h, weights), batch, 0);
}

RNNCell::RNNCell(int64_t in, int64_t hidden, Options given)
    : options(checked(in, hidden, given)), in(in), hidden(hidden),
      weights(*this, "", {in, hidden, 1}, {options.bias, options.dtype}) {}

Value RNNCell::forward(Value x, Value h) {
  Batch batch = cell_batch(x, in);
  h = cell_state(h, "h", batch, hidden, options.dtype);
  return as_given(rnn_step(with_biases(batched(x, batch, 0), weights), h, weights, options.nonlinearity), batch, 0);
}

} // namespace varve::nn
