// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where everything lies in a block: one definition for what reads blocks, writes them and knows their sizes.
//   std::byte *at = ..;  blocks::Q4_0 block;  std::memcpy(&block, at, sizeof block);
#pragma once
#include "varve/runtime/Half.h"
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace varve::runtime::blocks {

/// An f16, little-endian. Bytes, so that no block is aligned to more.
struct StoredHalf {
  std::array<uint8_t, 2> bytes;
  StoredHalf &operator=(float value) {
    uint16_t bits = f16_from_f32(value);
    bytes = {static_cast<uint8_t>(bits), static_cast<uint8_t>(bits >> 8)};
    return *this;
  }
  explicit(false) operator float() const { return f32_from_f16(static_cast<uint16_t>(bytes[0] | (bytes[1] << 8))); }
};

template <size_t size> using Bytes = std::array<uint8_t, size>;

/// Of 32 elements, the nibbles of the first 16 are the low ones; fifth bits are in the elements' order.
struct Q4_0 {
  static constexpr int64_t elements = 32;
  StoredHalf scale;
  Bytes<16> nibbles;
};

struct Q4_1 {
  static constexpr int64_t elements = 32;
  StoredHalf scale, least;
  Bytes<16> nibbles;
};

struct Q5_0 {
  static constexpr int64_t elements = 32;
  StoredHalf scale;
  Bytes<4> fifths;
  Bytes<16> nibbles;
};

struct Q5_1 {
  static constexpr int64_t elements = 32;
  StoredHalf scale, least;
  Bytes<4> fifths;
  Bytes<16> nibbles;
};

struct Q8_0 {
  static constexpr int64_t elements = 32;
  StoredHalf scale;
  std::array<int8_t, 32> quants;
};

/// Six bits of scale and six of minimum for each of 8 parts, in 12 bytes.
struct Q4_K {
  static constexpr int64_t elements = 256;
  StoredHalf scale, least;
  Bytes<12> scales;
  Bytes<128> nibbles;
};

struct Q5_K {
  static constexpr int64_t elements = 256;
  StoredHalf scale, least;
  Bytes<12> scales;
  Bytes<32> fifths;
  Bytes<128> nibbles;
};

struct Q6_K {
  static constexpr int64_t elements = 256;
  Bytes<128> lows;
  Bytes<64> highs;
  std::array<int8_t, 16> scales;
  StoredHalf scale;
};

struct Mxfp4 {
  static constexpr int64_t elements = 32;
  uint8_t exponent;
  Bytes<16> nibbles;
};

/// Four parts of 16, each like a block of 32 above.
struct Nvfp4 {
  static constexpr int64_t elements = 64;
  Bytes<4> scales;
  std::array<Bytes<8>, 4> nibbles;
};

struct F8 {
  static constexpr int64_t elements = 1;
  uint8_t bits;
};

/// Twice the values of E2M1, the scales being half of theirs.
inline constexpr std::array<float, 16> e2m1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// Half of the scale that E8M0 says.
inline float mxfp4_scale(uint32_t exponent) {
  return std::bit_cast<float>(exponent < 2 ? 0x00200000U << exponent : (exponent - 1) << 23);
}

} // namespace varve::runtime::blocks
