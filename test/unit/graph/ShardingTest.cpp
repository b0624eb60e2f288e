// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shardings as values, and the slices that each device gets.
#include "varve/Sharding.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::error_of;

namespace {
using Slices = std::vector<Slice>;

// The slices of each device along one axis.
std::vector<Slices> along(const std::vector<Shard> &shards, size_t axis) {
  std::vector<Slices> all;
  all.reserve(shards.size());
  for (const Shard &shard : shards)
    all.push_back(shard[axis]);
  return all;
}
} // namespace

TEST_CASE("shardings print and compare by what they do") {
  CHECK(Sharding::replicate().str() == "replicate");
  CHECK(Sharding::rowwise().str() == "rowwise");
  CHECK(Sharding::columnwise(2).str() == "columnwise for 2 devices");
  CHECK(Sharding::axiswise(-1).str() == "axiswise(-1)");
  CHECK(Sharding::segmented(0, {Segment::even(100), Segment::head_aware(4, 128)}).str() ==
        "segmented(0, [100, 4x128])");
  CHECK(Sharding::stacked_qkv(32, 4, 128).str() == "segmented(0, [4x1024, 4x128, 4x128])");
  CHECK(Sharding::stacked_qkv(8, 8, 64).str() == "segmented(0, [8x64, 8x64, 8x64])");
  CHECK(Sharding::gate_up(5632).str() == "segmented(0, [5632, 5632])");
  CHECK(Sharding::head_aware_columnwise(32, 128).str() == "segmented(1, [32x128])");
  CHECK(Sharding::tensor_parallel(1).str() == "tensor_parallel for 1 device");
  CHECK(Sharding::expert_parallel().str() == "expert_parallel");

  CHECK(Sharding::rowwise() == Sharding::axiswise(0));
  CHECK(Sharding::rowwise() != Sharding::rowwise(2));
  CHECK(Sharding::rowwise() != Sharding::columnwise());
  CHECK(Sharding::gate_up(8) == Sharding::segmented(0, {Segment::even(8), Segment::even(8)}));
  CHECK(Sharding::tensor_parallel() != Sharding::expert_parallel());
  CHECK(Sharding() == Sharding::replicate());
}

TEST_CASE("a sharding is made of what there is") {
  CHECK(error_of([] { Sharding::segmented(0, {}); }) == "expects at least one segment, but got none");
  CHECK(error_of([] { Sharding::gate_up(0); }) ==
        "expects segments of at least one unit of at least one element, but got 0x1");
  CHECK(error_of([] { Sharding::head_aware_columnwise(4, -8); }) ==
        "expects segments of at least one unit of at least one element, but got 4x-8");
  CHECK(error_of([] { Sharding::stacked_qkv(32, 5, 128); }) == "expects kv_heads that divide heads, but got 5 and 32");
  CHECK(error_of([] { Sharding::rowwise(-1); }) ==
        "expects a number of devices that a sharding is made for, or 0 for any, but got -1");
}

TEST_CASE("each device has its slices, the first ones more") {
  CHECK(Sharding::replicate().shards({4, 6}, Encoding::none, 2) == std::vector<Shard>(2, {{{0, 4}}, {{0, 6}}}));
  std::vector<Shard> rows = Sharding::rowwise().shards({7, 6}, Encoding::none, 3);
  CHECK(along(rows, 0) == std::vector<Slices>{{{0, 3}}, {{3, 5}}, {{5, 7}}});
  CHECK(along(rows, 1) == std::vector<Slices>(3, {{0, 6}}));
  CHECK(along(Sharding::columnwise(2).shards({7, 6}, Encoding::none, 2), 1) == std::vector<Slices>{{{0, 3}}, {{3, 6}}});
  CHECK(Sharding::axiswise(-2).shards({7, 6}, Encoding::none, 3) == rows);
  // Three groups of two heads on two devices; the heads of key and value go with their queries.
  CHECK(along(Sharding::stacked_qkv(6, 3, 4).shards({48, 8}, Encoding::none, 2), 0) ==
        std::vector<Slices>{{{0, 16}, {24, 32}, {36, 44}}, {{16, 24}, {32, 36}, {44, 48}}});
}

TEST_CASE("no block of a quantised weight is cut") {
  auto slices = [](const Sharding &sharding, Shape shape, Encoding encoding, size_t axis) {
    return along(sharding.shards(shape, encoding, 2), axis);
  };
  CHECK(slices(Sharding::columnwise(), {8, 96}, Encoding::q8_0, 1) == std::vector<Slices>{{{0, 64}}, {{64, 96}}});
  CHECK(slices(Sharding::head_aware_columnwise(12, 64), {8, 768}, Encoding::q4_k, 1) ==
        std::vector<Slices>{{{0, 512}}, {{512, 768}}});
  // Blocks lie along the last axis.
  CHECK(slices(Sharding::rowwise(), {3, 256}, Encoding::q4_k, 0) == std::vector<Slices>{{{0, 2}}, {{2, 3}}});
  CHECK(error_of([&] { slices(Sharding::columnwise(), {8, 80}, Encoding::q8_0, 1); }) ==
        "expects segments of whole blocks of 32 elements, but got 80 elements");
  CHECK(error_of([&] { slices(Sharding::columnwise(), {8, 256}, Encoding::q4_k, 1); }) ==
        "expects at least one unit for each of 2 devices, but got 1 unit of 256 elements");
}

TEST_CASE("what cannot be split throws") {
  auto error = [](const Sharding &sharding, const Shape &shape, int64_t n) {
    return error_of([&] { sharding.shards(shape, Encoding::none, n); });
  };
  CHECK(error(Sharding::columnwise(), {4}, 2) == "expects a weight with axis 1, but got shape [4]");
  CHECK(error(Sharding::axiswise(-3), {4, 4}, 2) == "expects a weight with axis -3, but got shape [4, 4]");
  CHECK(error(Sharding::rowwise(4), {4}, 2) ==
        "expects the number of devices that a sharding is made for, 4, but got 2");
  CHECK(error(Sharding::rowwise(), {4}, 0) ==
        "expects the number of devices that a sharding is made for, 1 or more, but got 0");
  CHECK(error(Sharding::rowwise(), {3}, 4) ==
        "expects at least one unit for each of 4 devices, but got 3 units of 1 element");
  CHECK(error(Sharding::gate_up(4), {9}, 2) == "expects segments of 9 elements in all, but got 4x1, 4x1, which are 8");
  CHECK(error(Sharding::segmented(0, {{int64_t(1) << 40, int64_t(1) << 40}}), {9}, 2) ==
        "expects segments of at least one unit of at least one element, of less than 2^63 in all, but got "
        "1099511627776x1099511627776");
  CHECK(error(Sharding::tensor_parallel(), {4}, 2) ==
        "expects a sharding that says how a weight is split, but got tensor_parallel, which layers say");
  CHECK(error(Sharding::rowwise(), {"n"}, 2) == "expects a static dimension, but got 'n'");
}
