// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Memory.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <string>

using namespace varve;
using namespace varve::runtime;

TEST_CASE("sizes are counted, and overflow is none", "[Memory]") {
  int64_t big = int64_t(1) << 62;
  CHECK(element_count(std::vector<int64_t>{}) == 1);
  CHECK(element_count(std::vector<int64_t>{2, 0}) == 0);
  CHECK(element_count(std::vector<int64_t>{big, 2}) == std::nullopt);
  CHECK(element_count(std::vector<int64_t>{0, -1}) == std::nullopt);
  CHECK(byte_count(i64, std::vector<int64_t>{3}) == 24u);
  CHECK(byte_count(i64, std::vector<int64_t>{big / 2}) == std::nullopt);
}

TEST_CASE("memory is aligned, large or small or none", "[Memory]") {
  for (size_t bytes : {size_t(0), size_t(1), size_t(65), size_t(5) << 20}) {
    std::shared_ptr<void> memory = allocate(bytes);
    REQUIRE(memory);
    CHECK(reinterpret_cast<uintptr_t>(memory.get()) % alignment == 0);
    std::memset(memory.get(), 1, bytes);
  }
}

TEST_CASE("memory of zeros is aligned, zero, and untouched where it is large", "[Memory]") {
  auto resident = [] {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("VmRSS:"))
        return std::stol(line.substr(6));
    return 0L;
  };
  for (size_t bytes : {size_t(0), size_t(1), size_t(65), size_t(300) << 10, (size_t(5) << 20) + 1, size_t(64) << 20}) {
    std::memset(allocate(bytes).get(), 1, bytes); // what is freed is not zero
    long before = resident();
    std::shared_ptr<void> memory = allocate_zeros(bytes);
    REQUIRE(memory);
    CHECK(resident() - before < 16 << 10);
    CHECK(reinterpret_cast<uintptr_t>(memory.get()) % alignment == 0);
    auto *data = static_cast<const char *>(memory.get());
    CHECK(std::count(data, data + bytes, 0) == static_cast<ptrdiff_t>(bytes));
    std::memset(memory.get(), 1, bytes);
  }
}

TEST_CASE("a pool gives a block out again when nobody holds it", "[Memory]") {
  auto pool = std::make_shared<BlockPool>();
  std::shared_ptr<void> first = pool->take(1000), second = pool->take(1000);
  void *address = first.get();
  CHECK(first.get() != second.get());
  first.reset();
  CHECK(pool->take(900).get() == address);  // and given back at once
  CHECK(pool->take(1001).get() != address); // too small
  CHECK(pool->take(10).get() != address);   // far too large
  pool.reset();                             // what is out stays valid
  std::memset(second.get(), 1, 1000);
}

TEST_CASE("a pool keeps only so many blocks", "[Memory]") {
  auto pool = std::make_shared<BlockPool>();
  std::vector<std::shared_ptr<void>> blocks;
  blocks.reserve(100);
  for (int i = 0; i < 100; ++i)
    blocks.push_back(pool->take(64));
  blocks.clear();
  CHECK(pool->take(64));
}
