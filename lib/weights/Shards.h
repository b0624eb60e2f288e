// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a state is spread over several files.
#pragma once
#include "varve/runtime/Tensor.h"
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace varve::weights {

/// The tensors in their order, in parts of at most `most` bytes (0: one part), but of one tensor at least.
std::vector<StateDict> shards_of(const StateDict &tensors, uint64_t most);

/// `STEM-00001-of-00003.EXTENSION`; the first of three has the index 0.
std::string shard_name(const std::string &stem, size_t index, size_t count, const std::string &extension);

/// Files that are removed with this object, unless they are kept: what was written before something failed.
class Unfinished {
public:
  Unfinished() = default;
  ~Unfinished();
  Unfinished(const Unfinished &) = delete;
  Unfinished &operator=(const Unfinished &) = delete;
  void add(std::filesystem::path path) { paths.push_back(std::move(path)); }
  std::vector<std::filesystem::path> keep() { return std::exchange(paths, {}); }

private:
  std::vector<std::filesystem::path> paths;
};

} // namespace varve::weights
