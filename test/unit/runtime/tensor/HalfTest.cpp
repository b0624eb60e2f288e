// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Half.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace varve;

namespace {

// The nearest of all finite values of the format, ties to the even bits: slow and plainly right.
template <typename Widen> uint16_t nearest(float value, Widen widen, uint16_t infinity, double overflow) {
  if (std::fabs(value) >= overflow)
    return static_cast<uint16_t>(infinity | (std::signbit(value) ? 0x8000 : 0));
  uint16_t best = 0;
  double error = std::numeric_limits<double>::infinity();
  for (uint16_t bits = 0; bits < infinity; ++bits) {
    double distance = std::fabs(static_cast<double>(widen(bits)) - std::fabs(static_cast<double>(value)));
    if (distance < error || (distance == error && bits % 2 == 0)) {
      best = bits;
      error = distance;
    }
  }
  return static_cast<uint16_t>(best | (std::signbit(value) ? 0x8000 : 0));
}

constexpr float samples[] = {0.0f,     -0.0f,    1.0f,      -1.0f,          1.00048828f,  1.00390625f, 1.01171875f,
                             0.1f,     65504.0f, 65519.99f, 65520.0f,       -65520.0f,    1e-7f,       6e-8f,
                             2.98e-8f, 2.9e-8f,  6.1e-5f,   6.09755516e-5f, 6.103515e-5f, 3.1415927f,  1e30f,
                             -1e-40f,  3.4e38f,  3.39e38f,  8.9406967e-8f,  1.1920929e-7f};

} // namespace

TEST_CASE("every 16-bit float survives the way to float and back", "[Half]") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    auto half = static_cast<uint16_t>(bits);
    if (std::isnan(f32_from_f16(half)))
      REQUIRE(std::isnan(f32_from_f16(f16_from_f32(f32_from_f16(half)))));
    else
      REQUIRE(f16_from_f32(f32_from_f16(half)) == half);
    if (std::isnan(f32_from_bf16(half)))
      REQUIRE(std::isnan(f32_from_bf16(bf16_from_f32(f32_from_bf16(half)))));
    else
      REQUIRE(bf16_from_f32(f32_from_bf16(half)) == half);
  }
}

TEST_CASE("floats round to the nearest, ties to even", "[Half]") {
  for (float value : samples) {
    CAPTURE(value);
    CHECK(f16_from_f32(value) == nearest(value, f32_from_f16, 0x7c00, 65520.0));
    CHECK(bf16_from_f32(value) == nearest(value, f32_from_bf16, 0x7f80, 0x1.ffp127));
  }
}

TEST_CASE("the special values are kept", "[Half]") {
  float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(f16_from_f32(infinity) == 0x7c00);
  CHECK(f16_from_f32(-infinity) == 0xfc00);
  CHECK(bf16_from_f32(-infinity) == 0xff80);
  CHECK(std::isnan(f32_from_f16(f16_from_f32(nan))));
  CHECK(std::isnan(f32_from_bf16(bf16_from_f32(std::bit_cast<float>(0x7f800001u)))));
  CHECK(f32_from_f16(0x0001) == 0x1p-24f);
  CHECK(f32_from_f16(0x8001) == -0x1p-24f);
  CHECK(std::signbit(f32_from_f16(0x8000)));
}

TEST_CASE("the element types convert", "[Half]") {
  CHECK(BFloat16(1.0f).bits == 0x3f80);
  CHECK(Half(1.0f).bits == 0x3c00);
  CHECK(float(BFloat16(0.5f)) == 0.5f);
  CHECK(float(Half(-2.0f)) == -2.0f);
}
