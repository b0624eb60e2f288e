// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Quantize.h"
#include "lib/runtime/tensor/Blocks.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace varve::runtime {
namespace {

using namespace blocks;

// NumPy's cast of a float to a byte: the low bits of the 32-bit integer, of which there is none for a NaN.
uint8_t byte_of(float value) {
  return static_cast<uint8_t>(std::abs(value) < 0x1p31F ? static_cast<int32_t>(value) : 0);
}

float inverse(float scale) { return scale == 0 ? 0 : 1 / scale; }

// The element with the largest magnitude, the first of several; a NaN is larger than all.
float farthest(const float *from) {
  float found = from[0];
  for (int i = 1; i < 32; ++i)
    if (std::abs(from[i]) > std::abs(found) || (std::isnan(from[i]) && !std::isnan(found)))
      found = from[i];
  return found;
}

template <typename Block> constexpr bool has_fifths = requires(Block block) { block.fifths; };
template <typename Block> constexpr int levels = has_fifths<Block> ? 32 : 16;

template <typename Block> void set_quants(Block &to, const Bytes<32> &quants) {
  for (size_t i = 0; i < 16; ++i)
    to.nibbles[i] = static_cast<uint8_t>((quants[i] & 15) | quants[i + 16] << 4);
  if constexpr (has_fifths<Block>) {
    to.fifths = {};
    for (size_t i = 0; i < 32; ++i)
      to.fifths[i / 8] = static_cast<uint8_t>(to.fifths[i / 8] | (quants[i] >> 4 & 1) << i % 8);
  }
}

// q4_0, q5_0: the farthest element is the lowest level, whatever its sign.
template <typename Block> void around_zero(const float *from, Block &to) {
  constexpr float zero = levels<Block> / 2.0F;
  float scale = farthest(from) / -zero, factor = inverse(scale);
  Bytes<32> quants;
  for (size_t i = 0; i < 32; ++i)
    quants[i] = std::min<uint8_t>(byte_of(from[i] * factor + (zero + 0.5F)), levels<Block> - 1);
  to.scale = scale;
  set_quants(to, quants);
}

// q4_1, q5_1: from the minimum up.
template <typename Block> void from_least(const float *from, Block &to) {
  float least = from[0], most = from[0];
  for (int i = 1; i < 32; ++i) {
    least = from[i] < least || std::isnan(from[i]) ? from[i] : least;
    most = from[i] > most || std::isnan(from[i]) ? from[i] : most;
  }
  float scale = (most - least) / (levels<Block> - 1), factor = inverse(scale);
  Bytes<32> quants;
  for (size_t i = 0; i < 32; ++i)
    quants[i] = std::min<uint8_t>(byte_of((from[i] - least) * factor + 0.5F), levels<Block> - 1);
  to.scale = scale;
  to.least = least;
  set_quants(to, quants);
}

void q8_0(const float *from, Q8_0 &to) {
  float scale = std::abs(farthest(from)) / 127, factor = inverse(scale);
  for (size_t i = 0; i < 32; ++i) { // halves away from zero
    float value = from[i] * factor, whole = std::trunc(value);
    to.quants[i] = static_cast<int8_t>(byte_of(whole + std::trunc(2 * (value - whole))));
  }
  to.scale = scale;
}

void mxfp4(const float *from, Mxfp4 &to) {
  float most = std::abs(farthest(from));
  // In f32, as there, the logarithm of the float below a power of two is the power's.
  to.exponent = most > 0 ? byte_of(std::floor(static_cast<float>(std::log2(static_cast<double>(most)))) + 125) : 0;
  float scale = mxfp4_scale(to.exponent);
  Bytes<32> quants;
  for (size_t i = 0; i < 32; ++i) { // of two that are equally near, the one with the lower code
    float magnitude = std::abs(from[i]), least = magnitude;
    uint8_t nearest = 0;
    for (uint8_t code = 1; code < 8; ++code) {
      float error = std::abs(scale * e2m1[code] - magnitude);
      nearest = error < least ? code : nearest;
      least = error < least ? error : least;
    }
    quants[i] = nearest == 0 || from[i] > 0 ? nearest : nearest | 8;
  }
  set_quants(to, quants);
}

// To a float of so many bits of exponent and fraction, as PyTorch does: to nearest even, what is larger than `most`
// (infinity, or where there is none the largest number) to that, NaN to NaN.
template <int exponent, int fraction, uint8_t most> void f8(const float *from, F8 &to) {
  constexpr int dropped = 23 - fraction, bias = (1 << (exponent - 1)) - 1;
  constexpr uint32_t rebias = uint32_t(127 - bias) << 23, normal = rebias + (1U << 23);
  auto bits = std::bit_cast<uint32_t>(*from);
  uint32_t magnitude = bits & 0x7fffffffU, rounded = 0;
  if (magnitude > 0x7f800000U)
    rounded = 0x7f;
  else if (magnitude >= rebias + (uint32_t(most) << dropped))
    rounded = most;
  else if (magnitude >= normal)
    rounded = (magnitude - rebias + ((1U << (dropped - 1)) - 1) + (magnitude >> dropped & 1)) >> dropped;
  else { // the float adder rounds to a multiple of the least subnormal
    constexpr float unit = std::bit_cast<float>(rebias + (uint32_t(24 - fraction) << 23));
    rounded = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + unit) - std::bit_cast<uint32_t>(unit);
  }
  to.bits = static_cast<uint8_t>(rounded | (bits >> 24 & 0x80));
}

using Encoder = void (*)(const float *, std::byte *, int64_t);

template <typename Block, void (*encode)(const float *, Block &)>
void each(const float *from, std::byte *to, int64_t count) {
  for (; count > 0; --count, from += Block::elements, to += sizeof(Block)) {
    Block block;
    encode(from, block);
    std::memcpy(to, &block, sizeof block);
  }
}

// Null for an encoding that is only read.
Encoder encoder_of(Encoding encoding) {
  switch (encoding) {
  case Encoding::q4_0:
    return each<Q4_0, around_zero>;
  case Encoding::q4_1:
    return each<Q4_1, from_least>;
  case Encoding::q5_0:
    return each<Q5_0, around_zero>;
  case Encoding::q5_1:
    return each<Q5_1, from_least>;
  case Encoding::q8_0:
    return each<Q8_0, q8_0>;
  case Encoding::mxfp4:
    return each<Mxfp4, mxfp4>;
  case Encoding::f8e4m3:
    return each<F8, f8<4, 3, 0x7e>>;
  case Encoding::f8e5m2:
    return each<F8, f8<5, 2, 0x7c>>;
  default:
    return nullptr;
  }
}

} // namespace

void quantize(Encoding encoding, const float *from, std::byte *to, int64_t blocks) {
  encoder_of(encoding)(from, to, blocks);
}

} // namespace varve::runtime

bool varve::quantizes(Encoding encoding) { return runtime::encoder_of(encoding) != nullptr; }
