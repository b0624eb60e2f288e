// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/PrintFiles.h"
#include "lib/runtime/File.h"
#include "lib/runtime/tensor/Compare.h"
#include "varve/Error.h"
#include "varve/runtime/Npy.h"

namespace varve::runtime {

static void make_folder(const std::filesystem::path &folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    throw Error(folder.string() + ": expects a folder that can be made, but got '" + code.message() + "'");
}

static void make_folder_of(const std::filesystem::path &file) {
  if (file.has_parent_path())
    make_folder(file.parent_path());
}

void PrintFiles::append(const std::string &to, std::string_view text) {
  std::filesystem::path path = path_below(folder, to).lexically_normal();
  bool fresh = !begun.contains(path);
  if (fresh)
    make_folder_of(path);
  append_file(path, text, fresh);
  begun.insert(path);
}

void PrintFiles::save(const std::string &to, const Tensor &value) const {
  std::filesystem::path path = path_below(folder, to);
  make_folder_of(path);
  save_npy(path, value);
}

std::filesystem::path PrintFiles::next(const PrintInfo &info, const std::string &layer) {
  std::filesystem::path place = path_below(folder, info.to).lexically_normal();
  if (!layer.empty())
    place /= file_name(layer);
  place /= file_name(info.label.empty() ? "output" : info.label);
  int64_t &count = counts[{info.style, place}];
  for (;;) {
    std::filesystem::path name = place;
    name += (count == 0 ? "" : "." + std::to_string(count)) + ".npy";
    ++count;
    if (used[info.style].insert(name).second)
      return name;
  }
}

void PrintFiles::dump(const PrintInfo &info, const std::string &layer, const Tensor &value) {
  std::filesystem::path path = next(info, layer);
  make_folder_of(path);
  save_npy(path, value);
}

void PrintFiles::compare(const PrintInfo &info, const std::string &layer, const Tensor &value) {
  std::filesystem::path path = next(info, layer);
  Comparison comparison = runtime::compare(value, load_npy_any(path), {info.rtol, info.atol});
  if (!comparison.equal)
    throw Error(path.string() + ": " + comparison.text);
}

} // namespace varve::runtime
