// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What stands before the data of a GGUF file, checked against the size of the whole file.
#pragma once
#include "lib/weights/gguf/Types.h"
#include "varve/weights/Metadata.h"
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace varve::weights::gguf {

struct HeaderTensor {
  std::string name;
  ElementType type;
  std::vector<int64_t> shape;  // as Varve has it, the last axis first in memory; of blocks: [.., n, bytes of a block]
  uint64_t begin = 0, end = 0; // from the file's start; inside it, and as many bytes as the shape needs
};

struct Header {
  uint32_t version = 0;
  uint32_t alignment = default_alignment;
  uint64_t data = 0; // where the data begin
  Metadata metadata;
  std::vector<HeaderTensor> tensors; // in the order of their bytes
};

/// `bytes` is the whole file. **Throws** `Error`, beginning with the file's name.
Header parse_header(std::span<const std::byte> bytes, const std::string &file);

} // namespace varve::weights::gguf
