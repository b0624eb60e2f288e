// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/Glob.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"

namespace varve::runtime {
namespace {

// The set that begins at pattern[at], which is then the place of its `]`.
std::bitset<256> set_at(std::string_view pattern, size_t &at) {
  size_t begin = at + 1;
  bool inverted = begin < pattern.size() && pattern[begin] == '!';
  begin += inverted ? 1 : 0;
  size_t end = pattern.find(']', begin + 1); // a first `]` is one of the characters
  if (end == std::string_view::npos)
    throw Error("expects a glob in which every '[' has its ']', but got " + quote(pattern));
  std::bitset<256> set;
  for (size_t i = begin; i < end; ++i) {
    auto low = static_cast<unsigned char>(pattern[i]), high = low;
    if (i + 2 < end && pattern[i + 1] == '-') {
      high = static_cast<unsigned char>(pattern[i + 2]);
      if (low > high)
        throw Error("expects ranges from the lower to the higher character in a glob, but got " + quote(pattern));
      i += 2;
    }
    for (unsigned c = low; c <= high; ++c)
      set.set(c);
  }
  at = end;
  return inverted ? ~set : set;
}

} // namespace

Glob::Glob(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    Part part;
    part.star = pattern[i] == '*';
    if (pattern[i] == '?')
      part.characters.set();
    else if (pattern[i] == '[')
      part.characters = set_at(pattern, i);
    else
      part.characters.set(static_cast<unsigned char>(pattern[i]));
    parts.push_back(part);
  }
}

bool Glob::matches(std::string_view text) const {
  constexpr size_t none = ~size_t(0);
  size_t p = 0, t = 0, star = none, kept = 0;
  while (t < text.size()) {
    if (p < parts.size() && parts[p].star) {
      star = p++;
      kept = t;
    } else if (p < parts.size() && parts[p].characters[static_cast<unsigned char>(text[t])]) {
      ++p, ++t;
    } else if (star != none) { // the last star takes one more
      p = star + 1;
      t = ++kept;
    } else {
      return false;
    }
  }
  while (p < parts.size() && parts[p].star)
    ++p;
  return p == parts.size();
}

} // namespace varve::runtime
