// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The file form of an executable: a shared object, then a trailer of 32 bytes, little-endian:
//   offset 0   char[8]  "VARVEEXE"
//          8   u32      the ABI's version
//         12   u32      0
//         16   u64      the number of bytes before the trailer
//         24   u64      their FNV-1a (64 bits: from 0xcbf29ce484222325, for each byte xor it, then times 0x100000001b3)
#include "lib/runtime/executable/Program.h"
#include "varve/Error.h"
#include "varve/runtime/Executable.h"
#include <algorithm>
#include <cstring>

namespace varve::runtime {
namespace {

struct Trailer {
  char magic[8];
  uint32_t abi, reserved;
  uint64_t size, checksum;
};
static_assert(sizeof(Trailer) == 32);
constexpr char magic[] = "VARVEEXE";

uint64_t fnv1a(std::span<const std::byte> bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (std::byte byte : bytes)
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  return hash;
}

} // namespace

std::vector<std::byte> seal(std::span<const std::byte> elf) {
  Trailer trailer{{}, static_cast<uint32_t>(abi::version), 0, elf.size(), fnv1a(elf)};
  std::memcpy(trailer.magic, magic, sizeof trailer.magic);
  std::vector<std::byte> bytes(elf.begin(), elf.end());
  std::span<const std::byte> tail = std::as_bytes(std::span(&trailer, 1));
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

std::span<const std::byte> unseal(std::span<const std::byte> bytes, const std::string &where) {
  Trailer trailer{};
  if (bytes.size() >= sizeof trailer)
    std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof trailer, sizeof trailer);
  if (std::memcmp(trailer.magic, magic, sizeof trailer.magic) != 0)
    throw Error(where + ": expects an executable of Varve, which ends in a trailer of 32 bytes that begins with " +
                magic + ", but got " + std::to_string(bytes.size()) +
                " bytes without one (cut short, or another kind of file)");
  if (trailer.abi != abi::version)
    throw Error(where + ": expects an executable of ABI version " + std::to_string(abi::version) +
                ", but got version " + std::to_string(trailer.abi) + "; compile the model again with this Varve");
  std::span<const std::byte> payload = bytes.first(bytes.size() - sizeof trailer);
  if (trailer.size != payload.size())
    throw Error(where + ": expects " + std::to_string(trailer.size) + " bytes of code, as its trailer says, but got " +
                std::to_string(payload.size()));
  if (uint64_t found = fnv1a(payload); found != trailer.checksum)
    throw Error(where + ": expects code with the checksum " + std::to_string(trailer.checksum) + ", but got " +
                std::to_string(found) + " (the file is damaged)");
  return payload;
}

} // namespace varve::runtime
