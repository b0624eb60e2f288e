// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values of metadata as they stand in a GGUF file.
#pragma once
#include "lib/weights/gguf/Cursor.h"
#include "varve/weights/Metadata.h"

namespace varve::weights::gguf {

/// A value's type and the value.
MetadataValue read_value(Cursor &cursor);
/// Appends them.
void write_value(std::string &out, const MetadataValue &value);

/// Appends a number as it lies in memory, and a string with its length.
template <typename T> void write_number(std::string &out, T number) {
  out.append(reinterpret_cast<const char *>(&number), sizeof number);
}
void write_text(std::string &out, std::string_view text);

} // namespace varve::weights::gguf
