// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Compare.h"
#include "lib/runtime/tensor/Elements.h"
#include <cmath>
#include <cstdio>

namespace varve::runtime {
namespace {

std::string number(double value, const char *format = "%.9g") {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string position(int64_t index, const std::vector<int64_t> &shape) {
  std::vector<int64_t> at(shape.size());
  for (size_t d = shape.size(); d-- > 0; index /= shape[d])
    at[d] = index % shape[d];
  return shape_text(at);
}

struct Differences {
  int64_t count = 0, first = -1, worst = -1;
  double error = 0; // the worst
  void add(int64_t index, double by, bool passes) {
    if (passes && count != 0)
      return; // the worst of those that differ counts
    if (!passes && count++ == 0) {
      first = index;
      worst = -1;
    }
    if (worst < 0 || by > error || (std::isnan(by) && !std::isnan(error))) {
      worst = index;
      error = by;
    }
  }
};

Differences differences(const std::vector<float> &found, const std::vector<float> &expected, Tolerance tolerance) {
  Differences all;
  for (size_t i = 0; i < found.size(); ++i) {
    double a = found[i], b = expected[i];
    bool same = a == b || (std::isnan(a) && std::isnan(b));
    double by = same ? 0 : std::abs(a - b);
    all.add(static_cast<int64_t>(i), by,
            same || (std::isfinite(b) && by <= tolerance.absolute + tolerance.relative * std::abs(b)));
  }
  return all;
}

template <typename T> Differences differences(const T *found, const T *expected, int64_t count) {
  Differences all;
  for (int64_t i = 0; i < count; ++i)
    all.add(i, std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])), found[i] == expected[i]);
  return all;
}

std::string element(const Tensor &tensor, int64_t index) {
  if (tensor.dtype() == boolean) { // the byte: one that is neither 0 nor 1 is no bool
    auto byte = static_cast<const uint8_t *>(tensor.data())[index];
    return byte == 0 ? "false" : byte == 1 ? "true" : std::to_string(byte);
  }
  return with_type(tensor.dtype(), [&]<typename T>(T) {
    T value = tensor.data<T>()[index];
    if constexpr (std::is_integral_v<T>)
      return std::to_string(value);
    else
      return number(static_cast<float>(value));
  });
}

Differences differences(const Tensor &found, const Tensor &expected) {
  if (found.dtype() == boolean)
    return differences(static_cast<const uint8_t *>(found.data()), static_cast<const uint8_t *>(expected.data()),
                       found.size());
  return with_type(found.dtype(),
                   [&]<typename T>(T) { return differences(found.data<T>(), expected.data<T>(), found.size()); });
}

} // namespace

Comparison compare(const Tensor &found, const Tensor &expected, Tolerance tolerance) {
  bool floats = is_floating(found.dtype()) && (expected.dtype() == found.dtype() || expected.dtype() == f32);
  if (found.shape() != expected.shape() || (found.dtype() != expected.dtype() && !floats))
    return {false, "expects " + expected.type() + ", but got " + found.type()};
  Differences all = floats ? differences(found.to_vector<float>(), expected.to_vector<float>(), tolerance)
                           : differences(found, expected);
  if (all.count == 0)
    return {true, "max error " + number(all.error, "%.3g")};
  std::string rule =
      floats ? " (rtol " + number(tolerance.relative, "%g") + ", atol " + number(tolerance.absolute, "%g") + ")" : "";
  return {false, "expects " + position(all.first, found.shape()) + " to be " + element(expected, all.first) + rule +
                     ", but got " + element(found, all.first) + "; " + std::to_string(all.count) + " of " +
                     std::to_string(found.size()) + " elements differ, max error " + number(all.error, "%.3g") +
                     " at " + position(all.worst, found.shape()) + ", where " + element(expected, all.worst) +
                     " is expected and " + element(found, all.worst) + " found"};
}

std::string not_finite(const Tensor &tensor) {
  if (!is_floating(tensor.dtype()))
    return "";
  int64_t nans = 0, infinities = 0, first = -1;
  auto scan = [&](const auto *values) {
    for (int64_t i = 0; i < tensor.size(); ++i) {
      auto value = static_cast<float>(values[i]);
      if (std::isfinite(value))
        continue;
      ++(std::isnan(value) ? nans : infinities);
      first = first < 0 ? i : first;
    }
  };
  if (tensor.dtype() == f32)
    scan(tensor.data<float>());
  else if (tensor.dtype() == f16)
    scan(tensor.data<Half>());
  else
    scan(tensor.data<BFloat16>());
  if (first < 0)
    return "";
  std::string text = nans != 0 ? std::to_string(nans) + " NaN" : "";
  if (infinities != 0)
    text +=
        (text.empty() ? "" : " and ") + std::to_string(infinities) + (infinities == 1 ? " infinity" : " infinities");
  return text + " among " + std::to_string(tensor.size()) + (tensor.size() == 1 ? " element" : " elements") +
         ", the first at " + position(first, tensor.shape());
}

} // namespace varve::runtime
