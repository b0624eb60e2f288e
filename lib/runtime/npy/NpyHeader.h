// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The header of a .npy file, a Python dictionary, read without Python.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace varve::runtime {

struct NpyHeader {
  std::string descr; // "<f4"
  bool fortran_order = false;
  std::vector<int64_t> shape;
  size_t data = 0; // where the data begin
};

/// `bytes` is the whole file. **Throws** `Error`, beginning with the file's name.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string &file);

} // namespace varve::runtime
