// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What varve-run does, once it is in its child process.
#pragma once
#include "tools/run/Child.h"
#include "tools/run/Options.h"

namespace varve::run {

/// Reads, compiles, binds, runs, compares, writes. **Throws** `Error` for whatever is wrong; nothing is printed then.
void run(const Options &options, Child &child);

} // namespace varve::run
