// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How far numbers are from those that another program computed.
//   CHECK(difference(session.run({x})[0].to_vector<float>(), load_npy("expected.npy").to_vector<float>()) < 1e-5);
#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace varve::test {

/// The greatest difference, over the greatest magnitude of what is expected; of NaN, infinity.
inline double difference(const std::vector<float> &values, const std::vector<float> &expected) {
  REQUIRE(values.size() == expected.size());
  double worst = 0, size = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double apart = std::abs(static_cast<double>(values[i]) - expected[i]);
    worst = std::isnan(apart) ? INFINITY : std::max(worst, apart);
    size = std::max(size, std::abs(static_cast<double>(expected[i])));
  }
  return size > 0 ? worst / size : worst;
}

} // namespace varve::test
