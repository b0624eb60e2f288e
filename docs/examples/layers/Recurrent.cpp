// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void layers_Recurrent() {
  // LSTM
  {
    nn::LSTM layer(2, 3, {.layers = 2, .batch_first = true});
    layer.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", [&](Value x) { return layer(x).output; }, {tensor_type(f32, {"batch", "seq", 2})});
    Tensor y = compile(graph)({Tensor::zeros(f32, {1, 5, 2})})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 5, 3]
  }
  // GRU
  {
    nn::GRU layer(2, 3, {.layers = 2, .batch_first = true});
    layer.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", [&](Value x) { return layer(x).output; }, {tensor_type(f32, {"batch", "seq", 2})});
    Tensor y = compile(graph)({Tensor::zeros(f32, {1, 5, 2})})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 5, 3]
  }
  // RNN
  {
    nn::RNN layer(2, 3, {.layers = 2, .batch_first = true});
    layer.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", [&](Value x) { return layer(x).output; }, {tensor_type(f32, {"batch", "seq", 2})});
    Tensor y = compile(graph)({Tensor::zeros(f32, {1, 5, 2})})[0];
    std::cout << y.type() << "\n";
    // f32 [1, 5, 3]
  }
  // LSTMCell
  {
    nn::LSTMCell cell(2, 3);
    cell.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", [&](Value x) { return cell(x).h; }, {tensor_type(f32, {"batch", 2})});
    Tensor h = compile(graph)({Tensor::zeros(f32, {1, 2})})[0];
    std::cout << h.type() << "\n";
    // f32 [1, 3]
  }
  // GRUCell
  {
    nn::GRUCell cell(2, 3);
    cell.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", [&](Value x) { return cell(x); }, {tensor_type(f32, {"batch", 2})});
    Tensor h = compile(graph)({Tensor::zeros(f32, {1, 2})})[0];
    std::cout << h.type() << "\n";
    // f32 [1, 3]
  }
  // RNNCell
  {
    nn::RNNCell cell(2, 3);
    cell.load_state_dict(StateDict(), {.strict = false, .zero_missing = true}); // or a checkpoint
    Graph graph("f", [&](Value x) { return cell(x); }, {tensor_type(f32, {"batch", 2})});
    Tensor h = compile(graph)({Tensor::zeros(f32, {1, 2})})[0];
    std::cout << h.type() << "\n";
    // f32 [1, 3]
  }
}
