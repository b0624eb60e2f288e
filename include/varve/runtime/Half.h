// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The two 16-bit floating point types as C++ types: storage, with exact widening and rounding to nearest even.
//   Tensor t = Tensor::from<BFloat16>({2}, {1.0f, 0.5f});
//   float x = t.data<BFloat16>()[0];
#pragma once
#include <bit>
#include <cstdint>

namespace varve {

/// The float of these bf16 bits.
inline float f32_from_bf16(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }

/// The bf16 nearest to a float, ties to even; a NaN stays one.
inline uint16_t bf16_from_f32(float value) {
  auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

/// The float of these f16 bits.
inline float f32_from_f16(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 0x3ffu;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) { // zero or subnormal: fraction * 2^-24, exact in a float
    float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

/// The f16 nearest to a float, ties to even; too large becomes infinity, a NaN stays one.
inline uint16_t f16_from_f32(float value) {
  auto bits = std::bit_cast<uint32_t>(value);
  auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return static_cast<uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x1ffu));
  if (magnitude >= 0x477ff000u) // 65520 and above
    return static_cast<uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) { // below 2^-14: the float adder rounds to a multiple of 2^-24
    uint32_t sum = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f);
    return static_cast<uint16_t>(sign | (sum - 0x3f000000u));
  }
  uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

/// An element of a bf16 tensor.
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  explicit(false) BFloat16(float value) : bits(bf16_from_f32(value)) {}
  explicit(false) operator float() const { return f32_from_bf16(bits); }
};

/// An element of an f16 tensor.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  explicit(false) Half(float value) : bits(f16_from_f32(value)) {}
  explicit(false) operator float() const { return f32_from_f16(bits); }
};

} // namespace varve
