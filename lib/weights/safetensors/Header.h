// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The header of a safetensors file, checked completely; apart from the file, so that a fuzzer can call it.
#pragma once
#include "lib/weights/ElementType.h"
#include "varve/Type.h"
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace varve::weights {

struct HeaderTensor {
  std::string name;
  ElementType type;
  std::vector<int64_t> shape;  // of FP8: [.., 1], blocks of one byte
  uint64_t begin = 0, end = 0; // from the file's start; inside it, and as many bytes as the shape needs
};

struct Header {
  std::vector<HeaderTensor> tensors; // in the order of their bytes
  std::map<std::string, std::string> metadata;
};

/// `bytes` is the whole file. **Throws** `Error`, beginning with the file's name.
Header parse_header(std::span<const std::byte> bytes, const std::string &file);

/// The name of an element type in such a header: "BF16"; null for blocks, which the format has not.
const char *safetensors_name(ElementType type);

} // namespace varve::weights
