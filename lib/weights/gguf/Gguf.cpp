// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Gguf.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Quote.h"
#include "lib/weights/Shards.h"
#include "lib/weights/gguf/Header.h"
#include "varve/Error.h"

namespace varve::weights {
namespace {

// What the metadata of a part say of the split; a file that says nothing is the only one.
struct Split {
  int64_t number = 0, count = 1, tensors = -1;

  Split(const Metadata &metadata, const std::string &file) {
    auto field = [&](const char *key, int64_t &value) {
      auto found = metadata.find(key);
      if (found == metadata.end())
        return;
      try {
        value = found->second.integer();
      } catch (const Error &error) {
        throw Error(file + ": metadata '" + key + "': " + error.what());
      }
    };
    field(gguf::split_number, number);
    field(gguf::split_count, count);
    field(gguf::split_tensors, tensors);
    // 5 digits of the name
    if (count < 1 || count > 99'999 || number < 0 || number >= count)
      throw Error(file + ": expects a split of 1 to 99999 files and one of their numbers, but got split.count " +
                  std::to_string(count) + " and split.no " + std::to_string(number));
  }
};

struct File {
  std::string path;
  runtime::MappedFile map;
  gguf::Header header;
  Split split;

  explicit File(const std::filesystem::path &place)
      : path(place.string()), map(runtime::map_file(place)),
        header(gguf::parse_header({map.data.get(), map.size}, path)), split(header.metadata, path) {}
};

void add(Checkpoint &checkpoint, File &file) {
  for (gguf::HeaderTensor &each : file.header.tensors) {
    if (checkpoint.tensors.contains(each.name))
      throw Error(file.path + ": expects names that no other file of the split has, but got tensor " +
                  runtime::quote(each.name) + ", which is also in " + checkpoint.sources.at(each.name).file);
    const void *data = file.map.data.get() + each.begin;
    Tensor tensor = Tensor::view(each.type.dtype, std::move(each.shape), data, file.map.data);
    if (each.type.encoding != Encoding::none)
      tensor = Tensor::encoded(each.type.encoding, tensor);
    if (reinterpret_cast<uintptr_t>(data) % size_of(each.type.dtype) != 0) {
      tensor = tensor.clone();
      checkpoint.realigned.push_back(each.name);
    }
    checkpoint.sources[each.name] = {file.path, each.begin};
    checkpoint.tensors[each.name] = std::move(tensor);
  }
  for (const char *key : {gguf::split_number, gguf::split_count, gguf::split_tensors})
    file.header.metadata.erase(key);
  checkpoint.metadata.merge(file.header.metadata); // the first file has the model's
}

void expect_number(const File &file, int64_t number, const Split &first) {
  if (file.split.number != number || file.split.count != first.count || file.split.tensors != first.tensors)
    throw Error(file.path + ": expects split.no " + std::to_string(number) + ", split.count " +
                std::to_string(first.count) + " and split.tensors.count " + std::to_string(first.tensors) +
                ", but got " + std::to_string(file.split.number) + ", " + std::to_string(file.split.count) + " and " +
                std::to_string(file.split.tensors));
}

} // namespace

Checkpoint open_gguf(const std::filesystem::path &path) {
  File given(path);
  const Split &split = given.split;
  Checkpoint checkpoint;
  if (split.count == 1) {
    add(checkpoint, given);
    return checkpoint;
  }
  auto count = static_cast<size_t>(split.count);
  std::string name = path.filename().string();
  std::string end = shard_name("", static_cast<size_t>(split.number), count, ".gguf");
  if (!name.ends_with(end))
    throw Error(given.path + ": expects a name that ends with '" + end + "', being number " +
                std::to_string(split.number + 1) + " of " + std::to_string(count) + " files, but got " +
                runtime::quote(name));
  std::string stem = name.substr(0, name.size() - end.size());
  for (size_t i = 0; i < count; ++i) {
    std::filesystem::path place = path.parent_path() / shard_name(stem, i, count, ".gguf");
    if (std::error_code code; !std::filesystem::exists(place, code))
      throw Error(given.path + ": expects the file " + runtime::quote(place.filename().string()) +
                  " beside it, but got none");
    File part(place);
    expect_number(part, static_cast<int64_t>(i), split);
    add(checkpoint, part);
  }
  if (split.tensors != -1 && static_cast<int64_t>(checkpoint.tensors.size()) != split.tensors)
    throw Error(given.path + ": expects " + std::to_string(split.tensors) +
                " tensors in the files of the split, but got " + std::to_string(checkpoint.tensors.size()));
  return checkpoint;
}

} // namespace varve::weights
