// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/weights/gguf/Header.h"
#include "lib/runtime/tensor/Memory.h"
#include "lib/weights/gguf/Metadata.h"
#include "varve/runtime/Tensor.h"
#include <algorithm>
#include <set>
#include <tuple>

namespace varve::weights::gguf {
namespace {

constexpr uint64_t most_count = uint64_t(1) << 20;   // tensors, and keys
constexpr uint64_t least_tensor = 8 + 1 + 4 + 4 + 8; // name, number of dimensions, type, offset
constexpr uint64_t least_metadata = 8 + 1 + 4 + 1;   // key, type, value

uint32_t read_version(Cursor &cursor, const std::string &file) {
  if (cursor.rest() < 4 || std::memcmp(cursor.take(4, "a magic number"), magic, 4) != 0)
    throw Error(file + ": expects a GGUF file, which begins with the bytes 'GGUF', but got something else");
  auto version = cursor.number<uint32_t>("a version");
  if ((version & 0xffff) == 0 && version != 0)
    cursor.fail(4, "a little-endian file",
                "a big-endian one (of version " + std::to_string(__builtin_bswap32(version)) + ")");
  if (version != 2 && version != 3)
    cursor.fail(4, "GGUF of version 2 or 3", "version " + std::to_string(version));
  return version;
}

uint64_t read_count(Cursor &cursor, const char *what, uint64_t least) {
  uint64_t place = cursor.offset(), count = cursor.count(what, least);
  if (count > most_count)
    cursor.fail(place, std::string(what) + " of at most " + std::to_string(most_count), std::to_string(count));
  return count;
}

void read_metadata(Cursor &cursor, uint64_t count, Metadata &metadata) {
  for (uint64_t i = 0; i < count; ++i) {
    cursor.context = "metadata";
    uint64_t place = cursor.offset();
    std::string key = cursor.name("a key");
    cursor.context = "metadata " + runtime::quote(key);
    MetadataValue value = read_value(cursor);
    if (!metadata.emplace(std::move(key), std::move(value)).second)
      cursor.fail(place, "each key once", "it a second time");
  }
}

// The shape in Varve's order; of blocks, the shape of their bytes.
std::vector<int64_t> read_shape(Cursor &cursor) {
  uint64_t place = cursor.offset();
  auto rank = cursor.number<uint32_t>("a number of dimensions");
  if (rank > most_rank)
    cursor.fail(place, "at most " + std::to_string(most_rank) + " dimensions", std::to_string(rank));
  std::vector<int64_t> shape(rank);
  for (size_t axis = rank; axis-- > 0;) {
    place = cursor.offset();
    auto size = cursor.number<uint64_t>("a dimension");
    if (size > static_cast<uint64_t>(INT64_MAX))
      cursor.fail(place, "a dimension of 63 bits", std::to_string(size));
    shape[axis] = static_cast<int64_t>(size);
  }
  return shape;
}

ElementType read_type(Cursor &cursor) {
  uint64_t place = cursor.offset();
  auto number = cursor.number<uint32_t>("a type");
  std::optional<ElementType> type = element_type(number);
  if (!type)
    cursor.fail(place, "a type out of " + known_types(), type_name(number));
  return *type;
}

void to_blocks(Cursor &cursor, uint64_t place, Encoding encoding, std::vector<int64_t> &shape) {
  const EncodingInfo &info = info_of(encoding);
  if (shape.empty() || shape.back() % info.elements != 0)
    cursor.fail(place,
                "rows of whole blocks of " + std::to_string(info.elements) + " elements for " + std::string(info.name),
                shape_text(shape));
  shape.back() /= info.elements;
  shape.push_back(info.bytes);
}

// `begin` is from the data's start, which is known when all tensors are read.
HeaderTensor read_tensor(Cursor &cursor, uint32_t alignment) {
  cursor.context = "tensors";
  HeaderTensor tensor;
  tensor.name = cursor.name("a name");
  cursor.context = "tensor " + runtime::quote(tensor.name);
  uint64_t place = cursor.offset();
  tensor.shape = read_shape(cursor);
  tensor.type = read_type(cursor);
  std::vector<int64_t> shape = tensor.shape;
  if (tensor.type.encoding != Encoding::none)
    to_blocks(cursor, place, tensor.type.encoding, tensor.shape);
  std::optional<size_t> bytes = runtime::byte_count(tensor.type.dtype, tensor.shape);
  if (!bytes)
    cursor.fail(place, "a shape whose bytes fit in 63 bits", shape_text(shape));
  place = cursor.offset();
  tensor.begin = cursor.number<uint64_t>("an offset");
  if (tensor.begin % alignment != 0)
    cursor.fail(place, "an offset that is a multiple of " + std::to_string(alignment), std::to_string(tensor.begin));
  if (__builtin_add_overflow(tensor.begin, *bytes, &tensor.end))
    cursor.fail(place, "an offset inside the file", std::to_string(tensor.begin));
  return tensor;
}

uint32_t alignment_of(const Metadata &metadata, const std::string &file) {
  auto found = metadata.find(alignment_key);
  if (found == metadata.end())
    return default_alignment;
  const auto *value = std::get_if<uint32_t>(&found->second.get());
  if (!value || *value == 0 || (*value & (*value - 1)) != 0)
    throw Error(file + ": metadata 'general.alignment': expects a power of two as u32, but got " +
                found->second.type() + " " + found->second.text());
  return *value;
}

} // namespace

Header parse_header(std::span<const std::byte> bytes, const std::string &file) {
  Cursor cursor(bytes, file);
  Header header;
  header.version = read_version(cursor, file);
  uint64_t tensors = read_count(cursor, "a number of tensors", least_tensor);
  uint64_t keys = read_count(cursor, "a number of metadata", least_metadata);
  read_metadata(cursor, keys, header.metadata);
  header.alignment = alignment_of(header.metadata, file);
  std::set<std::string> names;
  for (uint64_t i = 0; i < tensors; ++i) {
    uint64_t place = cursor.offset();
    header.tensors.push_back(read_tensor(cursor, header.alignment));
    if (!names.insert(header.tensors.back().name).second)
      cursor.fail(place, "each name once", "it a second time");
  }
  header.data = (cursor.offset() + header.alignment - 1) / header.alignment * header.alignment;

  auto before = [](const HeaderTensor &a, const HeaderTensor &b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  };
  std::sort(header.tensors.begin(), header.tensors.end(), before);
  uint64_t room = header.data > bytes.size() ? 0 : bytes.size() - header.data, next = 0;
  for (HeaderTensor &each : header.tensors) {
    std::string where = file + ": tensor " + runtime::quote(each.name) + ": expects ";
    if (each.end > room)
      throw Error(where + std::to_string(each.end - each.begin) + " bytes of data at offset " +
                  std::to_string(each.begin) + " from byte " + std::to_string(header.data) + " on, but got a file of " +
                  std::to_string(bytes.size()) + " bytes");
    if (each.begin < next && each.begin != each.end)
      throw Error(where + "to begin where the tensor before it has ended, at byte " +
                  std::to_string(header.data + next) + ", but got byte " + std::to_string(header.data + each.begin) +
                  " (they overlap)");
    next = std::max(next, each.end);
    each.begin += header.data;
    each.end += header.data;
  }
  return header;
}

} // namespace varve::weights::gguf
