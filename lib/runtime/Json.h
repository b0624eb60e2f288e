// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// JSON from outside, checked as it is read: syntax, duplicate keys and depth become one `Error` each, and every field
// is fetched with its type. `where` begins each message: the file, or the field's path in it.
#pragma once
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace varve::runtime::json {

using Value = nlohmann::json;

inline constexpr int most_depth = 64;

/// **Throws** `Error` for what is no JSON, for a key that an object has twice, and for more than 64 levels.
inline Value parse(std::string_view text, const std::string &where) {
  std::vector<std::set<std::string>> keys;
  auto check = [&](int depth, nlohmann::json::parse_event_t event, Value &parsed) {
    using Event = nlohmann::json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= most_depth)
      throw Error(where + ": expects JSON of at most " + std::to_string(most_depth) + " levels, but got more");
    if (event == Event::object_start)
      keys.emplace_back();
    else if (event == Event::object_end)
      keys.pop_back();
    else if (event == Event::key && !keys.back().insert(parsed.get_ref<const std::string &>()).second)
      throw Error(where + ": expects each key of an object once, but got " +
                  quote(parsed.get_ref<const std::string &>()) + " twice");
    return true;
  };
  try {
    return Value::parse(text.begin(), text.end(), check);
  } catch (const nlohmann::json::parse_error &error) {
    throw Error(where + ": expects JSON, but got a syntax error at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception &) { // the one kind left: a number like 1e999
    throw Error(where + ": expects JSON with numbers that fit, but got one out of range");
  }
}

inline const Value &object(const Value &value, const std::string &where) {
  if (!value.is_object())
    throw Error(where + ": expects an object, but got " + value.type_name());
  return value;
}

inline const Value &array(const Value &value, const std::string &where) {
  if (!value.is_array())
    throw Error(where + ": expects an array, but got " + value.type_name());
  return value;
}

inline const std::string &string(const Value &value, const std::string &where) {
  if (!value.is_string())
    throw Error(where + ": expects a string, but got " + value.type_name());
  return value.get_ref<const std::string &>();
}

inline int64_t integer(const Value &value, const std::string &where) {
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    throw Error(where + ": expects an integer of 64 bits, but got " + std::to_string(value.get<uint64_t>()));
  if (!value.is_number_integer())
    throw Error(where + ": expects an integer, but got " +
                (value.is_number() ? "a number that is none or too large" : value.type_name()));
  return value.get<int64_t>();
}

inline bool boolean(const Value &value, const std::string &where) {
  if (!value.is_boolean())
    throw Error(where + ": expects true or false, but got " + value.type_name());
  return value.get<bool>();
}

/// The field of an object. **Throws** `Error` if it is missing.
inline const Value &field(const Value &value, const char *name, const std::string &where) {
  auto found = object(value, where).find(name);
  if (found == value.end())
    throw Error(where + ": expects a field '" + name + "', but got none");
  return *found;
}

/// The field, or null if it is missing.
inline const Value *optional(const Value &value, const char *name, const std::string &where) {
  auto found = object(value, where).find(name);
  return found == value.end() ? nullptr : &*found;
}

} // namespace varve::runtime::json
