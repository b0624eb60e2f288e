// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constants, dimensions as values, taps, and shapes that the author knows better.
//   Value table = constant(Tensor::from<float>({2}, {0.5f, 2.0f}));
#pragma once
#include "varve/Weight.h"

namespace varve {

/// A tensor that is known now. The graph holds its elements: for large ones use a `Weight`.
/// **Shapes** the tensor's. **Types** any. **IR** `varve.constant`.
Value constant(const Tensor &value, Site site = Site::current());
/// A number, as a tensor without dimensions. **Throws** `Error` if the type does not hold it.
Value constant(Operand number, DType dtype);

/// The size of a dimension, when the model runs.
/// **Shapes** []. **Types** i64. **Throws** `Error` when the graph ends, if no input gives the names their sizes.
/// **IR** `varve.dim`.
Value dim_value(const Dim &dim, Site site = Site::current());

/// Its operand; with a tag, a place whose value `Session::tap` shows when the model runs, and that costs nothing until
/// then. **Shapes** the input's. **Types** any. **IR** `varve.identity`.
Value identity(Operand input, std::string tag = {});

/// The same value under another shape of the same rank. Where sizes may differ they are compared when the model runs, before
/// anything is computed; the message is part of the error.
/// **Shapes** the given one. **Types** any. **Throws** `Error` if sizes are known to differ. **IR** `varve.rebind`.
Value rebind(Operand input, Shape shape, std::string message);

/// Prints the value when the model runs, as `Value::print`. **Shapes** any. **Types** any. **IR** `varve.print`.
void print(Operand input, std::string label = {}, PrintOptions options = {});
void print(Operand input, std::string label, PrintStyle style);

} // namespace varve
