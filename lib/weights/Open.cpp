// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Open.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Quote.h"
#include "lib/runtime/npy/NpzDirectory.h"
#include "varve/Error.h"
#include "varve/runtime/Npz.h"
#include "varve/weights/Gguf.h"
#include "varve/weights/Safetensors.h"
#include <algorithm>
#include <array>
#include <optional>

namespace varve::weights {
namespace {

namespace fs = std::filesystem;

// In the order of the enum.
struct Entry {
  std::string_view name, ending;
};
constexpr std::array<Entry, 5> formats = {{{"safetensors", ".safetensors"},
                                           {"safetensors index", ".safetensors.index.json"},
                                           {"GGUF", ".gguf"},
                                           {".npz", ".npz"},
                                           {".npy", ".npy"}}};

std::optional<Format> by_content(std::string_view begin) {
  if (begin.starts_with("GGUF"))
    return Format::gguf;
  if (begin.starts_with("PK\3\4") || begin.starts_with("PK\5\6"))
    return Format::npz;
  if (begin.starts_with("\x93NUMPY"))
    return Format::npy;
  // A header's length, which has zeros at its end, and the header.
  if (begin.size() > 8 && begin.substr(5, 3) == std::string_view("\0\0\0", 3) && begin[8] == '{')
    return Format::safetensors;
  size_t first = begin.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && begin[first] == '{')
    return Format::safetensors_index;
  return {};
}

std::optional<Format> by_name(std::string_view name) {
  for (size_t i = 0; i < formats.size(); ++i)
    if (name.ends_with(formats[i].ending))
      return static_cast<Format>(i);
  return {};
}

// The file of a folder of GGUF files: the only one, or the first part of the only split one.
std::optional<fs::path> gguf_in(const fs::path &folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (fs::directory_iterator each(folder, code), end; !code && each != end; each.increment(code))
    if (each->path().extension() == ".gguf")
      files.push_back(each->path());
  std::sort(files.begin(), files.end());
  if (files.empty())
    return {};
  std::string first = files[0].filename().string();
  size_t part = first.rfind("-00001-of-");
  auto of_one = [&](const fs::path &file) {
    std::string name = file.filename().string();
    return name == first || (part != std::string::npos && name.size() == first.size() &&
                             name.starts_with(first.substr(0, part + 1)) && name.ends_with(first.substr(part + 6)));
  };
  if (!std::all_of(files.begin(), files.end(), of_one))
    throw Error(folder.string() + ": expects a folder with one GGUF checkpoint, but got " +
                std::to_string(files.size()) + " files, " + runtime::quote(first) + " and " +
                runtime::quote(files.back().filename().string()) + " among them; name one");
  return files[0];
}

} // namespace

std::string_view name_of(Format format) { return formats.at(static_cast<size_t>(format)).name; }

Found find_checkpoint(const fs::path &path) {
  std::error_code code; // what cannot be asked about counts as absent
  if (!fs::exists(path, code))
    throw Error(path.string() + ": expects a checkpoint (a file or a folder), but got none");
  if (fs::is_directory(path, code)) {
    if (fs::path single = path / "model.safetensors"; fs::exists(single, code))
      return {single, Format::safetensors};
    if (fs::path index = path / "model.safetensors.index.json"; fs::exists(index, code))
      return {index, Format::safetensors_index};
    if (std::optional<fs::path> file = gguf_in(path))
      return {*file, Format::gguf};
    throw Error(path.string() + ": expects a folder with model.safetensors, model.safetensors.index.json or a .gguf "
                                "file, but got none of them");
  }
  std::vector<std::byte> begin = runtime::read_file(path, 64);
  std::optional<Format> format = by_content({reinterpret_cast<const char *>(begin.data()), begin.size()});
  if (!format)
    format = by_name(path.filename().string());
  if (!format)
    throw Error(path.string() + ": expects a file of safetensors, an index of such files, GGUF, .npz or .npy, but got "
                                "one that begins like none of them");
  return {path, *format};
}

Checkpoint open(const fs::path &path) {
  Found found = find_checkpoint(path);
  switch (found.format) {
  case Format::safetensors:
    return open_safetensors(found.path);
  case Format::safetensors_index:
    return open_safetensors_index(found.path);
  case Format::gguf:
    return open_gguf(found.path);
  case Format::npz: {
    Checkpoint checkpoint;
    checkpoint.tensors = load_npz_bf16(found.path);
    std::string file = found.path.string();
    runtime::MappedFile map = runtime::map_file(found.path);
    for (const runtime::NpzMember &each : runtime::parse_npz({map.data.get(), map.size}, file, runtime::Uint16::bf16))
      checkpoint.sources[each.name] = {file, each.array.data};
    return checkpoint;
  }
  case Format::npy:
    break;
  }
  throw Error(path.string() + ": expects tensors with names, but got a .npy file, which has one without");
}

} // namespace varve::weights
