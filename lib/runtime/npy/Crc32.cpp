// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The CRC of ZIP archives, eight bytes at a time, so that checking an archive costs little beside reading it.
#include "lib/runtime/npy/NpzDirectory.h"
#include <array>
#include <cstring>

namespace varve::runtime {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// tables[n][b]: what the byte b does to the remainder when n bytes follow it.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1) != 0 ? value >> 1 ^ 0xedb88320 : value >> 1;
    tables[0][byte] = value;
  }
  for (size_t n = 1; n < tables.size(); ++n)
    for (uint32_t byte = 0; byte < 256; ++byte)
      tables[n][byte] = tables[n - 1][byte] >> 8 ^ tables[0][tables[n - 1][byte] & 0xff];
  return tables;
}
constexpr Tables tables = make_tables();

} // namespace

uint32_t crc32(std::span<const std::byte> bytes, uint32_t before) {
  uint32_t value = ~before;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    word ^= value;
    value = 0;
    for (size_t i = 0; i < 8; ++i)
      value ^= tables[7 - i][word >> (8 * i) & 0xff];
  }
  for (std::byte byte : bytes)
    value = value >> 8 ^ tables[0][(value ^ std::to_integer<uint32_t>(byte)) & 0xff];
  return ~value;
}

} // namespace varve::runtime
