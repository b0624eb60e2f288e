// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Metadata.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include <algorithm>
#include <charconv>

namespace varve::weights {
namespace {

constexpr size_t most_items = 6; // of an array, in text

// In the order of GGUF's type numbers.
constexpr const char *names[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                 "bool", "string", "array", "u64", "i64", "f64"};

std::string type_of(const MetadataArray &array) {
  const auto *nested = std::get_if<std::vector<MetadataArray>>(&array.items);
  return "array of " + (nested && !nested->empty() ? type_of(nested->front()) : names[array.items.index()]);
}

std::string text_of(const std::string &text) { return runtime::quote(text); }
std::string text_of(bool value) { return value ? "true" : "false"; }
template <typename T> std::string text_of(T number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}
std::string text_of(const MetadataArray &array) {
  return std::visit(
      [](const auto &items) {
        using Item = typename std::decay_t<decltype(items)>::value_type;
        std::string text = "[";
        for (size_t i = 0; i < std::min(items.size(), most_items); ++i)
          text += (i ? ", " : "") + text_of(static_cast<const Item &>(items[i]));
        if (items.size() > most_items)
          text += ", .. (" + std::to_string(items.size()) + ")";
        return text + "]";
      },
      array.items);
}

} // namespace

size_t MetadataArray::size() const {
  return std::visit([](const auto &values) { return values.size(); }, items);
}

std::string MetadataValue::type() const {
  const auto *array = std::get_if<MetadataArray>(&value);
  return array ? type_of(*array) : names[value.index()];
}

std::string MetadataValue::text() const {
  return std::visit([](const auto &each) { return text_of(each); }, value);
}

void MetadataValue::fail(const std::string &expected) const {
  throw Error("expects metadata of the type " + expected + ", but got " + type() + " " + text());
}

const std::string &MetadataValue::string() const {
  if (auto *text = std::get_if<std::string>(&value))
    return *text;
  fail("string");
}

int64_t MetadataValue::integer() const {
  return std::visit(
      [&]<typename T>(const T &each) -> int64_t {
        if constexpr (std::integral<T> && !std::same_as<T, bool>)
          if (std::in_range<int64_t>(each))
            return static_cast<int64_t>(each);
        fail("integer of 64 bits");
      },
      value);
}

double MetadataValue::number() const {
  return std::visit(
      [&]<typename T>(const T &each) -> double {
        if constexpr ((std::integral<T> && !std::same_as<T, bool>) || std::floating_point<T>)
          return static_cast<double>(each);
        else
          fail("number");
      },
      value);
}

bool MetadataValue::boolean() const {
  if (auto *flag = std::get_if<bool>(&value))
    return *flag;
  fail("bool");
}

} // namespace varve::weights
