// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/compiler/Link.h"
#include "lld/Common/Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace mlir;

namespace varve::compiler {

namespace {
// A file that goes when its owner does.
struct TemporaryFile {
  llvm::SmallString<128> path;
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  ~TemporaryFile() {
    if (!path.empty())
      (void)llvm::sys::fs::remove(path); // one that stays behind harms nobody
  }
};
} // namespace

FailureOr<std::vector<std::byte>> linkShared(const std::string &object, Location location) {
  TemporaryFile input, output;
  int descriptor = -1;
  std::error_code error = llvm::sys::fs::createTemporaryFile("varve", "o", descriptor, input.path);
  if (!error) {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream << object;
    stream.close();
    error = stream.error();
    stream.clear_error(); // else the stream ends the process
  }
  if (!error)
    error = llvm::sys::fs::createTemporaryFile("varve", "so", output.path);
  if (error)
    return emitError(location) << "expects a temporary file to link in, but got " << error.message();

  std::string messages;
  llvm::raw_string_ostream stream(messages);
  std::vector<const char *> arguments{"ld.lld",           "-shared", "--no-undefined",
                                      "--hash-style=gnu", "-z",      "noexecstack",
                                      input.path.c_str(), "-o",      output.path.c_str()};
  {
    // lld has global state: two links at once crash.
    static std::mutex mutex;
    std::lock_guard lock(mutex);
    lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
    if (result.retCode != 0)
      return emitError(location) << "linking failed: " << messages;
  }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file = llvm::MemoryBuffer::getFile(output.path);
  if (!file)
    return emitError(location) << "expects the linked file, but got " << file.getError().message();
  auto *begin = reinterpret_cast<const std::byte *>((*file)->getBufferStart());
  return std::vector<std::byte>(begin, begin + (*file)->getBufferSize());
}

} // namespace varve::compiler
