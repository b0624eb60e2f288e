// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Dequantize.h"
#include "lib/runtime/tensor/Blocks.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace varve::runtime {
namespace {

using namespace blocks;

int low(uint8_t byte) { return byte & 15; }
int high(uint8_t byte) { return byte >> 4; }

// A block in two halves: the low nibbles are the first one, the high ones the other.
template <size_t size, typename Value> void halves(const Bytes<size> &nibbles, float *to, Value value) {
  for (size_t i = 0; i < size; ++i) {
    to[i] = value(low(nibbles[i]), i);
    to[i + size] = value(high(nibbles[i]), i + size);
  }
}

void q4_0(const Q4_0 &from, float *to) {
  float scale = from.scale;
  halves(from.nibbles, to, [&](int q, size_t) { return scale * static_cast<float>(q - 8); });
}

void q4_1(const Q4_1 &from, float *to) {
  float scale = from.scale, least = from.least;
  halves(from.nibbles, to, [&](int q, size_t) { return scale * static_cast<float>(q) + least; });
}

int fifth(const Bytes<4> &bits, size_t i) { return (bits[i / 8] >> (i % 8) & 1) << 4; }

void q5_0(const Q5_0 &from, float *to) {
  float scale = from.scale;
  halves(from.nibbles, to,
         [&](int q, size_t i) { return scale * static_cast<float>((q | fifth(from.fifths, i)) - 16); });
}

void q5_1(const Q5_1 &from, float *to) {
  float scale = from.scale, least = from.least;
  halves(from.nibbles, to,
         [&](int q, size_t i) { return scale * static_cast<float>(q | fifth(from.fifths, i)) + least; });
}

void q8_0(const Q8_0 &from, float *to) {
  float scale = from.scale;
  for (size_t i = 0; i < 32; ++i)
    to[i] = scale * static_cast<float>(from.quants[i]);
}

std::pair<int, int> scale_and_least(const Bytes<12> &scales, size_t part) {
  if (part < 4)
    return {scales[part] & 63, scales[part + 4] & 63};
  return {low(scales[part + 4]) | (scales[part - 4] >> 6) << 4, high(scales[part + 4]) | (scales[part] >> 6) << 4};
}

// Eight parts of 32; `fifth` gives the fifth bit of an element of a part.
template <typename Block, typename Fifth> void k_parts(const Block &from, float *to, Fifth fifth) {
  float scale = from.scale, least = from.least;
  for (size_t part = 0; part < 8; ++part) {
    auto [s, m] = scale_and_least(from.scales, part);
    float factor = scale * static_cast<float>(s), offset = least * static_cast<float>(m);
    for (size_t i = 0; i < 32; ++i) {
      uint8_t byte = from.nibbles[part / 2 * 32 + i];
      int q = (part % 2 == 0 ? low(byte) : high(byte)) | fifth(part, i) << 4;
      to[part * 32 + i] = factor * static_cast<float>(q) - offset;
    }
  }
}

void q4_k(const Q4_K &from, float *to) {
  k_parts(from, to, [](size_t, size_t) { return 0; });
}

void q5_k(const Q5_K &from, float *to) {
  k_parts(from, to, [&](size_t part, size_t i) { return from.fifths[i] >> part & 1; });
}

void q6_k(const Q6_K &from, float *to) {
  float scale = from.scale;
  for (size_t i = 0; i < 256; ++i) {
    size_t side = i / 128, in = i % 128;
    uint8_t byte = from.lows[side * 64 + in % 64];
    int q = in < 64 ? low(byte) : high(byte);
    q |= (from.highs[side * 32 + in % 32] >> (in / 32 * 2) & 3) << 4;
    to[i] = scale * static_cast<float>(from.scales[i / 16]) * static_cast<float>(q - 32);
  }
}

void mxfp4(const Mxfp4 &from, float *to) {
  float scale = mxfp4_scale(from.exponent);
  halves(from.nibbles, to, [&](int q, size_t) { return scale * e2m1[static_cast<size_t>(q)]; });
}

void nvfp4(const Nvfp4 &from, float *to) {
  for (size_t part = 0; part < 4; ++part) {
    int byte = from.scales[part], exponent = byte >> 3 & 15;
    auto fraction = static_cast<float>(byte & 7);
    float scale = exponent == 0 ? std::ldexp(fraction, -10) : std::ldexp(1 + fraction / 8, exponent - 8);
    if (byte == 0x7f)
      scale = 0;
    halves(from.nibbles[part], to + part * 16, [&](int q, size_t) { return scale * e2m1[static_cast<size_t>(q)]; });
  }
}

void f8e4m3(const F8 &from, float *to) {
  int exponent = from.bits >> 3 & 15, fraction = from.bits & 7;
  float value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -9)
                              : std::ldexp(static_cast<float>(8 + fraction), exponent - 10);
  if ((from.bits & 0x7f) == 0x7f)
    value = std::numeric_limits<float>::quiet_NaN();
  *to = from.bits & 0x80 ? -value : value;
}

void f8e5m2(const F8 &from, float *to) { *to = f32_from_f16(static_cast<uint16_t>(from.bits << 8)); }

template <typename Block>
void each(void (&decode)(const Block &, float *), const std::byte *from, float *to, int64_t count) {
  for (; count > 0; --count, from += sizeof(Block), to += Block::elements) {
    Block block;
    std::memcpy(&block, from, sizeof block);
    decode(block, to);
  }
}

} // namespace

void dequantize(Encoding encoding, const std::byte *from, float *to, int64_t blocks) {
  switch (encoding) {
  case Encoding::none:
    return;
  case Encoding::q4_0:
    return each(q4_0, from, to, blocks);
  case Encoding::q4_1:
    return each(q4_1, from, to, blocks);
  case Encoding::q5_0:
    return each(q5_0, from, to, blocks);
  case Encoding::q5_1:
    return each(q5_1, from, to, blocks);
  case Encoding::q8_0:
    return each(q8_0, from, to, blocks);
  case Encoding::q4_k:
    return each(q4_k, from, to, blocks);
  case Encoding::q5_k:
    return each(q5_k, from, to, blocks);
  case Encoding::q6_k:
    return each(q6_k, from, to, blocks);
  case Encoding::mxfp4:
    return each(mxfp4, from, to, blocks);
  case Encoding::nvfp4:
    return each(nvfp4, from, to, blocks);
  case Encoding::f8e4m3:
    return each(f8e4m3, from, to, blocks);
  case Encoding::f8e5m2:
    return each(f8e5m2, from, to, blocks);
  }
}

} // namespace varve::runtime
