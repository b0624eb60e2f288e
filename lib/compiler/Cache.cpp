// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/compiler/Cache.h"
#include "lib/compiler/CompilerDigest.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/TargetParser/Host.h"
#include "varve/Error.h"
#include <chrono>
#include <cstdio>

namespace varve::compiler {

namespace fs = std::filesystem;

namespace {
// A writer that was killed leaves its temporary file; one so old is nobody's.
constexpr auto oldest = std::chrono::hours(24);

bool isEntry(const fs::path &path) {
  std::string stem = path.stem().string();
  return path.extension() == ".varve" && stem.size() == 64 &&
         llvm::all_of(stem, [](char c) { return llvm::isHexDigit(c); });
}
} // namespace

Key::Key(const CompileOptions &options) {
  add("varve " VARVE_VERSION);
  add(VARVE_COMPILER_DIGEST);
  add("LLVM " LLVM_VERSION_STRING);
  add(llvm::sys::getDefaultTargetTriple());
  add(options.profile ? "profile" : "");
  add(options.cpu);
  if (!std::string_view(options.cpu).starts_with("native"))
    return;
  add(llvm::sys::getHostCPUName());
  llvm::StringMap<bool> has = llvm::sys::getHostCPUFeatures();
  std::vector<llvm::StringRef> features;
  for (const auto &feature : has)
    if (feature.second)
      features.push_back(feature.first());
  llvm::sort(features);
  add(llvm::join(features, ","));
}

// With its length, so that no two lists of texts are one.
void Key::add(llvm::StringRef bytes) {
  uint64_t size = bytes.size();
  hash.update(llvm::StringRef(reinterpret_cast<const char *>(&size), sizeof size));
  hash.update(bytes);
}

std::string Key::text() { return llvm::toHex(hash.final(), /*LowerCase=*/true); }

void Cache::warn(const std::string &text) const {
  if (options.warning)
    options.warning(text);
  else
    std::fprintf(stderr, "varve: warning: %s\n", text.c_str());
}

std::optional<Executable> Cache::find(const std::string &key) const {
  fs::path path = pathOf(key);
  std::error_code code;
  if (fs::file_status status = fs::status(path, code); status.type() == fs::file_type::not_found)
    return std::nullopt;
  try {
    Executable executable = Executable::load(path);
    fs::last_write_time(path, fs::file_time_type::clock::now(), code); // of a folder that is only read, nobody needs it
    return executable;
  } catch (const Error &error) {
    warn(std::string(error.what()) + "; the model is compiled again");
    fs::remove(path, code);
    return std::nullopt;
  }
}

void Cache::keep(const std::string &key, const Executable &executable) const {
  try {
    fs::create_directories(options.cache);
    executable.save(pathOf(key));
    makeRoom(pathOf(key));
  } catch (const fs::filesystem_error &error) {
    warn(options.cache.string() + ": expects a folder to keep compiled code in, but got '" + error.code().message() +
         "'");
  } catch (const Error &error) {
    warn(std::string(error.what()) + "; the code is not kept");
  }
}

// What another process removes meanwhile is gone, which is all that was wanted.
void Cache::makeRoom(const fs::path &fresh) const {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    uint64_t bytes;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code code;
  for (const fs::directory_entry &file : fs::directory_iterator(options.cache)) {
    fs::file_time_type used = file.last_write_time(code);
    if (code)
      continue;
    if (file.path().filename().string().starts_with(".varve-") && fs::file_time_type::clock::now() - used > oldest)
      fs::remove(file.path(), code);
    if (!isEntry(file.path()))
      continue;
    uint64_t bytes = file.file_size(code);
    if (code)
      continue;
    total += bytes;
    entries.push_back({file.path(), used, bytes});
  }
  llvm::sort(entries, [&](const Entry &a, const Entry &b) {
    return std::tuple(a.path == fresh, a.used, a.path) < std::tuple(b.path == fresh, b.used, b.path);
  });
  for (const Entry &entry : entries) {
    if (total <= options.cache_bytes)
      return;
    if (entry.path == fresh)
      warn(fresh.string() + ": expects code of at most " + std::to_string(options.cache_bytes) +
           " bytes to keep (cache_bytes), but got " + std::to_string(entry.bytes));
    fs::remove(entry.path, code);
    total -= entry.bytes;
  }
}

} // namespace varve::compiler
