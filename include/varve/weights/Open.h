// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opens a checkpoint, whatever its format.
//   model.load_state_dict(weights::open("checkpoint/"));
#pragma once
#include "varve/weights/Checkpoint.h"
#include <filesystem>
#include <string_view>

namespace varve::weights {

enum class Format : uint8_t { safetensors, safetensors_index, gguf, npz, npy };
/// "safetensors", "safetensors index", "GGUF", ".npz", ".npy".
std::string_view name_of(Format format);

/// A file and what it is.
struct Found {
  std::filesystem::path path;
  Format format;
};

/// What a path means. A file is known by its first bytes, whatever its name; one that begins like none of the formats,
/// being cut off perhaps, by its name. In a folder it is `model.safetensors`, or else `model.safetensors.index.json`, or
/// else the only GGUF file or the first file of the only split one.
/// **Throws** `Error` for anything else.
Found find_checkpoint(const std::filesystem::path &path);

/// A file of safetensors, an index of such files, GGUF or `.npz` (uint16 stands for bf16), or a folder with one.
/// **Throws** `Error` for anything else, and what the format's own function throws.
Checkpoint open(const std::filesystem::path &path);

} // namespace varve::weights
