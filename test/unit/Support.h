// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What unit tests share: the text of an error, and a folder that is gone afterwards.
//   CHECK(error_of([&] { session.run({}); }) == "entry 'main' expects 1 input (x), but got 0");
#pragma once
#include "varve/Error.h"
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varve::test {

/// The text of the `Error` that `body` throws; another exception passes through, none is told.
template <typename Body> std::string error_of(Body body) {
  try {
    body();
  } catch (const Error &error) {
    return error.what();
  }
  return "(no error)";
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "varve-test-XXXXXX").string();
    if (!::mkdtemp(name.data()))
      throw Error("expects a temporary folder for a test, but got none");
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored; // a folder that stays behind fails no test
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::filesystem::path operator/(const std::string &name) const { return path / name; }

  std::filesystem::path path;
};

inline std::vector<std::byte> read_bytes(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto *begin = reinterpret_cast<const std::byte *>(text.data());
  return {begin, begin + text.size()};
}

inline void write_text(const std::filesystem::path &path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

} // namespace varve::test
