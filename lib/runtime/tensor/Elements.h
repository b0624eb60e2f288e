// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Work on the elements of a tensor, whatever their type.
//   with_elements(tensor, [](auto *values, int64_t count) { ... });
#pragma once
#include "varve/runtime/Tensor.h"

namespace varve::runtime {

/// Calls `body` with a value of the C++ type that stands for the dtype.
template <typename Body> auto with_type(DType dtype, Body body) {
  switch (dtype) {
  case DType::f32:
    return body(float());
  case DType::f16:
    return body(Half());
  case DType::bf16:
    return body(BFloat16());
  case DType::i8: // NOLINT(bugprone-branch-clone): the branches differ in type
    return body(int8_t());
  case DType::i32:
    return body(int32_t());
  case DType::i64:
    return body(int64_t());
  case DType::u8:
    return body(uint8_t());
  case DType::boolean:
    break;
  }
  return body(bool());
}

/// A new tensor whose element i is `value(i, T())`, T the type of the elements.
template <typename Value> Tensor generate(DType dtype, std::vector<int64_t> shape, Value value) {
  Tensor tensor = Tensor::empty(dtype, std::move(shape));
  with_type(dtype, [&]<typename T>(T) {
    T *elements = tensor.mutable_data<T>();
    for (int64_t i = 0; i < tensor.size(); ++i)
      elements[i] = static_cast<T>(value(i, T()));
  });
  return tensor;
}

} // namespace varve::runtime
