// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/weights/gguf/Metadata.h"
#include <array>
#include <bit>

namespace varve::weights::gguf {
namespace {

static_assert(std::endian::native == std::endian::little, "files are little-endian, and read as they are");

constexpr int most_depth = 8; // arrays in arrays

bool read_bool(Cursor &cursor) {
  uint64_t place = cursor.offset();
  auto byte = cursor.number<uint8_t>("a bool");
  if (byte > 1)
    cursor.fail(place, "a bool, 0 or 1", std::to_string(byte));
  return byte == 1;
}

MetadataArray read_array(Cursor &cursor, int depth);

// The bytes that an item needs at least.
template <typename T> constexpr uint64_t least_bytes = sizeof(T);
template <> constexpr uint64_t least_bytes<bool> = 1;
template <> constexpr uint64_t least_bytes<std::string> = 8;
template <> constexpr uint64_t least_bytes<MetadataArray> = 12;

template <typename T> MetadataItems read_items(Cursor &cursor, int depth) {
  uint64_t count = cursor.count("a number of items", least_bytes<T>);
  std::vector<T> items;
  if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    const std::byte *from = cursor.take(count * sizeof(T), "items");
    items.resize(count);
    if (count != 0)
      std::memcpy(items.data(), from, count * sizeof(T));
  } else {
    items.reserve(count);
    for (uint64_t i = 0; i < count; ++i)
      if constexpr (std::is_same_v<T, bool>)
        items.push_back(read_bool(cursor));
      else if constexpr (std::is_same_v<T, std::string>)
        items.emplace_back(cursor.text("a string"));
      else
        items.push_back(read_array(cursor, depth + 1));
  }
  return items;
}

template <typename T> MetadataValue read_one(Cursor &cursor) {
  if constexpr (std::is_same_v<T, bool>)
    return read_bool(cursor);
  else if constexpr (std::is_same_v<T, std::string>)
    return std::string(cursor.text("a string"));
  else if constexpr (std::is_same_v<T, MetadataArray>)
    return read_array(cursor, 1);
  else
    return cursor.number<T>("a number");
}

// A function for each type number, since the variants' alternatives are in that order.
template <size_t... i> constexpr auto item_readers(std::index_sequence<i...>) {
  return std::array{&read_items<typename std::variant_alternative_t<i, MetadataItems>::value_type>...};
}
template <size_t... i> constexpr auto value_readers(std::index_sequence<i...>) {
  return std::array{&read_one<std::variant_alternative_t<i, MetadataValue::Variant>>...};
}
using Types = std::make_index_sequence<metadata_types>;
static_assert(std::variant_size_v<MetadataItems> == metadata_types);
static_assert(std::variant_size_v<MetadataValue::Variant> == metadata_types);

uint32_t read_type(Cursor &cursor) {
  uint64_t place = cursor.offset();
  auto type = cursor.number<uint32_t>("a type");
  if (type >= metadata_types)
    cursor.fail(place, "a type of metadata from 0 to " + std::to_string(metadata_types - 1), std::to_string(type));
  return type;
}

MetadataArray read_array(Cursor &cursor, int depth) {
  if (depth > most_depth)
    cursor.fail(cursor.offset(), "arrays of at most " + std::to_string(most_depth) + " levels", "more");
  static constexpr auto readers = item_readers(Types());
  return {readers[read_type(cursor)](cursor, depth)};
}

void write_item(std::string &out, const std::string &text) { write_text(out, text); }
void write_item(std::string &out, bool value) { out += static_cast<char>(value); }
template <typename T> void write_item(std::string &out, T number) { write_number(out, number); }
void write_item(std::string &out, const MetadataArray &array) {
  write_number(out, static_cast<uint32_t>(array.items.index()));
  std::visit(
      [&](const auto &items) {
        write_number(out, static_cast<uint64_t>(items.size()));
        for (const auto &item : items)
          write_item(out, item);
      },
      array.items);
}

} // namespace

MetadataValue read_value(Cursor &cursor) {
  static constexpr auto readers = value_readers(Types());
  return readers[read_type(cursor)](cursor);
}

void write_text(std::string &out, std::string_view text) {
  write_number(out, static_cast<uint64_t>(text.size()));
  out += text;
}

void write_value(std::string &out, const MetadataValue &value) {
  write_number(out, static_cast<uint32_t>(value.get().index()));
  std::visit([&](const auto &each) { write_item(out, each); }, value.get());
}

} // namespace varve::weights::gguf
