// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Print.h"
#include "lib/runtime/tensor/Elements.h"
#include "varve/Error.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace varve {
namespace {

constexpr int64_t compact_limit = 100; // values; more are shortened
constexpr int64_t edge = 3;            // values kept on each side then

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string element(const Tensor &tensor, int64_t index) {
  if (tensor.dtype() == boolean) { // the byte, not a bool: one that is neither 0 nor 1 is worth seeing
    auto byte = static_cast<const uint8_t *>(tensor.data())[index];
    return byte == 0 ? "false" : byte == 1 ? "true" : std::to_string(byte);
  }
  return runtime::with_type(tensor.dtype(), [&]<typename T>(T) {
    if constexpr (std::is_integral_v<T>)
      return std::to_string(tensor.data<T>()[index]);
    else
      return number(tensor.data<T>()[index]);
  });
}

// Visits what is shown in order, so that one function finds the column's width and another writes.
struct Grid {
  const Tensor &tensor;
  bool shorten;
  size_t width = 0;
  std::string text = {};

  // Calls item(i) for each index shown along an axis, and gap() where the middle is left out.
  template <typename Item, typename Gap> void along(size_t axis, Item item, Gap gap) const {
    int64_t size = tensor.shape()[axis];
    bool cut = shorten && size > 2 * edge;
    for (int64_t i = 0; i < size; ++i) {
      if (cut && i == edge) {
        gap();
        i = size - edge;
      }
      item(i);
    }
  }

  void measure(size_t axis, int64_t offset) {
    if (axis == tensor.shape().size()) {
      width = std::max(width, element(tensor, offset).size());
      return;
    }
    along(axis, [&](int64_t i) { measure(axis + 1, offset * tensor.shape()[axis] + i); }, [] {});
  }

  void write(size_t axis, int64_t offset) {
    if (axis == tensor.shape().size()) {
      std::string value = element(tensor, offset);
      text += std::string(width - value.size(), ' ') + value;
      return;
    }
    bool last = axis + 1 == tensor.shape().size(), first = true;
    std::string separator = last ? ", " : ",\n" + std::string(axis + 1, ' ');
    auto between = [&] {
      if (!first)
        text += separator;
      first = false;
    };
    text += "[";
    along(
        axis,
        [&](int64_t i) {
          between();
          write(axis + 1, offset * tensor.shape()[axis] + i);
        },
        [&] {
          between();
          text += "...";
        });
    text += "]";
  }
};

std::string statistics(const Tensor &tensor) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double low = infinity, high = -infinity, mean = 0, squares = 0;
  int64_t finite = 0, nans = 0, infinite = 0;
  auto scan = [&](const auto *values) {
    for (int64_t i = 0; i < tensor.size(); ++i) {
      auto value = static_cast<double>(
          static_cast<std::conditional_t<std::is_integral_v<std::remove_cvref_t<decltype(values[i])>>, double, float>>(
              values[i]));
      if (std::isnan(value)) {
        ++nans;
      } else if (std::isinf(value)) {
        ++infinite;
      } else { // Welford: a large mean does not drown the deviation
        ++finite;
        low = std::min(low, value);
        high = std::max(high, value);
        double delta = value - mean;
        mean += delta / static_cast<double>(finite);
        squares += delta * (value - mean);
      }
    }
  };
  if (tensor.dtype() == boolean)
    scan(static_cast<const uint8_t *>(tensor.data()));
  else
    runtime::with_type(tensor.dtype(), [&]<typename T>(T) { scan(tensor.data<T>()); });
  std::string text = "count " + std::to_string(tensor.size());
  if (finite != 0)
    text += ", min " + number(low) + ", max " + number(high) + ", mean " + number(mean) + ", std " +
            number(std::sqrt(squares / static_cast<double>(finite)));
  return text + ", nan " + std::to_string(nans) + ", inf " + std::to_string(infinite);
}

} // namespace

std::string_view name_of(PrintStyle style) {
  constexpr std::string_view names[] = {"compact", "full", "statistics", "finite", "dump", "compare"};
  return names[static_cast<size_t>(style)];
}

std::string to_text(const Tensor &tensor, PrintStyle style) {
  if (style > PrintStyle::statistics)
    throw Error("expects a style that has a text (compact, full or statistics), but got " +
                std::string(name_of(style)));
  tensor.expect_intact();
  if (style == PrintStyle::statistics)
    return statistics(tensor);
  Grid grid{tensor, style == PrintStyle::compact && tensor.size() > compact_limit};
  if (tensor.size() == 0)
    return "[]";
  grid.measure(0, 0);
  grid.write(0, 0);
  return std::move(grid.text);
}

} // namespace varve
