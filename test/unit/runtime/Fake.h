// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The hand-written executable of fake-executable.c, whole or with its manifest changed.
#pragma once
#include "test/unit/Support.h"
#include "varve/runtime/Executable.h"
#include <algorithm>

namespace varve::test {

/// Its ELF bytes, not sealed, with one text in them replaced by another of the same length.
inline std::vector<std::byte> fake_elf(std::string_view from = {}, std::string_view to = {}) {
  std::vector<std::byte> bytes = read_bytes(VARVE_FAKE_EXECUTABLE);
  if (from.empty())
    return bytes;
  std::span<const std::byte> old = as_bytes(from), next = as_bytes(to);
  auto found = std::search(bytes.begin(), bytes.end(), old.begin(), old.end());
  if (from.size() != to.size() || found == bytes.end())
    throw Error("expects text of fake-executable.c and as many other bytes, but got '" + std::string(from) + "'");
  std::copy(next.begin(), next.end(), found);
  return bytes;
}

inline Executable fake(std::string_view from = {}, std::string_view to = {}) {
  return Executable::from_bytes(runtime::seal(fake_elf(from, to)));
}

inline StateDict fake_state() {
  return {{"head.weight", Tensor::from<float>({3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})},
          {"head.bias", Tensor::from<float>({3}, {0.5f, 0.25f, -1})}};
}

} // namespace varve::test
