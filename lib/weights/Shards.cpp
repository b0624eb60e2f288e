// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/weights/Shards.h"
#include <cstdio>

namespace varve::weights {

std::vector<StateDict> shards_of(const StateDict &tensors, uint64_t most) {
  std::vector<StateDict> shards(1);
  uint64_t bytes = 0;
  for (const auto &[name, tensor] : tensors) {
    if (most != 0 && !shards.back().empty() && (bytes > most || tensor.bytes() > most - bytes)) {
      shards.emplace_back();
      bytes = 0;
    }
    shards.back().emplace(name, tensor);
    bytes += tensor.bytes();
  }
  return shards;
}

std::string shard_name(const std::string &stem, size_t index, size_t count, const std::string &extension) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, "-%05zu-of-%05zu", index + 1, count);
  return stem + numbers + extension;
}

Unfinished::~Unfinished() {
  std::error_code ignored; // there is an exception on its way that says what went wrong
  for (const std::filesystem::path &path : paths)
    std::filesystem::remove(path, ignored);
}

} // namespace varve::weights
