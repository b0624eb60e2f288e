// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/File.h"
#include "lib/weights/Shards.h"
#include "lib/weights/gguf/Metadata.h"
#include "varve/weights/Gguf.h"
#include <algorithm>

namespace varve::weights {
namespace {

constexpr uint32_t most_alignment = 1 << 16;

uint32_t alignment_of(const Metadata &metadata) {
  auto found = metadata.find(gguf::alignment_key);
  if (found == metadata.end())
    return gguf::default_alignment;
  const auto *value = std::get_if<uint32_t>(&found->second.get());
  if (!value || *value == 0 || (*value & (*value - 1)) != 0 || *value > most_alignment)
    throw Error("expects general.alignment to be a power of two up to " + std::to_string(most_alignment) +
                " as u32, but got " + found->second.type() + " " + found->second.text());
  return *value;
}

void check(const StateDict &tensors, const Metadata &metadata, const GgufOptions &options) {
  if (options.version != 2 && options.version != 3)
    throw Error("expects GGUF of version 2 or 3, but got version " + std::to_string(options.version));
  auto check_name = [](const std::string &name, const char *what) {
    if (name.empty() || name.size() > gguf::most_name)
      throw Error("expects " + std::string(what) + " of 1 to " + std::to_string(gguf::most_name) + " bytes, but got " +
                  std::to_string(name.size()));
  };
  for (const auto &[key, value] : metadata) {
    check_name(key, "a key of metadata");
    if (key == gguf::split_number || key == gguf::split_count || key == gguf::split_tensors)
      throw Error("expects metadata without what is said of a split as it is written, but got '" + key + "'");
  }
  alignment_of(metadata);
  for (const auto &[name, tensor] : tensors) {
    check_name(name, "a tensor's name");
    tensor.expect_intact();
    if (!gguf::number_of({tensor.dtype(), tensor.encoding()}))
      throw Error("tensor " + runtime::quote(name) + ": expects a type that GGUF has (" + gguf::known_types() +
                  "), but got " + tensor.type());
    std::vector<int64_t> shape = tensor.logical_shape();
    if (shape.size() > gguf::most_rank)
      throw Error("tensor " + runtime::quote(name) + ": expects at most " + std::to_string(gguf::most_rank) +
                  " dimensions, but got " + tensor.type());
  }
}

void write(const std::filesystem::path &path, const StateDict &tensors, const Metadata &metadata, uint32_t version) {
  uint64_t alignment = alignment_of(metadata);
  auto padding = [&](uint64_t size) { return (alignment - size % alignment) % alignment; };
  std::string header(gguf::magic, 4);
  gguf::write_number(header, version);
  gguf::write_number(header, static_cast<uint64_t>(tensors.size()));
  gguf::write_number(header, static_cast<uint64_t>(metadata.size()));
  for (const auto &[key, value] : metadata) {
    gguf::write_text(header, key);
    gguf::write_value(header, value);
  }
  uint64_t offset = 0;
  for (const auto &[name, tensor] : tensors) {
    gguf::write_text(header, name);
    std::vector<int64_t> shape = tensor.logical_shape();
    gguf::write_number(header, static_cast<uint32_t>(shape.size()));
    for (size_t axis = shape.size(); axis-- > 0;)
      gguf::write_number(header, shape[axis]);
    gguf::write_number(header, *gguf::number_of({tensor.dtype(), tensor.encoding()}));
    gguf::write_number(header, offset);
    offset += tensor.bytes() + padding(tensor.bytes());
  }
  header.append(padding(header.size()), '\0');

  const std::vector<std::byte> zeros(alignment);
  std::vector<std::span<const std::byte>> pieces = {std::as_bytes(std::span(header))};
  for (const auto &[name, tensor] : tensors) {
    pieces.emplace_back(static_cast<const std::byte *>(tensor.data()), tensor.bytes());
    pieces.emplace_back(zeros.data(), padding(tensor.bytes()));
  }
  runtime::write_file(path, pieces);
}

} // namespace

std::vector<std::filesystem::path> save_gguf(const std::filesystem::path &path, const StateDict &tensors,
                                             const Metadata &metadata, GgufOptions options) {
  try {
    check(tensors, metadata, options);
  } catch (const Error &error) {
    throw Error(path.string() + ": " + error.what());
  }
  std::vector<StateDict> parts = shards_of(tensors, options.max_file_bytes);
  if (parts.size() == 1) {
    write(path, tensors, metadata, options.version);
    return {path};
  }
  if (parts.size() > 0xffff)
    throw Error(path.string() + ": expects at most 65535 files of a split, but got " + std::to_string(parts.size()));
  std::string stem = path.stem().string();
  std::vector<std::filesystem::path> files;
  for (size_t i = 0; i < parts.size(); ++i) {
    files.push_back(path.parent_path() / shard_name(stem, i, parts.size(), ".gguf"));
    if (std::error_code code; std::filesystem::exists(files.back(), code))
      throw Error(files.back().string() + ": expects no file of this name, several files being written that cannot " +
                  "replace others at once, but got one");
  }
  Unfinished unfinished;
  for (size_t i = 0; i < parts.size(); ++i) {
    Metadata own = i == 0 ? metadata : Metadata();
    if (auto found = metadata.find(gguf::alignment_key); found != metadata.end())
      own.insert(*found);
    // Of the types that llama.cpp writes.
    own[gguf::split_number] = static_cast<uint16_t>(i);
    own[gguf::split_count] = static_cast<uint16_t>(parts.size());
    own[gguf::split_tensors] = static_cast<int32_t>(tensors.size());
    write(files[i], parts[i], own, options.version);
    unfinished.add(files[i]);
  }
  return unfinished.keep();
}

} // namespace varve::weights
