// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Patterns of names, one dialect everywhere: `*` is any text, dots too; `?` one character; `[abc0-3]` one of several,
// `[!0-3]` one that is none of them, `[*]` a star. In a set, `]` comes first and `-` first or last.
//   Glob("layers.*.mlp").matches("layers.0.mlp")
#pragma once
#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace varve::runtime {

class Glob {
public:
  /// **Throws** `Error` for a set that does not end or whose range runs backwards.
  explicit Glob(std::string_view pattern);
  bool matches(std::string_view text) const;

private:
  struct Part {
    bool star = false;
    std::bitset<256> characters; // of a part that is no star
  };
  std::vector<Part> parts;
};

} // namespace varve::runtime
