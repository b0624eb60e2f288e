// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Patterns and nearest names.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace varve::nn::detail {

/// True if the text is what the pattern says; `*` stands for anything, dots too.
bool matches(std::string_view pattern, std::string_view text);
/// The name with the fewest letters to change, or "" if none is near.
std::string nearest(std::string_view name, const std::vector<std::string> &names);

} // namespace varve::nn::detail
