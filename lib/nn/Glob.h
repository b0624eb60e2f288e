// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Patterns and nearest names.
#pragma once
#include "lib/runtime/Glob.h"
#include "lib/runtime/Nearest.h"

namespace varve::nn::detail {

/// True if the text is what the glob says. **Throws** `Error` for a glob that is none.
inline bool matches(std::string_view glob, std::string_view text) { return runtime::Glob(glob).matches(text); }
using runtime::nearest;

} // namespace varve::nn::detail
