// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-run inspect: what a file of tensors, or a checkpoint, holds. None of its data are read.
#pragma once
#include <span>
#include <string>

namespace varve::run {

struct Inspection {
  std::string text;
  /// What rules cannot do with the checkpoint, "" if all is well.
  std::string problem;
};

/// What follows `inspect` on the command line: a file or folder, and perhaps --json, and --rules with what they would make
/// of it. **Throws** `Error` for anything else, and for a file that is damaged.
Inspection inspect(std::span<char *const> arguments);

} // namespace varve::run
