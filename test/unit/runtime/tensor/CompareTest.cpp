// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Compare.h"
#include <catch2/catch.hpp>
#include <limits>

using namespace varve;
using namespace varve::runtime;

namespace {
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN(),
                infinity = std::numeric_limits<float>::infinity();

std::string text(const Tensor &found, const Tensor &expected, Tolerance tolerance = {}) {
  Comparison comparison = compare(found, expected, tolerance);
  return (comparison.equal ? "equal: " : "") + comparison.text;
}
} // namespace

TEST_CASE("what is within the tolerance is equal, NaN is NaN", "[Compare]") {
  Tensor a = Tensor::from<float>({2, 2}, {1, not_a_number, infinity, 0}),
         b = Tensor::from<float>({2, 2}, {1.5f, not_a_number, infinity, 0});
  CHECK(text(a, a) == "equal: max error 0");
  CHECK(text(a, b, {.absolute = 0.5}) == "equal: max error 0.5");
  CHECK(text(a, b, {.relative = 0.5}) == "equal: max error 0.5");
  CHECK(text(Tensor::zeros(f32, {0}), Tensor::zeros(f32, {0})) == "equal: max error 0");
}

TEST_CASE("what differs is told with the first and the worst place", "[Compare]") {
  Tensor expected = Tensor::from<float>({2, 3}, {1, 2, 3, 1000, 5, 6});
  Tensor found = Tensor::from<float>({2, 3}, {1, 2.5f, 3, 1001, 7, 6});
  // 1001 is near enough to 1000, and so not the worst.
  CHECK(text(found, expected, {.relative = 1e-2, .absolute = 0}) ==
        "expects [0, 1] to be 2 (rtol 0.01, atol 0), but got 2.5; 2 of 6 elements differ, max error 2 at [1, 1], where "
        "5 is expected and 7 found");
  CHECK(text(Tensor::from<float>({2}, {not_a_number, 2}), Tensor::from<float>({2}, {1, 1}), {.absolute = 1}) ==
        "expects [0] to be 1 (rtol 0, atol 1), but got nan; 1 of 2 elements differ, max error nan at [0], where 1 is "
        "expected and nan found");
  CHECK(text(Tensor::from<float>({}, {2}), Tensor::from<float>({}, {infinity}), {.relative = 1}) ==
        "expects [] to be inf (rtol 1, atol 0), but got 2; 1 of 1 elements differ, max error inf at [], where inf is "
        "expected and 2 found");
}

TEST_CASE("integers and bools are exactly equal or not", "[Compare]") {
  CHECK(
      text(Tensor::from<int64_t>({1}, {int64_t(1) << 60}), Tensor::from<int64_t>({1}, {(int64_t(1) << 60) + 1}),
           {.relative = 1}) ==
      "expects [0] to be 1152921504606846977, but got 1152921504606846976; 1 of 1 elements differ, max error 0 at [0], "
      "where 1152921504606846977 is expected and 1152921504606846976 found");
  CHECK(text(Tensor::from<bool>({2}, {true, false}), Tensor::from<bool>({2}, {true, true})) ==
        "expects [1] to be true, but got false; 1 of 2 elements differ, max error 1 at [1], where true is expected and "
        "false found");
  uint8_t odd = 7;
  CHECK(text(Tensor::view(boolean, {1}, &odd, nullptr), Tensor::from<bool>({1}, {true}))
            .starts_with("expects [0] to be true, but got 7; "));
  CHECK(text(Tensor::from<int8_t>({1}, {-3}), Tensor::from<int8_t>({1}, {-3})) == "equal: max error 0");
}

TEST_CASE("f16 and bf16 may be compared with f32, nothing else with another type", "[Compare]") {
  Tensor wide = Tensor::from<float>({2}, {0.5f, 1});
  CHECK(text(Tensor::from<Half>({2}, {0.5f, 1}), wide) == "equal: max error 0");
  CHECK(text(Tensor::from<BFloat16>({2}, {0.5f, 1}), wide) == "equal: max error 0");
  CHECK(text(wide, Tensor::from<Half>({2}, {0.5f, 1})) == "expects f16 [2], but got f32 [2]");
  CHECK(text(wide, Tensor::from<float>({1, 2}, {0.5f, 1})) == "expects f32 [1, 2], but got f32 [2]");
  CHECK(text(Tensor::from<int32_t>({2}, {0, 1}), wide) == "expects f32 [2], but got i32 [2]");
}

TEST_CASE("what is not finite is counted", "[Compare]") {
  CHECK(not_finite(Tensor::from<float>({2}, {1, -1})).empty());
  CHECK(not_finite(Tensor::from<float>({2, 3}, {1, 2, 3, 4, not_a_number, -infinity})) ==
        "1 NaN and 1 infinity among 6 elements, the first at [1, 1]");
  CHECK(not_finite(Tensor::from<Half>({2}, {infinity, infinity})) == "2 infinities among 2 elements, the first at [0]");
  CHECK(not_finite(Tensor::from<BFloat16>({}, {not_a_number})) == "1 NaN among 1 element, the first at []");
  CHECK(not_finite(Tensor::from<int64_t>({1}, {INT64_MIN})).empty());
  CHECK(not_finite(Tensor::from<bool>({1}, {true})).empty());
  CHECK(not_finite(Tensor::zeros(f32, {0})).empty());
}
