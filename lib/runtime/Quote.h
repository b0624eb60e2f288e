// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text from outside made fit for a message: in quotes, short, and without control characters.
#pragma once
#include <string>
#include <string_view>

namespace varve::runtime {

inline std::string quote(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 100))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out + (text.size() > 100 ? "...'" : "'");
}

} // namespace varve::runtime
