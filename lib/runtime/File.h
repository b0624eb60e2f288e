// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole files, in and out, with errors that name the file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
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

/// What tells one state of a mapped file from another: whoever writes to a file changes its times, whatever he does.
struct MapStamp {
  const void *begin = nullptr; // where the file's first byte is mapped
  uint64_t size = 0, inode = 0;
  int64_t modified = 0, changed = 0; // nanoseconds
  bool operator==(const MapStamp &) const = default;
};
/// Asks the system; nothing for the owner of any other memory.
std::optional<MapStamp> stamp_of(const std::shared_ptr<const void> &owner);
/// Pages that lie in the range whole need not be resident any more: whoever reads them finds them in the file again. Does nothing
/// unless the owner keeps a map.
void release_pages(const std::shared_ptr<const void> &owner, const void *data, size_t bytes);

/// A new file beside `path`, which gets that name when it is complete, so a reader sees the old file or the whole new one.
/// Without `commit` it is gone with this object.
class NewFile {
public:
  /// **Throws** `Error`, as all here that fails.
  explicit NewFile(std::filesystem::path path);
  ~NewFile();
  NewFile(const NewFile &) = delete;
  NewFile &operator=(const NewFile &) = delete;

  void write(std::span<const std::byte> bytes);
  /// Over what was written, from that byte on.
  void write_at(uint64_t offset, std::span<const std::byte> bytes);
  /// Maps it as it will be, before others can replace it.
  MappedFile map();
  /// Says when it was modified, in seconds since the epoch.
  void set_modified(int64_t seconds);
  /// Waits until all is on the disk, and gives it its name.
  void commit();

private:
  std::filesystem::path path;
  std::string name; // "" when it has its own
  int descriptor = -1;
};

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
