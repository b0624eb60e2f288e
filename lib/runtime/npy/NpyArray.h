// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arrays in NumPy's format, in a file of their own or in an archive.
#pragma once
#include "varve/runtime/Tensor.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace varve::runtime {

/// What uint16 is, which Varve has not: nothing, the bits of bf16, or the only type that is taken, as these.
enum class Uint16 : uint8_t { refused, bf16, bf16_only };

struct NpyArray {
  DType dtype = DType::f32;
  std::vector<int64_t> shape;
  size_t data = 0; // where the data begin; there are as many bytes as the shape needs
};

/// `bytes` is the whole file. **Throws** `Error`, beginning with the file's name.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string &file, Uint16 uint16);

/// All that stands before the data; `where` begins the message. **Throws** `Error` for a shape that is too long.
std::string npy_header(const Tensor &tensor, const std::string &where);

} // namespace varve::runtime
