// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Activation functions: as layers, for `Sequential`, and as an option of layers that have one inside.
//   ff.emplace<nn::GELU>();
// **Shapes** any; the result has those of x. **Types** floats.
#pragma once
#include "varve/nn/Layer.h"

namespace varve::nn {

/// `quick_gelu` is x * sigmoid(1.702 x).
enum class Activation { silu, gelu, gelu_tanh, quick_gelu, relu, sigmoid, tanh };
/// The function of that name, applied. **Shapes** any. **Types** floats. **Throws** `Error` for a value that is none.
/// **IR** its op; of `quick_gelu` `varve.sigmoid` and `varve.mul`.
Value activate(Operand x, Activation activation);

/// x * sigmoid(x). **IR** `varve.silu`.
struct SiLU : Layer<SiLU> {
  Value forward(Value x);
};
/// x * Phi(x), exact. **IR** `varve.gelu`.
struct GELU : Layer<GELU> {
  Value forward(Value x);
};
/// max(x, 0). **IR** `varve.relu`.
struct ReLU : Layer<ReLU> {
  Value forward(Value x);
};
/// 1 / (1 + exp(-x)). **IR** `varve.sigmoid`.
struct Sigmoid : Layer<Sigmoid> {
  Value forward(Value x);
};
/// The hyperbolic tangent. **IR** `varve.tanh`.
struct Tanh : Layer<Tanh> {
  Value forward(Value x);
};

/// Its input: what is dropped in training stays in inference. **Types** any. **Throws** `Error` for a probability that is none.
/// **IR** none.
class Dropout : public Layer<Dropout> {
public:
  explicit Dropout(double probability = 0.5);
  Value forward(Value x) { return x; }
};

} // namespace varve::nn
