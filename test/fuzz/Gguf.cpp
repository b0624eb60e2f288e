// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any bytes as a GGUF file: a header or an Error, nothing else.
#include "lib/weights/GgufHeader.h"
#include "varve/Error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  try {
    varve::weights::gguf::parse_header({reinterpret_cast<const std::byte *>(data), size}, "file");
  } catch (const varve::Error &) {
    return 0; // what most inputs get
  }
  return 0;
}
