// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Dequantize.h"
#include "varve/runtime/Half.h"
#include <array>
#include <cmath>
#include <limits>

namespace varve::runtime {
namespace {

using Bytes = const uint8_t *;

float half(Bytes at) { return f32_from_f16(static_cast<uint16_t>(at[0] | (at[1] << 8))); }
int low(uint8_t byte) { return byte & 15; }
int high(uint8_t byte) { return byte >> 4; }

// A block of 32 in two halves: the low nibbles are the first 16, the high ones the others.
template <typename Value> void nibbles(Bytes quants, float *to, Value value) {
  for (int i = 0; i < 16; ++i) {
    to[i] = value(low(quants[i]), i);
    to[i + 16] = value(high(quants[i]), i + 16);
  }
}

void q4_0(Bytes from, float *to) {
  float scale = half(from);
  nibbles(from + 2, to, [&](int q, int) { return scale * static_cast<float>(q - 8); });
}

void q4_1(Bytes from, float *to) {
  float scale = half(from), least = half(from + 2);
  nibbles(from + 4, to, [&](int q, int) { return scale * static_cast<float>(q) + least; });
}

int fifth(Bytes bits, int i) { return (bits[i / 8] >> (i % 8) & 1) << 4; }

void q5_0(Bytes from, float *to) {
  float scale = half(from);
  nibbles(from + 6, to, [&](int q, int i) { return scale * static_cast<float>((q | fifth(from + 2, i)) - 16); });
}

void q5_1(Bytes from, float *to) {
  float scale = half(from), least = half(from + 2);
  nibbles(from + 8, to, [&](int q, int i) { return scale * static_cast<float>(q | fifth(from + 4, i)) + least; });
}

void q8_0(Bytes from, float *to) {
  float scale = half(from);
  for (int i = 0; i < 32; ++i)
    to[i] = scale * static_cast<float>(static_cast<int8_t>(from[2 + i]));
}

// Six bits of scale and six of minimum for each of 8 parts, in 12 bytes.
std::pair<int, int> scale_and_least(Bytes scales, int part) {
  if (part < 4)
    return {scales[part] & 63, scales[part + 4] & 63};
  return {low(scales[part + 4]) | (scales[part - 4] >> 6) << 4, high(scales[part + 4]) | (scales[part] >> 6) << 4};
}

// Eight parts of 32; a fifth bit in `bits`, if there are any.
void k_parts(Bytes from, Bytes bits, Bytes quants, float *to) {
  float scale = half(from), least = half(from + 2);
  for (int part = 0; part < 8; ++part) {
    auto [s, m] = scale_and_least(from + 4, part);
    float factor = scale * static_cast<float>(s), offset = least * static_cast<float>(m);
    for (int i = 0; i < 32; ++i) {
      uint8_t byte = quants[part / 2 * 32 + i];
      int q = part % 2 == 0 ? low(byte) : high(byte);
      if (bits)
        q |= (bits[i] >> part & 1) << 4;
      to[part * 32 + i] = factor * static_cast<float>(q) - offset;
    }
  }
}

void q4_k(Bytes from, float *to) { k_parts(from, nullptr, from + 16, to); }
void q5_k(Bytes from, float *to) { k_parts(from, from + 16, from + 48, to); }

void q6_k(Bytes from, float *to) {
  Bytes lows = from, highs = from + 128, scales = from + 192;
  float scale = half(from + 208);
  for (int i = 0; i < 256; ++i) {
    int side = i / 128, in = i % 128;
    uint8_t byte = lows[side * 64 + in % 64];
    int q = in < 64 ? low(byte) : high(byte);
    q |= (highs[side * 32 + in % 32] >> (in / 32 * 2) & 3) << 4;
    to[i] = scale * static_cast<float>(static_cast<int8_t>(scales[i / 16])) * static_cast<float>(q - 32);
  }
}

// Twice the values of E2M1, the scales being half of theirs.
constexpr std::array<float, 16> e2m1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

void mxfp4(Bytes from, float *to) {
  uint32_t exponent = from[0];
  float scale = std::bit_cast<float>(exponent < 2 ? 0x00200000U << exponent : (exponent - 1) << 23);
  nibbles(from + 1, to, [&](int q, int) { return scale * e2m1[static_cast<size_t>(q)]; });
}

void nvfp4(Bytes from, float *to) {
  for (int part = 0; part < 4; ++part) {
    int byte = from[part], exponent = byte >> 3 & 15;
    auto fraction = static_cast<float>(byte & 7);
    float scale = exponent == 0 ? std::ldexp(fraction, -10) : std::ldexp(1 + fraction / 8, exponent - 8);
    if (byte == 0x7f)
      scale = 0;
    for (int i = 0; i < 8; ++i) {
      uint8_t pair = from[4 + part * 8 + i];
      to[part * 16 + i] = scale * e2m1[static_cast<size_t>(low(pair))];
      to[part * 16 + 8 + i] = scale * e2m1[static_cast<size_t>(high(pair))];
    }
  }
}

void f8e4m3(Bytes from, float *to) {
  int exponent = *from >> 3 & 15, fraction = *from & 7;
  float value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -9)
                              : std::ldexp(static_cast<float>(8 + fraction), exponent - 10);
  if ((*from & 0x7f) == 0x7f)
    value = std::numeric_limits<float>::quiet_NaN();
  *to = *from & 0x80 ? -value : value;
}

void f8e5m2(Bytes from, float *to) { *to = f32_from_f16(static_cast<uint16_t>(*from << 8)); }

} // namespace

void dequantize(Encoding encoding, const std::byte *from, float *to, int64_t blocks) {
  static constexpr std::array<void (*)(Bytes, float *), 13> decoders = {
      nullptr, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q5_k, q6_k, mxfp4, nvfp4, f8e4m3, f8e5m2};
  const EncodingInfo &info = info_of(encoding);
  auto *at = reinterpret_cast<Bytes>(from);
  for (int64_t i = 0; i < blocks; ++i, at += info.bytes, to += info.elements)
    decoders[static_cast<size_t>(encoding)](at, to);
}

} // namespace varve::runtime
