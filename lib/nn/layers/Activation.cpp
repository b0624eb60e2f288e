// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Activation.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Elementwise.h"

namespace varve::nn {

Value activate(Operand x, Activation activation) {
  switch (activation) {
  case Activation::silu:
    return silu(x);
  case Activation::gelu:
    return gelu(x);
  case Activation::gelu_tanh:
    return gelu(x, {.approximate = Approximate::tanh});
  case Activation::quick_gelu:
    return x * sigmoid(x * 1.702);
  case Activation::relu:
    return relu(x);
  case Activation::sigmoid:
    return sigmoid(x);
  case Activation::tanh:
    return tanh(x);
  }
  varve::detail::fail_enum("an activation", activation, varve::detail::site_of(x));
}

Value SiLU::forward(Value x) { return silu(x); }
Value GELU::forward(Value x) { return gelu(x); }
Value ReLU::forward(Value x) { return relu(x); }
Value Sigmoid::forward(Value x) { return sigmoid(x); }
Value Tanh::forward(Value x) { return tanh(x); }

Dropout::Dropout(double probability) {
  if (!(probability >= 0 && probability <= 1))
    throw Error("expects a probability from 0 to 1, but got " + std::to_string(probability));
}

} // namespace varve::nn
