// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// NumPy's .npy files, one tensor each: inputs and expected outputs of tools and tests.
//   save_npy("y.npy", y);
//   Tensor x = load_npy("x.npy");
#pragma once
#include "varve/runtime/Tensor.h"
#include <filesystem>

namespace varve {

/// Reads a file of format 1 or 2: float32, float16, int8, int32, int64, uint8 or bool, little-endian, in C order.
/// **Throws** `Error`, naming the file, for any other type (float64: convert it first), for Fortran order, and for a
/// header that is malformed or does not fit the file's size.
Tensor load_npy(const std::filesystem::path &path);
/// The same; a uint16 file is taken as the bits of bf16, NumPy having no such type, and any other file is an error.
Tensor load_npy_bf16(const std::filesystem::path &path);
/// Either: uint16 is bf16, every other type is itself.
Tensor load_npy_any(const std::filesystem::path &path);

/// Writes a file of format 1 that is complete or not there; bf16 as its bits in uint16. **Throws** `Error` if it
/// cannot.
void save_npy(const std::filesystem::path &path, const Tensor &tensor);

} // namespace varve
