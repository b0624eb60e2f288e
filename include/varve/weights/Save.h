// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes a checkpoint that `weights::open` and other people's tools read.
//   weights::save_state_dict("checkpoint/", model.state_dict(), {.max_shard_bytes = 5'000'000'000});
#pragma once
#include "varve/weights/Checkpoint.h"
#include <filesystem>
#include <vector>

namespace varve::weights {

struct SaveOptions {
  /// The data go to several files of at most so many bytes each, if they are more; 0: to one file.
  uint64_t max_shard_bytes = 0;
  /// For safetensors, strings.
  Metadata metadata = {};
};

/// What the path's name says: `.safetensors` (`save_safetensors_sharded`), `.gguf` (`save_gguf`), or a folder, or a name
/// without an extension, which becomes one, for a `model.safetensors` in it. What was there stays whole until the new
/// checkpoint is. Tensors are written from where they lie, without a second copy. Returns the files.
/// **Throws** `Error` for any other name, and what the format's own function throws.
std::vector<std::filesystem::path> save_state_dict(const std::filesystem::path &path, const StateDict &state,
                                                   const SaveOptions &options = {});

} // namespace varve::weights
