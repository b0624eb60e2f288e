// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a checkpoint says about itself beside its tensors: values of GGUF's types by key. Those of safetensors are strings.
//   int64_t heads = checkpoint.metadata.at("llama.attention.head_count").integer();
//   save_gguf("model.gguf", state, {{"general.architecture", "llama"}, {"llama.block_count", uint32_t(2)}});
#pragma once
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace varve::weights {

struct MetadataArray;

/// The values of an array, all of one type; arrays may hold arrays. In the order of GGUF's type numbers.
using MetadataItems =
    std::variant<std::vector<uint8_t>, std::vector<int8_t>, std::vector<uint16_t>, std::vector<int16_t>,
                 std::vector<uint32_t>, std::vector<int32_t>, std::vector<float>, std::vector<bool>,
                 std::vector<std::string>, std::vector<MetadataArray>, std::vector<uint64_t>, std::vector<int64_t>,
                 std::vector<double>>;

struct MetadataArray {
  MetadataItems items;
  size_t size() const;
  friend bool operator==(const MetadataArray &, const MetadataArray &) = default;
};

class MetadataValue {
public:
  /// One value. In the order of GGUF's type numbers.
  using Variant = std::variant<uint8_t, int8_t, uint16_t, int16_t, uint32_t, int32_t, float, bool, std::string,
                               MetadataArray, uint64_t, int64_t, double>;

  MetadataValue() : value(std::string()) {}
  MetadataValue(const char *text) : value(std::string(text)) {}
  MetadataValue(std::string text) : value(std::move(text)) {}
  MetadataValue(MetadataArray array) : value(std::move(array)) {}
  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  MetadataValue(T number) : value(std::in_place_type<T>, number) {}
  template <typename T> MetadataValue(std::vector<T> items) : value(MetadataArray{std::move(items)}) {}

  const Variant &get() const { return value; }
  /// "u32", "string", "array of f32", ...
  std::string type() const;
  /// For people: strings in quotes, long arrays and strings shortened.
  std::string text() const;

  /// **Throws** `Error` if it is none.
  const std::string &string() const;
  /// An integer of any width. **Throws** `Error` for anything else, and for what does not fit.
  int64_t integer() const;
  /// An integer or a float of any width. **Throws** `Error` for anything else.
  double number() const;
  bool boolean() const;
  /// The items of an array of T: std::string, float, int32_t, ... **Throws** `Error` for anything else.
  template <typename T> const std::vector<T> &array() const {
    if (auto *array = std::get_if<MetadataArray>(&value))
      if (auto *items = std::get_if<std::vector<T>>(&array->items))
        return *items;
    fail("array of " + MetadataValue(std::vector<T>()).type().substr(9));
  }

  friend bool operator==(const MetadataValue &, const MetadataValue &) = default;

private:
  Variant value;
  [[noreturn]] void fail(const std::string &expected) const;
};

using Metadata = std::map<std::string, MetadataValue>;

} // namespace varve::weights
