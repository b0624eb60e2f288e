// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rule by which an axis is split among devices, and the proof that a split leaves nothing out. Free of MLIR: verifier,
// C++ API and runtime ask the same functions.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace varve::ir {

/// A part of an axis: so many units, each of so many elements that stay on one device.
struct Segment {
  int64_t count = 0, unit = 1;
  bool operator==(const Segment &) const = default;
};

/// Elements [begin, end) of an axis.
struct Slice {
  int64_t begin = 0, end = 0;
  bool operator==(const Slice &) const = default;
};

/// What is wrong, as `expects <rule>, but got <value>`; none if nothing is.
using Fault = std::optional<std::string>;

/// Whether segments, one behind the other, are an axis of that size, and each has a unit for every device.
Fault checkSegments(std::span<const Segment> segments, int64_t size, int64_t devices);
/// The slices of one device, one for each segment: the first `count mod devices` devices have one unit more. For segments
/// that were checked.
std::vector<Slice> slicesOf(std::span<const Segment> segments, int64_t device, int64_t devices);
/// Whether the slices of all devices, in whatever order, cover an axis of that size exactly once. Knows nothing of how
/// they were made.
Fault checkCover(std::span<const std::vector<Slice>> devices, int64_t size);
/// The segments with units that are multiples of a block of elements, which then is not cut either.
Fault alignToBlocks(std::vector<Segment> &segments, int64_t block);

/// "32x128, 4x128".
std::string str(std::span<const Segment> segments);

} // namespace varve::ir
