// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any bytes as a .npy file: a header or an Error, nothing else.
#include "lib/runtime/npy/NpyHeader.h"
#include "varve/Error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  try {
    varve::runtime::parse_npy_header({reinterpret_cast<const std::byte *>(data), size}, "file");
  } catch (const varve::Error &) {
    return 0; // what most inputs get
  }
  return 0;
}
