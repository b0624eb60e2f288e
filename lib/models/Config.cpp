// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/models/Config.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include <filesystem>
#include <type_traits>
#include <variant>

namespace varve::models {

struct Config::Json {
  nlohmann::json object;

  // The entry, or null.
  const nlohmann::json *find(const std::string &key) const {
    auto entry = object.find(key);
    return entry == object.end() || entry->is_null() ? nullptr : &*entry;
  }
};

Config::Config(std::string name) : path(std::move(name)), json(std::make_unique<Json>()) {
  std::vector<std::byte> bytes = runtime::read_file(path);
  auto text = reinterpret_cast<const char *>(bytes.data());
  json->object = runtime::json::parse({text, bytes.size()}, path);
  if (!json->object.is_object())
    throw Error(path + ": expects a JSON object, but got " + json->object.type_name());
}

// Arrays are no options of the models here; an entry that is one is none of the types that are asked for.
Config::Config(const weights::Checkpoint &gguf)
    : path(gguf.sources.empty() ? "GGUF" : gguf.sources.begin()->second.file), json(std::make_unique<Json>()) {
  json->object = nlohmann::json::object();
  for (const auto &[key, value] : gguf.metadata)
    std::visit(
        [&](const auto &each) {
          if constexpr (std::is_same_v<std::decay_t<decltype(each)>, weights::MetadataArray>)
            json->object[key] = value.text();
          else
            json->object[key] = each;
        },
        value.get());
}

Config::~Config() = default;

void Config::fail(const std::string &key, const std::string &rule) const {
  const nlohmann::json *entry = json->find(key);
  throw Error(path + ": expects " + rule + " as " + key + ", but got " +
              (entry ? entry->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) : "nothing"));
}

int64_t Config::integer(const std::string &key, std::optional<int64_t> absent) const {
  const nlohmann::json *entry = json->find(key);
  if (!entry && absent)
    return *absent;
  if (!entry || !entry->is_number_integer() || entry->get<int64_t>() < 1)
    fail(key, "a positive integer");
  return entry->get<int64_t>();
}

double Config::number(const std::string &key, double absent) const {
  const nlohmann::json *entry = json->find(key);
  if (!entry)
    return absent;
  if (!entry->is_number() || !(entry->get<double>() > 0))
    fail(key, "a positive number");
  return entry->get<double>();
}

bool Config::boolean(const std::string &key, bool absent) const {
  const nlohmann::json *entry = json->find(key);
  if (entry && !entry->is_boolean())
    fail(key, "true or false");
  return entry ? entry->get<bool>() : absent;
}

DType Config::dtype(const std::string &key, DType absent) const {
  const nlohmann::json *entry = json->find(key);
  if (!entry)
    return absent;
  if (*entry == "float32")
    return f32;
  if (*entry == "float16")
    return f16;
  if (*entry != "bfloat16")
    fail(key, "float32, float16 or bfloat16");
  return bf16;
}

void Config::expect(const std::string &key, const std::string &text) const {
  if (const nlohmann::json *entry = json->find(key); entry && *entry != text)
    fail(key, "'" + text + "'");
}

void Config::expect(const std::string &key, int64_t number) const {
  if (const nlohmann::json *entry = json->find(key); entry && *entry != number)
    fail(key, std::to_string(number));
}

void Config::expect_off(const std::string &key) const {
  if (const nlohmann::json *entry = json->find(key); entry && *entry != false && *entry != 0)
    fail(key, "nothing");
}

bool is_gguf(const weights::Checkpoint &checkpoint) { return checkpoint.metadata.contains("general.architecture"); }

std::string config_beside(const weights::Checkpoint &checkpoint) {
  if (checkpoint.sources.empty())
    throw Error("expects a checkpoint of GGUF, or from a folder with a config.json, but got neither");
  return (std::filesystem::path(checkpoint.sources.begin()->second.file).parent_path() / "config.json").string();
}

} // namespace varve::models
