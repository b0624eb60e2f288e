// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes that are checked for overflow, and memory aligned for vectors.
#pragma once
#include "varve/Type.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace varve::runtime {

inline constexpr size_t alignment = 64;

/// The number of elements, none if a dimension is negative or the product does not fit.
inline std::optional<int64_t> element_count(std::span<const int64_t> shape) {
  int64_t count = 1;
  bool zero = false;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    if (size == 0)
      zero = true;
    else if (__builtin_mul_overflow(count, size, &count))
      return std::nullopt;
  }
  return zero ? 0 : count;
}

/// The number of bytes, none if it does not fit in an int64_t.
inline std::optional<size_t> byte_count(DType dtype, std::span<const int64_t> shape) {
  std::optional<int64_t> count = element_count(shape);
  int64_t bytes = 0;
  if (!count || __builtin_mul_overflow(*count, static_cast<int64_t>(size_of(dtype)), &bytes))
    return std::nullopt;
  return static_cast<size_t>(bytes);
}

/// Memory aligned to 64 bytes, in huge pages if it is large and the system has them; never null, even for 0 bytes.
/// **Throws** `Error` if there is no such memory.
std::shared_ptr<void> allocate(size_t bytes);
/// The same, all zero. Of what is large, no page is touched: it costs nothing until it is used.
std::shared_ptr<void> allocate_zeros(size_t bytes);
/// Pages of what `allocate` gave that lie in the range whole hold nothing any more, and are the system's again. Does nothing for other
/// owners.
void release_memory(const std::shared_ptr<const void> &owner, const void *data, size_t bytes);

/// Memory that comes back when the last tensor on it is gone, to be given out again: a session's outputs.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
public:
  std::shared_ptr<void> take(size_t bytes);

private:
  struct Block {
    std::shared_ptr<void> memory;
    size_t bytes = 0;
  };
  void put(Block block);

  std::mutex mutex;
  std::vector<Block> idle;
};

} // namespace varve::runtime
