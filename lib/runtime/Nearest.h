// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a name that nobody knows may have been meant to be.
//   nearest("model.nrom.weight", names)
#pragma once
#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varve::runtime {

/// How many letters are to be changed, added or left out to make one text of the other.
inline size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j)
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, diagonal + (a[i] != b[j])}));
  }
  return row.back();
}

/// The name with the fewest letters to change, or "" if none is near.
inline std::string nearest(std::string_view name, const std::vector<std::string> &names) {
  size_t best = name.size() / 2 + 1; // further away is no help
  std::string found;
  for (const std::string &each : names) {
    size_t lengths = each.size() > name.size() ? each.size() - name.size() : name.size() - each.size();
    if (lengths >= best)
      continue;
    if (size_t d = distance(name, each); d < best) {
      best = d;
      found = each;
    }
  }
  return found;
}

} // namespace varve::runtime
