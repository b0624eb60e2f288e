// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole files, in and out, with errors that name the file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varve::runtime {

/// The whole file, or the first `most` bytes. **Throws** `Error` if it cannot be read or is no regular file.
std::vector<std::byte> read_file(const std::filesystem::path &path, size_t most = SIZE_MAX);

/// A file in memory, read only and not copied.
struct MappedFile {
  std::shared_ptr<const std::byte> data; // keeps the map
  size_t size = 0;
};
MappedFile map_file(const std::filesystem::path &path);

/// What keeps a map says which one it is: null for the owner of any other memory.
const void *map_of(const std::shared_ptr<const void> &owner);
/// **Throws** `Error` if the owner keeps the map of a file that has become shorter: touching what is gone would end the
/// process. One system call; nothing for the owner of any other memory.
void expect_intact(const std::shared_ptr<const void> &owner);

/// Writes the pieces one after the other to a new file beside `path`, then gives it that name, so a reader sees the old
/// file or the whole new one. **Throws** `Error`; nothing is left then.
void write_file(const std::filesystem::path &path, std::span<const std::span<const std::byte>> pieces);

/// Writes at the end of a file, or of an empty one if `fresh`; the folder must be there. **Throws** `Error`.
void append_file(const std::filesystem::path &path, std::string_view text, bool fresh);

/// A stranger's path below a folder of ours. **Throws** `Error` unless it is relative, has no `..` and no NUL.
std::filesystem::path path_below(const std::filesystem::path &folder, std::string_view path);

/// A name from a model as the name of one file or folder: `_` stands for what no such name may have.
std::string file_name(std::string_view name);

/// A temporary file that is gone with this object.
class TemporaryFile {
public:
  explicit TemporaryFile(std::span<const std::byte> bytes);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  const std::string &path() const { return name; }

private:
  std::string name;
};

} // namespace varve::runtime
