// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules that rename, read from JSON: each field is checked, an unknown one refused.
#include "lib/runtime/Json.h"
#include "lib/runtime/File.h"
#include "lib/weights/rename/Rename.h"
#include <algorithm>
#include <array>

namespace varve::weights {
namespace {

namespace json = runtime::json;

constexpr size_t most_rules = 10000, most_names = 1000, most_length = 1000;

Names names_of(const json::Value &value, const std::string &where) {
  auto text = [&](const json::Value &item, const std::string &at) {
    const std::string &name = json::string(item, at);
    if (name.empty() || name.size() > most_length)
      throw Error(at + ": expects a name of 1 to " + std::to_string(most_length) + " bytes, but got " +
                  std::to_string(name.size()));
    return name;
  };
  if (!value.is_array())
    return text(value, where);
  if (value.size() > most_names)
    throw Error(where + ": expects at most " + std::to_string(most_names) + " names, but got " +
                std::to_string(value.size()));
  Names names;
  for (size_t i = 0; i < value.size(); ++i)
    names.push_back(text(value[i], where + "[" + std::to_string(i) + "]"));
  return names;
}

bool boolean(const json::Value &rule, const char *name, const std::string &where) {
  const json::Value *value = json::optional(rule, name, where);
  if (value && !value->is_boolean())
    throw Error(where + "." + name + ": expects true or false, but got " + value->type_name());
  return value && value->get<bool>();
}

int64_t integer(const json::Value &value, const std::string &where, int64_t low) {
  int64_t number = json::integer(value, where);
  if (number < low)
    throw Error(where + ": expects an integer of at least " + std::to_string(low) + ", but got " +
                std::to_string(number));
  return number;
}

RenameRule rule_of(const json::Value &value, const std::string &where) {
  static constexpr std::array fields = {"from",  "to",  "transpose", "heads",    "axis",  "new_axis",
                                        "sizes", "add", "cast",      "optional", "reason"};
  for (const auto &[key, item] : json::object(value, where).items())
    if (std::find(fields.begin(), fields.end(), key) == fields.end())
      throw Error(where +
                  ": expects from, to, transpose, heads, axis, new_axis, sizes, add, cast, optional or reason, "
                  "but got " +
                  runtime::quote(key));
  RenameRule rule;
  rule.from = names_of(json::field(value, "from", where), where + ".from");
  rule.to = names_of(json::field(value, "to", where), where + ".to");
  rule.transpose = boolean(value, "transpose", where);
  rule.new_axis = boolean(value, "new_axis", where);
  rule.optional = boolean(value, "optional", where);
  if (const json::Value *heads = json::optional(value, "heads", where)) {
    if (heads->is_string() || heads->is_array())
      rule.heads = names_of(*heads, where + ".heads");
    else
      rule.heads = integer(*heads, where + ".heads", 1);
  }
  if (const json::Value *axis = json::optional(value, "axis", where))
    rule.axis = integer(*axis, where + ".axis", 0);
  if (const json::Value *sizes = json::optional(value, "sizes", where))
    for (size_t i = 0; i < json::array(*sizes, where + ".sizes").size(); ++i)
      rule.sizes.push_back(integer((*sizes)[i], where + ".sizes[" + std::to_string(i) + "]", 1));
  if (const json::Value *add = json::optional(value, "add", where)) {
    if (!add->is_number())
      throw Error(where + ".add: expects a number, but got " + add->type_name());
    rule.add = add->get<double>();
  }
  if (const json::Value *reason = json::optional(value, "reason", where))
    rule.reason = json::string(*reason, where + ".reason");
  if (const json::Value *cast = json::optional(value, "cast", where))
    rule.cast = dtype_from_name(json::string(*cast, where + ".cast"));
  return rule;
}

} // namespace

Rules Rules::parse(std::string_view text, const std::string &where) {
  json::Value root = json::parse(text, where);
  const json::Value &list = json::array(json::field(root, "rules", where), where + ".rules");
  if (list.size() > most_rules)
    throw Error(where + ": expects at most " + std::to_string(most_rules) + " rules, but got " +
                std::to_string(list.size()));
  Rules rules;
  for (size_t i = 0; i < list.size(); ++i) {
    std::string at = where + ".rules[" + std::to_string(i) + "]";
    RenameRule rule = rule_of(list[i], at);
    if (std::string wrong = check(rule); !wrong.empty())
      throw Error(at + ": " + wrong);
    rules.rules.push_back(std::move(rule));
  }
  return rules;
}

Rules Rules::open(const std::filesystem::path &path) {
  std::vector<std::byte> bytes = runtime::read_file(path);
  return parse({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, path.string());
}

} // namespace varve::weights
