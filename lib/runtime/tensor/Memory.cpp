// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Memory.h"
#include "varve/Error.h"
#include <cstdlib>
#include <sys/mman.h>

namespace varve::runtime {
namespace {

constexpr size_t huge_page = size_t(2) << 20;
constexpr size_t most_idle_blocks = 16;
constexpr size_t most_bytes = size_t(1) << 47; // what a process can address

} // namespace

std::shared_ptr<void> allocate(size_t bytes) {
  size_t unit = bytes >= 2 * huge_page ? huge_page : alignment;
  void *memory = nullptr;
  if (bytes <= most_bytes)
    memory = std::aligned_alloc(unit, bytes == 0 ? unit : (bytes + unit - 1) / unit * unit);
  if (!memory)
    throw Error("expects " + std::to_string(bytes) + " bytes of memory, but the system has not got them");
  if (unit == huge_page) // advice only: where it is refused, small pages serve
    madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
  return std::shared_ptr<void>(memory, std::free);
}

std::shared_ptr<void> BlockPool::take(size_t bytes) {
  Block block;
  {
    std::lock_guard lock(mutex);
    idle.reserve(most_idle_blocks + 1); // so that `put`, run by a destructor, allocates nothing
    for (size_t i = 0; i < idle.size(); ++i) {
      if (idle[i].bytes < bytes || idle[i].bytes / 2 > bytes + alignment)
        continue;
      block = std::move(idle[i]);
      idle.erase(idle.begin() + static_cast<ptrdiff_t>(i));
      break;
    }
  }
  if (!block.memory)
    block = {allocate(bytes), bytes};
  void *data = block.memory.get();
  return std::shared_ptr<void>(data, [block = std::move(block), pool = weak_from_this()](void *) mutable {
    if (std::shared_ptr<BlockPool> alive = pool.lock())
      alive->put(std::move(block));
  });
}

void BlockPool::put(Block block) {
  Block dropped; // freed after the lock
  std::lock_guard lock(mutex);
  idle.push_back(std::move(block));
  if (idle.size() > most_idle_blocks) {
    dropped = std::move(idle.front());
    idle.erase(idle.begin());
  }
}

} // namespace varve::runtime
