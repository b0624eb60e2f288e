// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/Memory.h"
#include "varve/Error.h"
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace varve::runtime {
namespace {

constexpr size_t huge_page = size_t(2) << 20;
struct Free {
  void operator()(void *memory) const { std::free(memory); }
};

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
  return std::shared_ptr<void>(memory, Free());
}

void release_memory(const std::shared_ptr<const void> &owner, const void *data, size_t bytes) {
  if (!std::get_deleter<Free>(owner))
    return;
  auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)), begin = reinterpret_cast<uintptr_t>(data);
  uintptr_t first = (begin + page - 1) / page * page, end = (begin + bytes) / page * page;
  if (first < end)
    madvise(reinterpret_cast<void *>(first), end - first, MADV_DONTNEED);
}

std::shared_ptr<void> allocate_zeros(size_t bytes) {
  constexpr size_t large = size_t(256) << 10; // some pages; less is not worth a map of its own
  if (bytes < large || bytes > most_bytes) {
    std::shared_ptr<void> memory = allocate(bytes);
    std::memset(memory.get(), 0, bytes);
    return memory;
  }
  bool huge = bytes >= 2 * huge_page;
  size_t size = bytes + (huge ? 2 * huge_page : 0); // room to begin and end at a huge page
  void *map = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    throw Error("expects " + std::to_string(bytes) + " bytes of memory, but the system has not got them");
  std::shared_ptr<void> all(map, [size](void *memory) { ::munmap(memory, size); });
  if (!huge)
    return all;
  auto begin = (reinterpret_cast<uintptr_t>(map) + huge_page - 1) / huge_page * huge_page;
  auto *data = reinterpret_cast<void *>(begin);
  madvise(data, (bytes + huge_page - 1) / huge_page * huge_page, MADV_HUGEPAGE);
  return {std::move(all), data};
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
