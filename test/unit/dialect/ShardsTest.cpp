// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rule of splitting against many random cases, and its proof against splits that were broken on purpose.
#include "dialect/Shards.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace varve::ir;

namespace {

using Shards = std::vector<std::vector<Slice>>;

Shards all_slices(const std::vector<Segment> &segments, int64_t devices) {
  Shards all;
  for (int64_t device = 0; device < devices; ++device)
    all.push_back(slicesOf(segments, device, devices));
  return all;
}

int64_t size_of(const std::vector<Segment> &segments) {
  int64_t size = 0;
  for (const Segment &segment : segments)
    size += segment.count * segment.unit;
  return size;
}

struct Case {
  std::vector<Segment> segments;
  int64_t devices, size;
};

Case random_case(std::mt19937 &random) {
  auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % static_cast<uint64_t>(limit)); };
  Case made{{}, below(17) + 1, 0};
  for (int64_t i = below(5) + 1; i > 0; --i)
    made.segments.push_back({made.devices + below(40), below(130) + 1});
  made.size = size_of(made.segments);
  return made;
}

} // namespace

TEST_CASE("the first devices have one unit more") {
  CHECK(all_slices({{7, 1}}, 3) == Shards{{{0, 3}}, {{3, 5}}, {{5, 7}}});
  CHECK(all_slices({{4, 128}, {2, 64}}, 2) == Shards{{{0, 256}, {512, 576}}, {{256, 512}, {576, 640}}});
  CHECK(all_slices({{5, 3}}, 1) == Shards{{{0, 15}}});
}

TEST_CASE("slices of whatever segments cover the axis exactly once") {
  std::mt19937 random(20); // NOLINT(bugprone-random-generator-seed): the same cases every time
  for (int i = 0; i < 2000; ++i) {
    Case made = random_case(random);
    CAPTURE(str(made.segments), made.devices);
    REQUIRE(checkSegments(made.segments, made.size, made.devices) == Fault());
    Shards all = all_slices(made.segments, made.devices);
    REQUIRE(checkCover(all, made.size) == Fault());
    std::vector<int> times(static_cast<size_t>(made.size));
    for (const auto &slices : all) {
      REQUIRE(slices.size() == made.segments.size());
      int64_t offset = 0;
      for (size_t s = 0; s < slices.size(); ++s) {
        const auto &[count, unit] = made.segments[s];
        REQUIRE((slices[s].begin - offset) % unit == 0); // no unit is cut
        REQUIRE((slices[s].end - offset) % unit == 0);
        int64_t units = (slices[s].end - slices[s].begin) / unit;
        REQUIRE(units >= count / made.devices);
        REQUIRE(units <= (count + made.devices - 1) / made.devices);
        offset += count * unit;
        for (int64_t e = slices[s].begin; e < slices[s].end; ++e)
          ++times[static_cast<size_t>(e)];
      }
    }
    REQUIRE(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
  }
}

TEST_CASE("the proof finds every slice that was moved") {
  std::mt19937 random(21); // NOLINT(bugprone-random-generator-seed): the same cases every time
  for (int i = 0; i < 2000; ++i) {
    Case made = random_case(random);
    Shards all = all_slices(made.segments, made.devices);
    std::vector<Slice> &slices = all[random() % all.size()];
    Slice &slice = slices[random() % slices.size()];
    int64_t by = static_cast<int64_t>(random() % 5) + 1;
    switch (random() % 5) {
    case 0:
      slice.begin += by;
      break;
    case 1:
      slice.begin -= by;
      break;
    case 2:
      slice.end += by;
      break;
    case 3:
      slice.end -= by;
      break;
    default:
      slices.push_back(slice);
    }
    CAPTURE(str(made.segments), made.devices, slice.begin, slice.end);
    REQUIRE(checkCover(all, made.size) != Fault());
  }
}

TEST_CASE("a proof that fails says where") {
  auto fault = [](const Shards &all, int64_t size) { return checkCover(all, size).value_or("none"); };
  CHECK(fault({{{0, 4}}, {{5, 8}}}, 8) == "expects slices that leave nothing out, but got none with [4, 5)");
  CHECK(fault({{{0, 4}}, {{4, 7}}}, 8) == "expects slices that leave nothing out, but got none with [7, 8)");
  CHECK(fault({{{0, 4}}, {{3, 8}}}, 8) == "expects slices that do not overlap, but got [3, 8) and one that ends at 4");
  CHECK(fault({{{-1, 4}}, {{4, 8}}}, 8) == "expects slices inside an axis of 8, but got [-1, 4)");
  CHECK(fault({{{0, 4}}, {{4, 9}}}, 8) == "expects slices inside an axis of 8, but got [4, 9)");
  CHECK(fault({{{0, 4}}, {{4, 4}}, {{4, 8}}}, 8) == "expects slices of at least one element, but got [4, 4)");
  CHECK(fault({}, 1) == "expects slices that leave nothing out, but got none with [0, 1)");
  CHECK(fault({{{4, 8}}, {{0, 4}}}, 8) == "none");
}

TEST_CASE("segments that cannot be split are refused") {
  auto fault = [](const std::vector<Segment> &segments, int64_t size, int64_t devices) {
    return checkSegments(segments, size, devices).value_or("none");
  };
  CHECK(fault({{4, 8}}, 31, 2) == "expects segments of 31 elements in all, but got 4x8, which are 32");
  CHECK(fault({{4, 8}, {1, 8}}, 40, 2) ==
        "expects at least one unit for each of 2 devices, but got 1 unit of 8 elements");
  CHECK(fault({{3, 1}}, 3, 4) == "expects at least one unit for each of 4 devices, but got 3 units of 1 element");
  std::string rule =
      "expects segments of at least one unit of at least one element, of less than 2^63 in all, but got ";
  CHECK(fault({{0, 8}}, 0, 1) == rule + "0x8");
  CHECK(fault({{-1, -8}}, 8, 1) == rule + "-1x-8");
  CHECK(fault({{int64_t(1) << 62, 2}}, 8, 1) == rule + "4611686018427387904x2");
  CHECK(fault({{int64_t(1) << 62, 1}, {int64_t(1) << 62, 1}}, 8, 1) ==
        rule + "4611686018427387904x1, 4611686018427387904x1");
}

TEST_CASE("units become multiples of blocks") {
  auto aligned = [](std::vector<Segment> segments, int64_t block) {
    Fault fault = alignToBlocks(segments, block);
    return fault ? *fault : str(segments);
  };
  CHECK(aligned({{4096, 1}}, 32) == "128x32");
  CHECK(aligned({{8, 128}, {2, 128}}, 32) == "8x128, 2x128");
  CHECK(aligned({{8, 64}}, 256) == "2x256");
  CHECK(aligned({{4, 48}}, 32) == "2x96");
  CHECK(aligned({{8, 128}}, 1) == "8x128");
  CHECK(aligned({{8, 64}, {2, 64}}, 256) == "expects segments of whole blocks of 256 elements, but got 128 elements");
}
