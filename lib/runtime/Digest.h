// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// XXH64 (seed 0): 64 bits that say whether bytes have changed, as fast as memory is read. Not against forgery.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace varve::runtime {

class Digest {
public:
  void add(std::span<const std::byte> bytes) {
    total += bytes.size();
    if (size_t have = (total - bytes.size()) % sizeof rest; have != 0) {
      size_t count = std::min(sizeof rest - have, bytes.size());
      std::memcpy(rest + have, bytes.data(), count);
      bytes = bytes.subspan(count);
      if (have + count < sizeof rest)
        return;
      mix(rest);
    }
    for (; bytes.size() >= sizeof rest; bytes = bytes.subspan(sizeof rest))
      mix(bytes.data());
    if (!bytes.empty())
      std::memcpy(rest, bytes.data(), bytes.size());
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }

  uint64_t value() const {
    uint64_t hash = total < sizeof rest ? p5 : 0;
    if (total >= sizeof rest) {
      hash = std::rotl(sums[0], 1) + std::rotl(sums[1], 7) + std::rotl(sums[2], 12) + std::rotl(sums[3], 18);
      for (uint64_t sum : sums)
        hash = (hash ^ round(0, sum)) * p1 + p4;
    }
    hash += total;
    const std::byte *at = rest, *end = rest + total % sizeof rest;
    for (; end - at >= 8; at += 8)
      hash = std::rotl(hash ^ round(0, load<uint64_t>(at)), 27) * p1 + p4;
    for (; end - at >= 4; at += 4)
      hash = std::rotl(hash ^ load<uint32_t>(at) * p1, 23) * p2 + p3;
    for (; at != end; ++at)
      hash = std::rotl(hash ^ std::to_integer<uint64_t>(*at) * p5, 11) * p1;
    hash = (hash ^ hash >> 33) * p2;
    hash = (hash ^ hash >> 29) * p3;
    return hash ^ hash >> 32;
  }

private:
  static constexpr uint64_t p1 = 0x9e3779b185ebca87u, p2 = 0xc2b2ae3d27d4eb4fu, p3 = 0x165667b19e3779f9u,
                            p4 = 0x85ebca77c2b2ae63u, p5 = 0x27d4eb2f165667c5u;
  template <typename T> static uint64_t load(const std::byte *from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static uint64_t round(uint64_t sum, uint64_t word) { return std::rotl(sum + word * p2, 31) * p1; }
  void mix(const std::byte *from) {
    for (size_t i = 0; i < 4; ++i)
      sums[i] = round(sums[i], load<uint64_t>(from + 8 * i));
  }

  uint64_t sums[4] = {p1 + p2, p2, 0, 0 - p1};
  uint64_t total = 0;
  std::byte rest[32] = {};
};

inline uint64_t digest_of(std::span<const std::byte> bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.value();
}

} // namespace varve::runtime
