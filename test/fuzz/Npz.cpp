// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any bytes as a .npz file: its members or an Error, nothing else.
#include "lib/runtime/npy/NpzDirectory.h"
#include "varve/Error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace varve::runtime;
  try {
    parse_npz({reinterpret_cast<const std::byte *>(data), size}, "file", Uint16::bf16);
  } catch (const varve::Error &) {
    return 0; // what most inputs get
  }
  return 0;
}
