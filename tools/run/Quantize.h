// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-run quantize: a checkpoint's weights as blocks, in a GGUF file.
#pragma once
#include <span>
#include <string>

namespace varve::run {

/// What follows `quantize` on the command line: a checkpoint, the file to write, --encoding and perhaps --layers. Gives
/// a table of what was done. **Throws** `Error` for anything else, and if there is nothing to quantise; then no file is written.
std::string quantize(std::span<char *const> arguments);

} // namespace varve::run
