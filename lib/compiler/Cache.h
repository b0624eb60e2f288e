// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A folder of executables that were compiled before, each under a key of all that it was made from.
//   Key key(options); key.add(bytes);
//   if (auto exe = cache.find(key.text())) ..; else cache.keep(key.text(), compiled);
#pragma once
#include "llvm/Support/BLAKE3.h"
#include "varve/compiler/Compile.h"
#include <optional>

namespace varve::compiler {

/// What code depends on: this compiler and LLVM, the CPU, the options, and what is added.
class Key {
public:
  explicit Key(const CompileOptions &options);
  void add(llvm::StringRef bytes);
  /// 64 hexadecimal digits.
  std::string text();

private:
  llvm::BLAKE3 hash;
};

/// What goes wrong in it is said by `CompileOptions::warning`, and costs a compilation, no more.
class Cache {
public:
  explicit Cache(const CompileOptions &options) : options(options) {}
  bool isOn() const { return !options.cache.empty(); }
  std::optional<Executable> find(const std::string &key) const;
  /// Writes an entry, whole or not at all, and makes room for it.
  void keep(const std::string &key, const Executable &executable) const;

private:
  std::filesystem::path pathOf(const std::string &key) const { return options.cache / (key + ".varve"); }
  void warn(const std::string &text) const;
  void makeRoom(const std::filesystem::path &fresh) const;

  const CompileOptions &options;
};

} // namespace varve::compiler
