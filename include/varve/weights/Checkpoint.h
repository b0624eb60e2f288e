// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a checkpoint holds, whatever its format: tensors by name, and where each came from.
//   weights::Checkpoint checkpoint = weights::open("checkpoint/");
//   const StateDict &state = checkpoint;
#pragma once
#include "varve/runtime/Tensor.h"
#include "varve/weights/Metadata.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace varve::weights {

/// Where the bytes of a tensor begin.
struct Source {
  std::string file;
  uint64_t offset = 0;
};

struct Checkpoint {
  StateDict tensors;
  /// For each tensor, for messages.
  std::map<std::string, Source> sources;
  /// What the file says besides: in safetensors, `__metadata__`, all strings.
  Metadata metadata;
  /// The names of tensors that had to be copied, since their bytes are not aligned to their elements.
  std::vector<std::string> realigned;

  explicit(false) operator const StateDict &() const { return tensors; }
};

} // namespace varve::weights
