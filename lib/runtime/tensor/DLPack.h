// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The checks on a DLPack tensor from outside, shared by Tensor and the C ABI.
#pragma once
#include "varve/runtime/DLPack.h"
#include "varve/runtime/Tensor.h"

namespace varve::runtime {

struct CheckedDLPack {
  DType dtype;
  std::vector<int64_t> shape;
  void *data; // with the byte offset; null only if there are no bytes
};

/// **Throws** `Error` unless it is a C-contiguous tensor on the CPU, of a type of ours, aligned to its elements.
CheckedDLPack check_dlpack(const DLTensor &tensor);

/// Describes `tensor`; `shape` and `strides` back the description and must outlive it.
void fill_dlpack(DLTensor &out, const Tensor &tensor, std::vector<int64_t> &shape, std::vector<int64_t> &strides);

} // namespace varve::runtime
