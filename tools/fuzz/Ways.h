// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A batch of recipes, each run in all ways that must give the same bits.
#pragma once
#include "tools/fuzz/Ops.h"
#include <filesystem>
#include <functional>

namespace varve::fuzz {

struct WayOptions {
  /// Recipes that are compiled together.
  size_t together = 1;
  /// Of so many recipes one is compiled from its text, too; of the others text and bytecode are only compared.
  size_t text_every = 1;
};

/// Runs the recipes of `folder`/batch.json, whose tensors are in inputs.npz. Writes the outputs of the straight programs
/// into outputs.npz, and what is to be said of the others into results.json. `progress` is told before each recipe.
/// **Throws** `Error` for a folder that is none.
void run_batch(const std::filesystem::path &folder, const WayOptions &options,
               const std::function<void(const std::string &)> &progress);

} // namespace varve::fuzz
