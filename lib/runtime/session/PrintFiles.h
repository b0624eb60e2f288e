// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The files that prints of a session write and read, all below one folder.
#pragma once
#include "lib/runtime/executable/Manifest.h"
#include "varve/runtime/Tensor.h"
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace varve::runtime {

/// Names that a print gives are a stranger's: what would leave the folder throws.
class PrintFiles {
public:
  explicit PrintFiles(std::filesystem::path folder) : folder(std::move(folder)) {}

  /// The text after what the session has written to the file `to` before; what the file held earlier goes.
  void append(const std::string &to, std::string_view text);
  /// The value as the .npy file `to`, in place of the last one.
  void save(const std::string &to, const Tensor &value) const;
  /// The value as `<to>/<layer>/<label>.npy`; the n-th time after the first, as `<label>.<n>.npy`.
  void dump(const PrintInfo &info, const std::string &layer, const Tensor &value);
  /// **Throws** `Error` unless the value is that of the file that `dump` would write.
  void compare(const PrintInfo &info, const std::string &layer, const Tensor &value);

private:
  std::filesystem::path next(const PrintInfo &info, const std::string &layer);

  std::filesystem::path folder;
  std::set<std::filesystem::path> begun; // text files
  // By style, what was dumped or compared, and how often a name has come; so no name comes twice, whatever labels are.
  std::map<std::string, std::set<std::filesystem::path>> used;
  std::map<std::pair<std::string, std::filesystem::path>, int64_t> counts;
};

} // namespace varve::runtime
