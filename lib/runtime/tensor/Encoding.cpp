// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Encoding.h"
#include "lib/runtime/tensor/BlockPanels.h"
#include "lib/runtime/tensor/Blocks.h"
#include "varve/Error.h"
#include <array>

namespace varve {

namespace blocks = runtime::blocks;

template <typename Block> static constexpr EncodingInfo entry(Encoding encoding, std::string_view name) {
  static_assert(alignof(Block) == 1);
  return {encoding, name, Block::elements, sizeof(Block)};
}

static constexpr std::array<EncodingInfo, 13> table = {{
    {Encoding::none, "none", 1, 0},
    entry<blocks::Q4_0>(Encoding::q4_0, "q4_0"),
    entry<blocks::Q4_1>(Encoding::q4_1, "q4_1"),
    entry<blocks::Q5_0>(Encoding::q5_0, "q5_0"),
    entry<blocks::Q5_1>(Encoding::q5_1, "q5_1"),
    entry<blocks::Q8_0>(Encoding::q8_0, "q8_0"),
    entry<blocks::Q4_K>(Encoding::q4_k, "q4_k"),
    entry<blocks::Q5_K>(Encoding::q5_k, "q5_k"),
    entry<blocks::Q6_K>(Encoding::q6_k, "q6_k"),
    entry<blocks::Mxfp4>(Encoding::mxfp4, "mxfp4"),
    entry<blocks::Nvfp4>(Encoding::nvfp4, "nvfp4"),
    entry<blocks::F8>(Encoding::f8e4m3, "f8e4m3"),
    entry<blocks::F8>(Encoding::f8e5m2, "f8e5m2"),
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

bool has_panels(Encoding encoding) { return blocks::panel_layout(encoding).has_value(); }

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
