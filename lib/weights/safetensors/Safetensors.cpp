// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Safetensors.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include "lib/weights/safetensors/Header.h"
#include <algorithm>

namespace varve::weights {
namespace {

namespace json = runtime::json;

// Where a shard is, if its name is the plain name of a file: an index from outside must not reach other folders.
std::filesystem::path shard_path(const std::filesystem::path &folder, const std::string &name,
                                 const std::string &where) {
  bool plain = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
               name.find('\\') == std::string::npos && name.find('\0') == std::string::npos;
  if (!plain)
    throw Error(where + ": expects the name of a file in the same folder, but got " + runtime::quote(name));
  return folder / name;
}

std::string shown(const json::Value &value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::Value::error_handler_t::replace);
}

} // namespace

Checkpoint open_safetensors(const std::filesystem::path &path) {
  std::string file = path.string();
  runtime::MappedFile map = runtime::map_file(path);
  Header header = parse_header({map.data.get(), map.size}, file);
  Checkpoint checkpoint;
  for (HeaderTensor &each : header.tensors) {
    const void *data = map.data.get() + each.begin;
    Tensor tensor = Tensor::view(each.type.dtype, std::move(each.shape), data, map.data);
    if (each.type.encoding != Encoding::none)
      tensor = Tensor::encoded(each.type.encoding, tensor);
    if (reinterpret_cast<uintptr_t>(data) % size_of(each.type.dtype) != 0) {
      tensor = tensor.clone();
      checkpoint.realigned.push_back(each.name);
    }
    checkpoint.sources[each.name] = {file, each.begin};
    checkpoint.tensors[each.name] = std::move(tensor);
  }
  checkpoint.metadata.insert(header.metadata.begin(), header.metadata.end());
  return checkpoint;
}

Checkpoint open_safetensors_index(const std::filesystem::path &path) {
  std::string file = path.string();
  std::vector<std::byte> bytes = runtime::read_file(path);
  json::Value root = json::parse({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, file);
  const json::Value &map = json::object(json::field(root, "weight_map", file), file + ": weight_map");

  std::map<std::string, std::vector<std::string>> names; // of each shard
  for (const auto &[name, shard] : map.items()) {
    std::string where = file + ": weight_map: " + runtime::quote(name);
    shard_path(path.parent_path(), json::string(shard, where), where);
    names[shard.get<std::string>()].push_back(name);
  }

  Checkpoint checkpoint;
  if (const json::Value *metadata = json::optional(root, "metadata", file))
    for (const auto &[key, value] : json::object(*metadata, file + ": metadata").items())
      checkpoint.metadata[key] = shown(value);
  for (const auto &[shard, wanted] : names) {
    std::filesystem::path place = shard_path(path.parent_path(), shard, file);
    if (std::error_code code; !std::filesystem::exists(place, code))
      throw Error(file + ": expects the file " + runtime::quote(shard) + " with " + std::to_string(wanted.size()) +
                  " tensors (" + runtime::quote(wanted.front()) + " is one) beside it, but got none");
    Checkpoint part = open_safetensors(place);
    std::string missing;
    for (const std::string &name : wanted) {
      auto tensor = part.tensors.extract(name);
      if (tensor.empty()) {
        missing += (missing.empty() ? "" : ", ") + runtime::quote(name);
        continue;
      }
      checkpoint.tensors.insert(std::move(tensor));
      checkpoint.sources.insert(part.sources.extract(name));
      if (std::count(part.realigned.begin(), part.realigned.end(), name) != 0)
        checkpoint.realigned.push_back(name);
    }
    if (!missing.empty())
      throw Error(file + ": expects the file " + runtime::quote(shard) + " to hold " + missing + ", but got none");
    checkpoint.metadata.merge(part.metadata);
  }
  return checkpoint;
}

} // namespace varve::weights
