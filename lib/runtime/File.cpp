// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/File.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace varve::runtime {
namespace {

[[noreturn]] void fail(const std::string &path, const std::string &expected, int code) {
  throw Error(path + ": expects " + expected + ", but got '" + std::strerror(code) + "'");
}

class Descriptor {
public:
  explicit Descriptor(int fd) : fd(fd) {}
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  int get() const { return fd; }
  int release() { return std::exchange(fd, -1); }

private:
  int fd;
};

// Opens a regular file and gives its size; a directory or a pipe would only fail later, or hang.
size_t open_regular(const std::filesystem::path &path, Descriptor &file) {
  if (file.get() < 0)
    fail(path.string(), "a file that can be read", errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0)
    fail(path.string(), "a file that can be read", errno);
  if (!S_ISREG(info.st_mode))
    throw Error(path.string() + ": expects a regular file, but got " +
                (S_ISDIR(info.st_mode) ? "a folder" : "a device or a pipe"));
  return static_cast<size_t>(info.st_size);
}

int write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(fd, bytes.data(), std::min(bytes.size(), size_t(1) << 30));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return 0;
}

// Not mkstemp: its files are for their owner only, whatever the umask.
int create_beside(const std::filesystem::path &folder, std::string &name) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    name = (folder / (".varve-" + std::to_string(::getpid()) + "-" + std::to_string(counter++))).string();
    int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST)
      return fd;
  }
}

// The deleter of a map: what is known of its file, which stays open so that its size can be asked for.
struct Unmap {
  std::string path;
  size_t size;
  std::shared_ptr<Descriptor> file;
  void operator()(const std::byte *data) const { ::munmap(const_cast<std::byte *>(data), size); }
};

int64_t nanoseconds(const timespec &time) { return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec; }

MappedFile map_descriptor(const std::string &path, size_t size, std::shared_ptr<Descriptor> file) {
  if (size == 0)
    return {};
  void *map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file->get(), 0);
  if (map == MAP_FAILED)
    fail(path, "a file that can be mapped", errno);
  return {std::shared_ptr<const std::byte>(static_cast<const std::byte *>(map), Unmap{path, size, std::move(file)}),
          size};
}

} // namespace

std::vector<std::byte> read_file(const std::filesystem::path &path, size_t most) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::vector<std::byte> bytes(std::min(open_regular(path, file), most));
  size_t have = 0;
  while (have < bytes.size()) {
    ssize_t count = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      fail(path.string(), "a file that can be read", errno);
    if (count == 0)
      break; // it became shorter; its format's own checks say so
    have += static_cast<size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

MappedFile map_file(const std::filesystem::path &path) {
  auto file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  size_t size = open_regular(path, *file);
  return map_descriptor(path.string(), size, std::move(file));
}

const void *map_of(const std::shared_ptr<const void> &owner) { return std::get_deleter<Unmap>(owner); }

void expect_intact(const std::shared_ptr<const void> &owner) {
  const Unmap *map = std::get_deleter<Unmap>(owner);
  struct stat info{};
  if (map && ::fstat(map->file->get(), &info) == 0 && static_cast<size_t>(info.st_size) < map->size)
    throw Error(map->path + ": expects the " + std::to_string(map->size) +
                " bytes that it had when it was mapped, but got " + std::to_string(info.st_size));
}

std::optional<MapStamp> stamp_of(const std::shared_ptr<const void> &owner) {
  const Unmap *map = std::get_deleter<Unmap>(owner);
  struct stat info{};
  if (!map || ::fstat(map->file->get(), &info) != 0)
    return std::nullopt;
  return MapStamp{owner.get(), static_cast<uint64_t>(info.st_size), info.st_ino, nanoseconds(info.st_mtim),
                  nanoseconds(info.st_ctim)};
}

void release_pages(const std::shared_ptr<const void> &owner, const void *data, size_t bytes) {
  if (!map_of(owner))
    return;
  auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)), begin = reinterpret_cast<uintptr_t>(data);
  uintptr_t first = (begin + page - 1) / page * page, end = (begin + bytes) / page * page;
  if (first < end) // a map that is only read has nothing to lose
    ::madvise(reinterpret_cast<void *>(first), end - first, MADV_DONTNEED);
}

NewFile::NewFile(std::filesystem::path place) : path(std::move(place)) {
  descriptor = create_beside(path.has_parent_path() ? path.parent_path() : ".", name);
  if (descriptor < 0)
    fail(path.string(), "a place where a file can be written", errno);
}

NewFile::~NewFile() {
  if (descriptor >= 0)
    ::close(descriptor);
  if (!name.empty())
    ::unlink(name.c_str());
}

void NewFile::write(std::span<const std::byte> bytes) {
  if (int code = write_all(descriptor, bytes))
    fail(path.string(), "room to write the file", code);
}

void NewFile::write_at(uint64_t offset, std::span<const std::byte> bytes) {
  off_t end = ::lseek(descriptor, 0, SEEK_CUR);
  if (end < 0 || ::lseek(descriptor, static_cast<off_t>(offset), SEEK_SET) < 0)
    fail(path.string(), "a file that can be written", errno);
  write(bytes);
  if (::lseek(descriptor, end, SEEK_SET) < 0)
    fail(path.string(), "a file that can be written", errno);
}

MappedFile NewFile::map() {
  auto file = std::make_shared<Descriptor>(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  size_t size = open_regular(path, *file);
  return map_descriptor(path.string(), size, std::move(file));
}

void NewFile::set_modified(int64_t seconds) {
  const timespec times[] = {{seconds, 0}, {seconds, 0}};
  if (::futimens(descriptor, times) != 0)
    fail(path.string(), "a file whose time can be set", errno);
}

void NewFile::commit() {
  if (::fsync(descriptor) != 0)
    fail(path.string(), "a file that can be written", errno);
  if (::close(std::exchange(descriptor, -1)) != 0 || ::rename(name.c_str(), path.c_str()) != 0)
    fail(path.string(), "a file that can be written", errno);
  name.clear();
  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0)
    ::fsync(parent.get()); // so that the new name outlives a power cut; not every file system can
}

void write_file(const std::filesystem::path &path, std::span<const std::span<const std::byte>> pieces) {
  NewFile file(path);
  for (std::span<const std::byte> piece : pieces)
    file.write(piece);
  file.commit();
}

void append_file(const std::filesystem::path &path, std::string_view text, bool fresh) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0666));
  if (file.get() < 0)
    fail(path.string(), "a file that can be written", errno);
  if (int code = write_all(file.get(), std::as_bytes(std::span(text))))
    fail(path.string(), "room to write the file", code);
  if (::close(file.release()) != 0)
    fail(path.string(), "a file that can be written", errno);
}

std::filesystem::path path_below(const std::filesystem::path &folder, std::string_view path) {
  std::filesystem::path relative(path);
  bool leaves = std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (path.empty() || relative.is_absolute() || leaves || path.find('\0') != std::string_view::npos)
    throw Error("expects a relative path without '..', but got " + quote(path));
  return folder / relative;
}

std::string file_name(std::string_view name) {
  std::string safe(name);
  for (char &c : safe)
    if (c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '_';
  if (safe.find_first_not_of('.') == std::string::npos) // none, here, above
    safe.insert(0, "_");
  return safe;
}

TemporaryFile::TemporaryFile(std::span<const std::byte> bytes) {
  std::error_code code;
  std::filesystem::path folder = std::filesystem::temp_directory_path(code);
  name = ((code ? std::filesystem::path("/tmp") : folder) / "varve-XXXXXX").string();
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.get() < 0)
    fail(folder.string(), "a temporary file to load the code from (TMPDIR)", errno);
  if (int write_code = write_all(file.get(), bytes)) {
    ::unlink(name.c_str());
    fail(folder.string(), "room for a temporary file to load the code from (TMPDIR)", write_code);
  }
}

TemporaryFile::~TemporaryFile() { ::unlink(name.c_str()); }

} // namespace varve::runtime
