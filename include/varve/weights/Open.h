// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opens a checkpoint, whatever its format.
//   model.load_state_dict(weights::open("checkpoint/"));
#pragma once
#include "varve/weights/Checkpoint.h"
#include <filesystem>

namespace varve::weights {

/// A `.safetensors` file, a `.safetensors.index.json` file, or a folder with `model.safetensors` or
/// `model.safetensors.index.json` in it. **Throws** `Error` for anything else, and what the format's own function
/// throws.
Checkpoint open(const std::filesystem::path &path);

} // namespace varve::weights
