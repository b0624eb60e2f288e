// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-run inspect: what a file of tensors, or a checkpoint, holds. None of its data are read.
#pragma once
#include <span>
#include <string>

namespace varve::run {

/// What follows `inspect` on the command line: a file or folder, and perhaps --json. Gives the text to print.
/// **Throws** `Error` for anything else, and for a file that is damaged.
std::string inspect(std::span<char *const> arguments);

} // namespace varve::run
