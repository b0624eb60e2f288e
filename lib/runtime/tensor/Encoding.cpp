// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Encoding.h"
#include "varve/Error.h"
#include <array>

namespace varve {

static constexpr std::array<EncodingInfo, 13> table = {{
    {Encoding::none, "none", 1, 0},
    {Encoding::q4_0, "q4_0", 32, 18},
    {Encoding::q4_1, "q4_1", 32, 20},
    {Encoding::q5_0, "q5_0", 32, 22},
    {Encoding::q5_1, "q5_1", 32, 24},
    {Encoding::q8_0, "q8_0", 32, 34},
    {Encoding::q4_k, "q4_k", 256, 144},
    {Encoding::q5_k, "q5_k", 256, 176},
    {Encoding::q6_k, "q6_k", 256, 210},
    {Encoding::mxfp4, "mxfp4", 32, 17},
    {Encoding::nvfp4, "nvfp4", 64, 36},
    {Encoding::f8e4m3, "f8e4m3", 1, 1},
    {Encoding::f8e5m2, "f8e5m2", 1, 1},
}};

static constexpr bool in_order() {
  for (size_t i = 0; i < table.size(); ++i)
    if (static_cast<size_t>(table[i].encoding) != i)
      return false;
  return true;
}
static_assert(in_order());

std::span<const EncodingInfo> encodings() { return table; }

const EncodingInfo &info_of(Encoding encoding) { return table.at(static_cast<size_t>(encoding)); }

std::string_view name_of(Encoding encoding) { return info_of(encoding).name; }

std::string_view name_of(Encoding encoding, DType dtype) {
  return encoding == Encoding::none ? name_of(dtype) : name_of(encoding);
}

uint64_t bytes_of(uint64_t elements, Encoding encoding, DType dtype) {
  const EncodingInfo &info = info_of(encoding);
  return encoding == Encoding::none
             ? elements * size_of(dtype)
             : elements / static_cast<uint64_t>(info.elements) * static_cast<uint64_t>(info.bytes);
}

Encoding encoding_from_name(std::string_view name) {
  std::string names;
  for (const EncodingInfo &info : table) {
    if (info.name == name)
      return info.encoding;
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  throw Error("expects an encoding (" + names + "), but got '" + std::string(name) + "'");
}

} // namespace varve
