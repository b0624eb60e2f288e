// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recurrent layers against PyTorch's: test/data/layers/make_recurrent.py made what they compute.
#include "test/unit/Numbers.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npz.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::difference;

namespace {

// Runs the graph on one thread and on two, and compares the outputs with those of these names.
void check(const Graph &graph, const StateDict &arrays, const std::vector<std::string> &inputs,
           const std::vector<std::string> &outputs) {
  Executable exe = compile(graph);
  std::vector<Tensor> given;
  for (const std::string &name : inputs)
    given.push_back(arrays.at(name));
  std::vector<Tensor> one = Session(exe, {.threads = 1}).run(given), two = Session(exe, {.threads = 2}).run(given);
  REQUIRE(one.size() == outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    INFO(outputs[i]);
    const Tensor &expected = arrays.at(outputs[i]);
    CHECK(one[i].shape() == expected.shape());
    CHECK(difference(one[i].to_vector<float>(), expected.to_vector<float>()) < 1e-5);
    CHECK(one[i].to_vector<float>() == two[i].to_vector<float>());
  }
}

template <class Layer> StateDict load(Layer &layer, const std::string &name) {
  std::string path = std::string(VARVE_LAYERS_DATA) + "/recurrent/" + name;
  CHECK(layer.load_state_dict(weights::open(path + ".safetensors")).problems.empty());
  return load_npz(path + ".npz");
}

// Static sizes, or names for batch and sequence.
std::vector<GraphInput> types_of(const StateDict &arrays, const std::vector<std::string> &names, bool batch_first,
                                 bool dynamic) {
  std::vector<GraphInput> types;
  for (const std::string &name : names) {
    const std::vector<int64_t> &sizes = arrays.at(name).shape();
    Shape shape(sizes.begin(), sizes.end());
    if (dynamic) {
      if (name.starts_with("single_")) {
        if (name == "single_x" && shape.size() == 2)
          shape[0] = "seq";
        types.emplace_back(tensor_type(f32, shape));
        continue;
      }
      bool isState = name != "x", isCell = shape.size() == 2;
      shape[isCell || (batch_first && !isState) ? 0 : 1] = "batch";
      if (!isState && !isCell)
        shape[batch_first ? 1 : 0] = "seq";
    }
    types.emplace_back(tensor_type(f32, shape));
  }
  return types;
}

template <class Layer> void check_lstm(const std::string &name, int64_t in, int64_t hidden, nn::LSTMOptions options) {
  for (bool dynamic : {false, true}) {
    INFO(name << (dynamic ? ", dynamic" : ", static"));
    Layer layer(in, hidden, options);
    StateDict arrays = load(layer, name);
    auto types = types_of(arrays, {"x", "h0", "c0"}, options.batch_first, dynamic);
    check(Graph(
              "f", [&](Value x, Value h, Value c) { return layer(x, nn::LSTMState{h, c}); }, types),
          arrays, {"x", "h0", "c0"}, {"output", "h", "c"});
    auto single = types_of(arrays, {"single_x", "single_h0", "single_c0"}, options.batch_first, dynamic);
    check(Graph(
              "f", [&](Value x, Value h, Value c) { return layer(x, nn::LSTMState{h, c}); }, single),
          arrays, {"single_x", "single_h0", "single_c0"}, {"single_output", "single_h", "single_c"});
    Graph zero("f", layer, {types[0]});
    check(zero, arrays, {"x"}, {"zero_output", "zero_h", "zero_c"});
    if (dynamic)
      check(zero, arrays, {"one_x"}, {"one_output", "one_h", "one_c"});
  }
}

template <class Layer, class Options>
void check_hidden(const std::string &name, int64_t in, int64_t hidden, Options options) {
  for (bool dynamic : {false, true}) {
    INFO(name << (dynamic ? ", dynamic" : ", static"));
    Layer layer(in, hidden, options);
    StateDict arrays = load(layer, name);
    auto types = types_of(arrays, {"x", "h0"}, options.batch_first, dynamic);
    check(Graph("f", [&](Value x, Value h) { return layer(x, h); }, types), arrays, {"x", "h0"}, {"output", "h"});
    auto single = types_of(arrays, {"single_x", "single_h0"}, options.batch_first, dynamic);
    check(Graph(
              "f", [&](Value x, Value h) { return layer(x, h); }, single),
          arrays, {"single_x", "single_h0"}, {"single_output", "single_h"});
    Graph zero("f", layer, {types[0]});
    check(zero, arrays, {"x"}, {"zero_output", "zero_h"});
    if (dynamic)
      check(zero, arrays, {"one_x"}, {"one_output", "one_h"});
  }
}

} // namespace

TEST_CASE("LSTMs are PyTorch's: two layers, both directions, projected, of one layer") {
  check_lstm<nn::LSTM>("lstm", 5, 7, {.layers = 2, .batch_first = true, .bidirectional = true});
  check_lstm<nn::LSTM>("lstm-proj", 5, 7, {.layers = 2, .bias = false, .bidirectional = true, .proj = 3});
  check_lstm<nn::LSTM>("lstm-one", 6, 33, {});
}

TEST_CASE("GRUs are PyTorch's: two layers, both directions, without biases") {
  check_hidden<nn::GRU>("gru", 5, 7, nn::GRUOptions{.layers = 2, .bidirectional = true});
  check_hidden<nn::GRU>("gru-one", 6, 9, nn::GRUOptions{.bias = false, .batch_first = true});
}

TEST_CASE("plain recurrent networks are PyTorch's: three layers, both directions") {
  check_hidden<nn::RNN>("rnn", 5, 7, nn::RNNOptions{.layers = 3, .batch_first = true});
  check_hidden<nn::RNN>("rnn-relu", 5, 7,
                        nn::RNNOptions{.bidirectional = true, .nonlinearity = nn::Nonlinearity::relu});
}

TEST_CASE("recurrent cells are PyTorch's") {
  for (bool dynamic : {false, true}) {
    nn::LSTMCell lstm(5, 7);
    StateDict arrays = load(lstm, "lstm-cell");
    auto types = types_of(arrays, {"x", "h0", "c0"}, false, dynamic);
    check(Graph(
              "f", [&](Value x, Value h, Value c) { return lstm(x, nn::LSTMState{h, c}); }, types),
          arrays, {"x", "h0", "c0"}, {"h", "c"});
    check(Graph("f", lstm, {types[0]}), arrays, {"x"}, {"zero_h", "zero_c"});
    check(Graph(
              "f", [&](Value x, Value h, Value c) { return lstm(x, nn::LSTMState{h, c}); },
              types_of(arrays, {"single_x", "single_h0", "single_c0"}, false, dynamic)),
          arrays, {"single_x", "single_h0", "single_c0"}, {"single_h", "single_c"});

    nn::GRUCell gru(5, 7);
    arrays = load(gru, "gru-cell");
    types = types_of(arrays, {"x", "h0"}, false, dynamic);
    check(Graph("f", [&](Value x, Value h) { return gru(x, h); }, types), arrays, {"x", "h0"}, {"h"});
    types = types_of(arrays, {"single_x", "single_h0"}, false, dynamic);
    check(Graph(
              "f", [&](Value x, Value h) { return gru(x, h); }, types),
          arrays, {"single_x", "single_h0"}, {"single_h"});
    types = types_of(arrays, {"x"}, false, dynamic);
    check(Graph("f", gru, {types[0]}), arrays, {"x"}, {"zero_h"});

    nn::RNNCell rnn(5, 7, {.bias = false, .nonlinearity = nn::Nonlinearity::relu});
    arrays = load(rnn, "rnn-cell");
    types = types_of(arrays, {"x", "h0"}, false, dynamic);
    check(Graph("f", [&](Value x, Value h) { return rnn(x, h); }, types), arrays, {"x", "h0"}, {"h"});
    types = types_of(arrays, {"single_x", "single_h0"}, false, dynamic);
    check(Graph(
              "f", [&](Value x, Value h) { return rnn(x, h); }, types),
          arrays, {"single_x", "single_h0"}, {"single_h"});
    types = types_of(arrays, {"x"}, false, dynamic);
    check(Graph("f", rnn, {types[0]}), arrays, {"x"}, {"zero_h"});
  }
}
