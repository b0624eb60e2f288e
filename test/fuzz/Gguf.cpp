// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any bytes as a GGUF file: tensors inside the file, and metadata that are the same when written and read; or an Error.
#include "lib/weights/gguf/Header.h"
#include "lib/weights/gguf/Metadata.h"
#include "varve/Error.h"

using namespace varve::weights;

static void check_values(const Metadata &metadata) {
  for (const auto &[key, value] : metadata) {
    std::string written, again;
    gguf::write_value(written, value);
    gguf::Cursor cursor(std::as_bytes(std::span(written)), "again");
    gguf::write_value(again, gguf::read_value(cursor));
    if (written != again || cursor.rest() != 0)
      __builtin_trap();
    (void)value.text();
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  try {
    gguf::Header header = gguf::parse_header(bytes, "file");
    unsigned sum = 0;
    for (const gguf::HeaderTensor &tensor : header.tensors)
      for (std::byte byte : bytes.subspan(tensor.begin, tensor.end - tensor.begin)) // the sanitizer sees a lie
        sum += std::to_integer<unsigned>(byte);
    check_values(header.metadata);
    return sum == 0xffffffff ? -1 : 0;
  } catch (const varve::Error &) {
    return 0; // what most inputs get
  }
}
