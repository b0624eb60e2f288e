// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sets of rules in `rules/`, which the build puts into this library as texts: a program needs no folder of data.
#include "varve/weights/ShippedRules.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include "lib/runtime/Nearest.h"
#include <algorithm>
#include <string_view>

namespace varve::weights {
namespace {

namespace json = runtime::json;

struct File {
  std::string_view name, text;
};
constexpr File files[] = {
#include "ShippedRules.inc"
};

std::vector<std::string> strings(const json::Value &value, const std::string &where) {
  std::vector<std::string> list;
  for (const json::Value &item : json::array(value, where))
    list.push_back(json::string(item, where));
  return list;
}

// A name of each family that a file serves.
struct Entry {
  ShippedRules rules;
  const File *file;
};

const std::vector<Entry> &entries() {
  static const std::vector<Entry> all = [] {
    std::vector<Entry> list;
    for (const File &file : files) {
      std::string where(file.name);
      std::string format = where.substr(where.rfind('-'));
      json::Value root = json::parse(file.text, where);
      std::string about = json::string(json::field(root, "about", where), where);
      const json::Value &families = json::object(json::field(root, "families", where), where);
      for (const auto &[family, architectures] : families.items())
        list.push_back({{family + format, strings(architectures, where), about}, &file});
    }
    std::sort(list.begin(), list.end(), [](const Entry &a, const Entry &b) { return a.rules.name < b.rules.name; });
    return list;
  }();
  return all;
}

bool is_gguf(const ShippedRules &rules) { return rules.name.ends_with("-gguf"); }

std::string listed(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Of what a checkpoint calls itself, the first that there are rules for.
std::string found(const std::vector<std::string> &architectures, bool gguf, const std::string &where) {
  std::vector<std::string> known;
  for (const std::string &architecture : architectures)
    for (const Entry &entry : entries())
      if (const auto &own = entry.rules.architectures;
          is_gguf(entry.rules) == gguf && std::find(own.begin(), own.end(), architecture) != own.end())
        return entry.rules.name;
  for (const Entry &entry : entries())
    if (const auto &own = entry.rules.architectures; is_gguf(entry.rules) == gguf)
      known.insert(known.end(), own.begin(), own.end());
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::string near = architectures.empty() ? "" : runtime::nearest(architectures[0], known);
  throw Error(where + ": expects an architecture that there are rules for, but got " +
              (architectures.empty() ? "none" : runtime::quote(architectures[0])) +
              (near.empty() ? "" : "; nearest: '" + near + "'") + "; there are " + listed(known));
}

} // namespace

std::span<const ShippedRules> shipped_rules() {
  static const std::vector<ShippedRules> all = [] {
    std::vector<ShippedRules> list;
    for (const Entry &entry : entries())
      list.push_back(entry.rules);
    return list;
  }();
  return all;
}

Rules Rules::shipped(std::string_view name) {
  std::vector<std::string> names;
  for (const Entry &entry : entries()) {
    if (entry.rules.name == name)
      return parse(entry.file->text, std::string(entry.file->name));
    names.push_back(entry.rules.name);
  }
  std::string near = runtime::nearest(name, names);
  throw Error("expects the name of rules, but got " + runtime::quote(name) +
              (near.empty() ? "" : "; nearest: '" + near + "'") + "; there are " + listed(names));
}

std::string shipped_rules_for(const Checkpoint &checkpoint) {
  if (auto own = checkpoint.metadata.find("general.architecture"); own != checkpoint.metadata.end()) {
    const auto *name = std::get_if<std::string>(&own->second.get());
    if (!name)
      throw Error("general.architecture: expects a string, but got " + own->second.type());
    return found({*name}, true, "general.architecture");
  }
  if (checkpoint.sources.empty())
    throw Error("expects a checkpoint with general.architecture in its metadata, or from a folder with a config.json, "
                "but got neither");
  std::filesystem::path path =
      std::filesystem::path(checkpoint.sources.begin()->second.file).parent_path() / "config.json";
  std::string where = path.string();
  std::vector<std::byte> bytes = runtime::read_file(path);
  json::Value config = json::parse({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, where);
  std::vector<std::string> architectures;
  json::object(config, where);
  if (const json::Value *type = json::optional(config, "model_type", where); type && !type->is_null())
    architectures.push_back(json::string(*type, where + ".model_type"));
  if (const json::Value *list = json::optional(config, "architectures", where); list && !list->is_null())
    for (std::string &each : strings(*list, where + ".architectures"))
      architectures.push_back(std::move(each));
  return found(architectures, false, where);
}

Rules rules_for(const Checkpoint &checkpoint) { return Rules::shipped(shipped_rules_for(checkpoint)); }

} // namespace varve::weights
