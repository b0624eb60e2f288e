// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What test/python/dlpack.py loads through ctypes: tensors of ours go out, those of others come in, in plain C.
#include "varve/Error.h"
#include "varve/runtime/DLPack.h"
#include "varve/runtime/Tensor.h"
#include <atomic>
#include <cstring>
#include <numeric>

using namespace varve;

namespace {

std::atomic<int> alive = 0;
char message[256];

// 0, 1, 2, ... as f32 [2, 3], in memory that counts itself.
Tensor made() {
  struct Memory {
    float values[6];
    Memory() {
      std::iota(values, values + 6, 0.0F);
      ++alive;
    }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    ~Memory() { --alive; }
  };
  auto memory = std::make_shared<Memory>();
  return Tensor::view(f32, {2, 3}, static_cast<void *>(memory->values), memory);
}

template <typename Managed> Tensor *taken(Managed *managed) {
  try {
    return new Tensor(Tensor::from_dlpack(managed));
  } catch (const std::exception &error) {
    std::strncpy(message, error.what(), sizeof message - 1);
    return nullptr;
  }
}

} // namespace

extern "C" {

DLManagedTensor *give_legacy() { return made().to_dlpack(); }
DLManagedTensorVersioned *give_versioned() { return made().to_dlpack_versioned(); }
int living() { return alive; }

// A handle on what is taken over; null if it is refused: `why` says so, and the giver keeps it.
Tensor *take_legacy(DLManagedTensor *managed) { return taken(managed); }
Tensor *take_versioned(DLManagedTensorVersioned *managed) { return taken(managed); }
const char *why() { return message; }

const void *address(const Tensor *tensor) { return tensor->data(); }
const char *type(const Tensor *tensor) {
  std::strncpy(message, tensor->type().c_str(), sizeof message - 1);
  return message;
}
int read_only(const Tensor *tensor) { return tensor->read_only() ? 1 : 0; }
void drop(Tensor *tensor) { delete tensor; }
}
