// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Recurrent.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

std::string names_of(nn::LayerBase &layer) {
  std::string names;
  for (auto &[name, weight] : layer.raw_state_dict())
    names += name + " " + weight->type().str() + "\n";
  return names;
}

} // namespace

TEST_CASE("recurrent layers have PyTorch's weights") {
  nn::LSTM lstm(5, 7, {.layers = 2, .bidirectional = true, .proj = 3});
  std::string names = names_of(lstm);
  CHECK(contains(names, "weight_ih_l0 f32 [28, 5]\nweight_hh_l0 f32 [28, 3]\nbias_ih_l0 f32 [28]\nbias_hh_l0 f32 [28]\n"
                        "weight_hr_l0 f32 [3, 7]\nweight_ih_l0_reverse f32 [28, 5]\n"));
  CHECK(contains(names, "weight_ih_l1 f32 [28, 6]\n"));
  nn::GRU gru(5, 7, {.bias = false, .dtype = bf16});
  CHECK(names_of(gru) == "weight_ih_l0 bf16 [21, 5]\nweight_hh_l0 bf16 [21, 7]\n");
  nn::RNNCell cell(5, 7);
  CHECK(names_of(cell) == "weight_ih f32 [7, 5]\nweight_hh f32 [7, 7]\nbias_ih f32 [7]\nbias_hh f32 [7]\n");
}

TEST_CASE("recurrent layers are one loop for each layer and direction, beside the inputs' products") {
  nn::GRU gru(5, 7, {.layers = 2, .bidirectional = true});
  std::string text = Graph("f", gru, {tensor_type(f32, {"seq", "batch", 5})}).text();
  size_t loops = 0;
  for (size_t at = text.find("varve.loop"); at != std::string::npos; at = text.find("varve.loop", at + 1))
    ++loops;
  CHECK(loops == 4);
  CHECK(contains(text, "varve.loop to(seq)"));
  CHECK(contains(text, "varve.flip"));
}

TEST_CASE("recurrent layers: sizes, inputs and states that do not fit are refused") {
  CHECK(error_of([] { nn::LSTM(0, 7); }) == "expects an input of at least 1, but got 0");
  CHECK(error_of([] { nn::GRU(5, 0); }) == "expects a hidden of at least 1, but got 0");
  CHECK(error_of([] { nn::RNN(5, 7, {.layers = 0}); }) == "expects layers of at least 1, but got 0");
  CHECK(error_of([] { nn::LSTM(5, 7, {.proj = 7}); }) ==
        "expects a proj of at least 0 and below hidden, but got 7 and 7");
  CHECK(error_of([] { nn::LSTMCell(5, -1); }) == "expects a hidden of at least 1, but got -1");

  // The words, without layer and line.
  auto said = [](auto build, std::vector<GraphInput> inputs) {
    std::string text = error_of([&] { Graph("f", build, std::move(inputs)); });
    size_t begin = text.find("expects");
    return begin == std::string::npos ? text : text.substr(begin, text.find('\n', begin) - begin);
  };
  nn::LSTM lstm(5, 7, {.layers = 2, .batch_first = true});
  nn::GRU gru(5, 7);
  nn::GRUCell cell(5, 7);
  TensorType x = tensor_type(f32, {"batch", "seq", 5}), h = tensor_type(f32, {2, "batch", 7});
  TensorType turned = tensor_type(f32, {2, "seq", 7});
  auto with = [&](Value input, Value h, Value c) { return lstm(input, nn::LSTMState{h, c}); };
  CHECK(said([&](Value input) { return lstm(input); }, {tensor_type(f32, {"seq", 6})}) ==
        "expects an input of shape [batch, seq, 5] or [seq, 5], but got [seq, 6]");
  CHECK(said([&](Value input) { return lstm(input); }, {tensor_type(f32, {5})}) ==
        "expects an input of shape [batch, seq, 5] or [seq, 5], but got [5]");
  CHECK(said([&](Value input) { return gru(input); }, {tensor_type(f32, {"n", 3, 6})}) ==
        "expects an input of shape [seq, batch, 5] or [seq, 5], but got [n, 3, 6]");
  CHECK(said(with, {x, turned, h}) == "expects h of shape [2, batch, 7], but got [2, seq, 7]");
  CHECK(said(with, {x, h, turned}) == "expects c of shape [2, batch, 7], but got [2, seq, 7]");
  CHECK(said([&](Value input, Value h) { return lstm(input, nn::LSTMState{h, {}}); }, {x, h}) ==
        "expects h and c, or neither, but got h alone");
  CHECK(said([&](Value input, Value c) { return lstm(input, nn::LSTMState{{}, c}); }, {x, h}) ==
        "expects h and c, or neither, but got c alone");
  CHECK(said([&](Value input) { return cell(input); }, {x}) ==
        "expects an input of shape [batch, 5] or [5], but got [batch, seq, 5]");
  CHECK(said([&](Value input, Value h) { return cell(input, h); },
             {tensor_type(f32, {"batch", 5}), tensor_type(f32, {"other", 7})}) ==
        "expects h of shape [batch, 7], but got [other, 7]");
  CHECK(said(with, {tensor_type(f32, {"seq", 5}), h, h}) == "expects h of shape [2, 7], but got [2, batch, 7]");
  CHECK(said([&](Value input, Value h) { return cell(input, h); }, {tensor_type(f32, {5}), tensor_type(f32, {1, 7})}) ==
        "expects h of shape [7], but got [1, 7]");
}
