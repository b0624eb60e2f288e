// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks of several rows in one panel, as matrix products read them: a permutation of the blocks' bytes, so that nothing is
// lost and lookups of a row read the same copy. A panel has, for each block along the rows, the first granule of every row side
// by side, then the second of every row, and so on: each lane of a vector has a row.
#pragma once
#include "lib/runtime/tensor/Blocks.h"
#include "varve/Encoding.h"
#include <optional>

namespace varve::runtime::blocks {

/// The rows of a panel that kernels read.
inline constexpr int64_t panel_rows = 16;

/// Bytes [begin, end) of a block, in granules of so many bytes.
struct PanelRun {
  int64_t begin = 0, end = 0, granule = 4;
};
using PanelLayout = std::array<PanelRun, 2>;

/// Nothing for an encoding that is not stored in panels.
constexpr std::optional<PanelLayout> panel_layout(Encoding encoding) {
  switch (encoding) {
  case Encoding::q4_0:
    return PanelLayout{PanelRun{0, 2, 2}, PanelRun{2, sizeof(Q4_0), 4}};
  case Encoding::q8_0:
    return PanelLayout{PanelRun{0, 2, 2}, PanelRun{2, sizeof(Q8_0), 4}};
  case Encoding::q4_k:
    return PanelLayout{PanelRun{0, sizeof(Q4_K), 4}, PanelRun{}};
  case Encoding::q6_k:
    return PanelLayout{PanelRun{0, sizeof(Q6_K) - 2, 4}, PanelRun{sizeof(Q6_K) - 2, sizeof(Q6_K), 2}};
  default:
    return std::nullopt;
  }
}

/// Where a granule of a run is among the run's granules. Of q6_k, two granules of low bits and the one of high bits that goes with
/// them lie side by side, so that a product reads memory from its first byte to its last.
constexpr int64_t place_of_granule(Encoding encoding, int64_t granule) {
  constexpr int64_t lows = sizeof(Q6_K::lows) / 4, highs = sizeof(Q6_K::highs) / 4;
  if (encoding != Encoding::q6_k || granule >= lows + highs)
    return granule;
  if (granule >= lows)
    return (granule - lows) * 3 + 2;
  int64_t side = granule / 16, half = granule / 8 % 2;
  return (side * 8 + granule % 8) * 3 + half;
}

} // namespace varve::runtime::blocks
