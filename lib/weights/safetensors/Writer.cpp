// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include "lib/weights/Shards.h"
#include "lib/weights/safetensors/Header.h"
#include "varve/weights/Safetensors.h"
#include <algorithm>
#include <set>

namespace varve::weights {
namespace {

namespace fs = std::filesystem;
namespace json = runtime::json;

constexpr size_t data_alignment = 64;
constexpr const char *extension = ".safetensors";
constexpr const char *total_size = "total_size"; // what an index says of the bytes of all tensors

std::string dumped(const json::Value &value, const fs::path &path, int indent = -1) {
  try {
    return value.dump(indent);
  } catch (const json::Value::exception &) {
    throw Error(path.string() + ": expects names and metadata in UTF-8, but got bytes that are not");
  }
}

json::Value strings(const Metadata &metadata, const fs::path &path) {
  json::Value object = json::Value::object();
  for (const auto &[key, value] : metadata) {
    if (!std::holds_alternative<std::string>(value.get()))
      throw Error(path.string() + ": metadata " + runtime::quote(key) +
                  ": expects a string, being all that safetensors has, but got " + value.type() + " " + value.text());
    object[key] = value.string();
  }
  return object;
}

const char *type_name(const std::string &name, const Tensor &tensor, const fs::path &path) {
  if (const char *type = safetensors_name({tensor.dtype(), tensor.encoding()}))
    return type;
  throw Error(path.string() + ": tensor " + runtime::quote(name) +
              ": expects a type that safetensors has, but got blocks of " + tensor.type() + " (GGUF has them)");
}

std::string index_text(const std::vector<StateDict> &shards, const std::vector<fs::path> &files, const fs::path &path) {
  json::Value map = json::Value::object();
  uint64_t bytes = 0;
  for (size_t i = 0; i < shards.size(); ++i)
    for (const auto &[name, tensor] : shards[i]) {
      map[name] = files[i].filename().string();
      bytes += tensor.bytes();
    }
  return dumped({{"metadata", {{total_size, bytes}}}, {"weight_map", std::move(map)}}, path, 2) + "\n";
}

// The shards that an index names, if their names are those of shards; none for what is no index.
std::set<fs::path> shards_named_by(const fs::path &index, const std::string &stem) {
  std::set<fs::path> files;
  try {
    std::vector<std::byte> bytes = runtime::read_file(index);
    json::Value root = json::parse({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, "");
    for (const auto &[name, shard] : json::object(json::field(root, "weight_map", ""), "").items())
      if (const std::string &file = json::string(shard, ""); file.starts_with(stem) && file.ends_with(extension) &&
                                                             file.find('/') == std::string::npos &&
                                                             file.find("-of-") != std::string::npos)
        files.insert(index.parent_path() / file);
  } catch (const Error &) {
    return {}; // there is none, or nothing of it is ours
  }
  return files;
}

// Names that no file has: shards are written beside those of an older checkpoint, which the index tells apart.
std::vector<fs::path> fresh_names(const fs::path &folder, const std::string &stem, size_t count) {
  for (int attempt = 1;; ++attempt) {
    std::vector<fs::path> files;
    files.reserve(count);
    std::string base = attempt == 1 ? stem : stem + "." + std::to_string(attempt);
    for (size_t i = 0; i < count; ++i)
      files.push_back(folder / shard_name(base, i, count, extension));
    std::error_code code;
    if (std::none_of(files.begin(), files.end(), [&](const fs::path &file) { return fs::exists(file, code); }))
      return files;
  }
}

} // namespace

void save_safetensors(const fs::path &path, const StateDict &tensors, const Metadata &metadata) {
  std::vector<const StateDict::value_type *> order;
  for (const auto &each : tensors) {
    if (each.first == "__metadata__")
      throw Error(path.string() + ": expects names of tensors other than '__metadata__', but got that");
    each.second.expect_intact();
    order.push_back(&each);
  }
  std::sort(order.begin(), order.end(), [](auto *a, auto *b) {
    size_t left = size_of(a->second.dtype()), right = size_of(b->second.dtype());
    return left != right ? left > right : a->first < b->first;
  });

  json::Value header = json::Value::object();
  if (!metadata.empty())
    header["__metadata__"] = strings(metadata, path);
  size_t offset = 0;
  for (auto *each : order) {
    const auto &[name, tensor] = *each;
    header[name] = {{"dtype", type_name(name, tensor, path)},
                    {"shape", tensor.logical_shape()},
                    {"data_offsets", {offset, offset + tensor.bytes()}}};
    offset += tensor.bytes();
  }
  std::string text = dumped(header, path);
  uint64_t unpadded = sizeof(uint64_t) + text.size();
  text.append((data_alignment - unpadded % data_alignment) % data_alignment, ' ');
  uint64_t length = text.size();

  std::vector<std::span<const std::byte>> pieces = {std::as_bytes(std::span(&length, 1)),
                                                    std::as_bytes(std::span(text))};
  for (auto *each : order)
    pieces.emplace_back(static_cast<const std::byte *>(each->second.data()), each->second.bytes());
  runtime::write_file(path, pieces);
}

std::vector<fs::path> save_safetensors_sharded(const fs::path &path, const StateDict &tensors, const Metadata &metadata,
                                               uint64_t max_shard_bytes) {
  Metadata own = metadata;
  own.erase(total_size); // of an index that was read; it gets its own
  std::string stem = path.stem().string();
  fs::path index = path;
  index += ".index.json";
  std::set<fs::path> old = shards_named_by(index, stem);
  std::vector<StateDict> shards = shards_of(tensors, max_shard_bytes);
  std::vector<fs::path> files;
  std::error_code ignored; // what cannot be removed harms nobody
  if (shards.size() == 1) {
    // It goes before an index, so the checkpoint is the new one as soon as it is there.
    save_safetensors(path, tensors, own);
    files = {path};
    fs::remove(index, ignored);
  } else {
    files = fresh_names(path.parent_path(), stem, shards.size());
    Unfinished unfinished;
    for (size_t i = 0; i < shards.size(); ++i) {
      save_safetensors(files[i], shards[i], own);
      unfinished.add(files[i]);
    }
    std::string text = index_text(shards, files, index);
    std::span<const std::byte> piece = std::as_bytes(std::span(text));
    runtime::write_file(index, {&piece, 1});
    unfinished.keep();
    fs::remove(path, ignored);
    files.push_back(index);
  }
  for (const fs::path &file : files)
    old.erase(file);
  for (const fs::path &file : old)
    fs::remove(file, ignored);
  return files;
}

} // namespace varve::weights
