// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The directory of a .npz file, which is a ZIP archive: where its members are, all of them checked.
#pragma once
#include "lib/runtime/npy/NpyArray.h"
#include <filesystem>

namespace varve::runtime {

struct NpzMember {
  std::string name; // without ".npy"
  NpyArray array;   // its `data` are from the file's start
  size_t begin = 0, end = 0;
  uint32_t crc = 0; // of the bytes from begin to end
};

/// `bytes` is the whole file. In the order of their bytes. **Throws** `Error`, beginning with the file's name.
std::vector<NpzMember> parse_npz(std::span<const std::byte> bytes, const std::string &file, Uint16 uint16);

/// The CRC of what ZIP archives hold; `before` is that of the bytes in front of these.
uint32_t crc32(std::span<const std::byte> bytes, uint32_t before = 0);

/// Sizes and offsets from `large` on go to ZIP64's fields; less than what the other fields hold only in tests.
void write_npz(const std::filesystem::path &path, const StateDict &tensors, uint64_t large = 0xffffffff);

/// **Source** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
namespace zip {
inline constexpr uint32_t local = 0x04034b50, central = 0x02014b50, end = 0x06054b50, end64 = 0x06064b50,
                          locator64 = 0x07064b50;
inline constexpr size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, end64_bytes = 56, locator64_bytes = 20;
inline constexpr uint16_t extra64 = 1, utf8_flag = 0x800, encrypted_flag = 1;
} // namespace zip

} // namespace varve::runtime
