// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/Shards.h"
#include <algorithm>
#include <numeric>

namespace varve::ir {

std::string str(std::span<const Segment> segments) {
  std::string text;
  for (const Segment &segment : segments)
    text += (text.empty() ? "" : ", ") + std::to_string(segment.count) + "x" + std::to_string(segment.unit);
  return text;
}

// The elements of segments; none if they are not positive, or too many for 64 bits.
static std::optional<int64_t> sum(std::span<const Segment> segments) {
  int64_t total = 0;
  for (const Segment &segment : segments) {
    int64_t size = 0;
    if (segment.count < 1 || segment.unit < 1 || __builtin_mul_overflow(segment.count, segment.unit, &size) ||
        __builtin_add_overflow(total, size, &total))
      return {};
  }
  return total;
}

Fault checkSegments(std::span<const Segment> segments, int64_t size, int64_t devices) {
  std::optional<int64_t> total = sum(segments);
  if (!total)
    return "expects segments of at least one unit of at least one element, of less than 2^63 in all, but got " +
           str(segments);
  if (*total != size)
    return "expects segments of " + std::to_string(size) + " elements in all, but got " + str(segments) +
           ", which are " + std::to_string(*total);
  for (const Segment &segment : segments)
    if (segment.count < devices)
      return "expects at least one unit for each of " + std::to_string(devices) + " devices, but got " +
             std::to_string(segment.count) + (segment.count == 1 ? " unit" : " units") + " of " +
             std::to_string(segment.unit) + (segment.unit == 1 ? " element" : " elements");
  return {};
}

std::vector<Slice> slicesOf(std::span<const Segment> segments, int64_t device, int64_t devices) {
  std::vector<Slice> slices;
  slices.reserve(segments.size());
  int64_t offset = 0;
  for (const auto &[count, unit] : segments) {
    int64_t each = count / devices, more = count % devices;
    int64_t first = each * device + std::min(device, more), units = each + (device < more ? 1 : 0);
    slices.push_back({offset + first * unit, offset + (first + units) * unit});
    offset += count * unit;
  }
  return slices;
}

Fault checkCover(std::span<const std::vector<Slice>> devices, int64_t size) {
  std::vector<Slice> all;
  for (const std::vector<Slice> &slices : devices)
    all.insert(all.end(), slices.begin(), slices.end());
  auto text = [](const Slice &slice) {
    return "[" + std::to_string(slice.begin) + ", " + std::to_string(slice.end) + ")";
  };
  std::sort(all.begin(), all.end(), [](const Slice &a, const Slice &b) { return a.begin < b.begin; });
  int64_t covered = 0;
  for (const Slice &slice : all) {
    if (slice.begin < 0 || slice.end > size)
      return "expects slices inside an axis of " + std::to_string(size) + ", but got " + text(slice);
    if (slice.end <= slice.begin)
      return "expects slices of at least one element, but got " + text(slice);
    if (slice.begin > covered)
      return "expects slices that leave nothing out, but got none with " + text({covered, slice.begin});
    if (slice.begin < covered)
      return "expects slices that do not overlap, but got " + text(slice) + " and one that ends at " +
             std::to_string(covered);
    covered = slice.end;
  }
  if (covered < size)
    return "expects slices that leave nothing out, but got none with " + text({covered, size});
  return {};
}

Fault alignToBlocks(std::vector<Segment> &segments, int64_t block) {
  for (Segment &segment : segments) {
    int64_t size = segment.count * segment.unit;
    if (size % block != 0)
      return "expects segments of whole blocks of " + std::to_string(block) + " elements, but got " +
             std::to_string(size) + " elements";
    int64_t unit = std::lcm(segment.unit, block); // divides the size, as both do
    segment = {size / unit, unit};
  }
  return {};
}

} // namespace varve::ir
