// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Print.h"
#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

using namespace varve;

TEST_CASE("small tensors print in full, in columns", "[Print]") {
  CHECK(to_text(Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5.5f, -6})) == "[[  1,   2,   3],\n [  4, 5.5,  -6]]");
  CHECK(to_text(Tensor::from<float>({}, {1.0f / 3})) == "0.333333");
  CHECK(to_text(Tensor::from<int32_t>({2, 1, 2}, {1, 2, 3, 40})) == "[[[ 1,  2]],\n [[ 3, 40]]]");
  CHECK(to_text(Tensor::zeros(f32, {2, 0})) == "[]");
}

TEST_CASE("every element type prints", "[Print]") {
  CHECK(to_text(Tensor::from<Half>({1}, {0.5f})) == "[0.5]");
  CHECK(to_text(Tensor::from<BFloat16>({1}, {-1.5f})) == "[-1.5]");
  CHECK(to_text(Tensor::from<int8_t>({1}, {-128})) == "[-128]");
  CHECK(to_text(Tensor::from<uint8_t>({1}, {255})) == "[255]");
  CHECK(to_text(Tensor::from<int64_t>({1}, {INT64_MIN})) == "[-9223372036854775808]");
  CHECK(to_text(Tensor::from<bool>({2}, {true, false})) == "[ true, false]");
  uint8_t odd = 7;
  CHECK(to_text(Tensor::view(boolean, {1}, &odd, nullptr)) == "[7]");
  float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(to_text(Tensor::from<float>({3}, {nan, infinity, -infinity})) == "[ nan,  inf, -inf]");
}

TEST_CASE("large tensors are shortened unless asked for in full", "[Print]") {
  std::vector<int32_t> values(2000);
  std::iota(values.begin(), values.end(), 0);
  CHECK(to_text(Tensor::from({2000}, values)) == "[   0,    1,    2, ..., 1997, 1998, 1999]");
  CHECK(to_text(Tensor::from({1000, 2}, values)) == "[[   0,    1],\n [   2,    3],\n [   4,    5],\n ...,\n"
                                                    " [1994, 1995],\n [1996, 1997],\n [1998, 1999]]");
  std::string full = to_text(Tensor::from({2000}, values), PrintStyle::full);
  CHECK(full.find("...") == std::string::npos);
  CHECK(full.find(" 1000,") != std::string::npos);
}

TEST_CASE("statistics are of the finite values", "[Print]") {
  float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(to_text(Tensor::from<float>({6}, {1, 3, nan, infinity, -infinity, 2}), PrintStyle::statistics) ==
        "count 6, min 1, max 3, mean 2, std 0.816497, nan 1, inf 2");
  CHECK(to_text(Tensor::from<Half>({2}, {1.0f, 3.0f}), PrintStyle::statistics) ==
        "count 2, min 1, max 3, mean 2, std 1, nan 0, inf 0");
  CHECK(to_text(Tensor::from<BFloat16>({1}, {nan}), PrintStyle::statistics) == "count 1, nan 1, inf 0");
  CHECK(to_text(Tensor::zeros(f32, {0}), PrintStyle::statistics) == "count 0, nan 0, inf 0");
  CHECK(to_text(Tensor::from<int64_t>({2}, {1, 3}), PrintStyle::statistics) ==
        "count 2, min 1, max 3, mean 2, std 1, nan 0, inf 0");
  CHECK(to_text(Tensor::from<int8_t>({1}, {-3}), PrintStyle::statistics) ==
        "count 1, min -3, max -3, mean -3, std 0, nan 0, inf 0");
  CHECK(to_text(Tensor::from<int32_t>({1}, {3}), PrintStyle::statistics) ==
        "count 1, min 3, max 3, mean 3, std 0, nan 0, inf 0");
  CHECK(to_text(Tensor::from<bool>({2}, {true, false}), PrintStyle::statistics) ==
        "count 2, min 0, max 1, mean 0.5, std 0.5, nan 0, inf 0");
}

TEST_CASE("a style that checks has no text", "[Print]") {
  for (PrintStyle style : {PrintStyle::finite, PrintStyle::dump, PrintStyle::compare})
    CHECK_THROWS_WITH(to_text(Tensor::zeros(f32, {1}), style),
                      "expects a style that has a text (compact, full or statistics), but got " +
                          std::string(name_of(style)));
}
