// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any bytes as a safetensors file: tensors inside the file, or an Error.
#include "lib/weights/safetensors/Header.h"
#include "varve/Error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  try {
    unsigned sum = 0;
    for (const auto &tensor : varve::weights::parse_header(bytes, "file").tensors)
      for (std::byte byte : bytes.subspan(tensor.begin, tensor.end - tensor.begin)) // the sanitizer sees a lie
        sum += std::to_integer<unsigned>(byte);
    return sum == 0xffffffff ? -1 : 0;
  } catch (const varve::Error &) {
    return 0; // what most inputs get
  }
}
