// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/models/Config.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include <algorithm>
#include <cmath>
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

Config::Config(std::string name, std::unique_ptr<Json> part) : path(std::move(name)), json(std::move(part)) {}
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

std::optional<int64_t> Config::optional_integer(const std::string &key) const {
  return json->find(key) ? std::optional(integer(key)) : std::nullopt;
}

std::vector<int64_t> Config::integers(const std::string &key, const std::vector<int64_t> &absent) const {
  const nlohmann::json *entry = json->find(key);
  if (!entry)
    return absent;
  auto positive = [](const nlohmann::json &each) { return each.is_number_integer() && each.get<int64_t>() >= 1; };
  if (!entry->is_array() || entry->size() != absent.size() || !std::all_of(entry->begin(), entry->end(), positive))
    fail(key, std::to_string(absent.size()) + " positive integers");
  return entry->get<std::vector<int64_t>>();
}

std::array<int64_t, 2> Config::pair(const std::string &key, std::array<int64_t, 2> absent) const {
  const nlohmann::json *entry = json->find(key);
  if (entry && !entry->is_array())
    return {integer(key), integer(key)};
  std::vector<int64_t> both = integers(key, {absent[0], absent[1]});
  return {both[0], both[1]};
}

double Config::number(const std::string &key, std::optional<double> absent) const {
  const nlohmann::json *entry = json->find(key);
  if (!entry && absent)
    return *absent;
  if (!entry || !entry->is_number() || !(entry->get<double>() > 0))
    fail(key, "a positive number");
  return entry->get<double>();
}

std::optional<double> Config::optional_number(const std::string &key) const {
  return has(key) ? std::optional(number(key)) : std::nullopt;
}

std::vector<double> Config::numbers(const std::string &key) const {
  const nlohmann::json *entry = json->find(key);
  auto positive = [](const nlohmann::json &each) { return each.is_number() && each.get<double>() > 0; };
  if (!entry || !entry->is_array() || !std::all_of(entry->begin(), entry->end(), positive))
    fail(key, "a list of positive numbers");
  return entry->get<std::vector<double>>();
}

bool Config::boolean(const std::string &key, bool absent) const {
  const nlohmann::json *entry = json->find(key);
  if (entry && !entry->is_boolean())
    fail(key, "true or false");
  return entry ? entry->get<bool>() : absent;
}

nn::Activation Config::activation(const std::string &key, nn::Activation absent) const {
  using nn::Activation;
  constexpr std::pair<const char *, Activation> names[] = {{"gelu", Activation::gelu},
                                                           {"gelu_new", Activation::gelu_tanh},
                                                           {"gelu_pytorch_tanh", Activation::gelu_tanh},
                                                           {"quick_gelu", Activation::quick_gelu},
                                                           {"relu", Activation::relu},
                                                           {"silu", Activation::silu},
                                                           {"swish", Activation::silu},
                                                           {"sigmoid", Activation::sigmoid},
                                                           {"tanh", Activation::tanh}};
  const nlohmann::json *entry = json->find(key);
  if (!entry)
    return absent;
  std::vector<std::string> known;
  for (auto [name, activation] : names) {
    if (*entry == name)
      return activation;
    known.emplace_back(name);
  }
  expect(key, known);
  return absent;
}

int64_t Config::labels() const {
  const nlohmann::json *names = json->find("id2label");
  if (names && !names->is_object())
    fail("id2label", "an object");
  return names ? static_cast<int64_t>(names->size()) : 2;
}

Config Config::part(const std::string &key) const {
  auto inner = std::make_unique<Json>();
  inner->object = nlohmann::json::object();
  if (const nlohmann::json *entry = json->find(key)) {
    if (!entry->is_object())
      fail(key, "an object");
    inner->object = *entry;
  }
  return {path + ": " + key, std::move(inner)};
}

bool Config::has(const std::string &key) const { return json->find(key); }

std::vector<bool> Config::sliding_layers(int64_t count) const {
  const nlohmann::json *entry = json->find("layer_types");
  if (!entry)
    return {};
  auto is_known = [](const nlohmann::json &each) { return each == "sliding_attention" || each == "full_attention"; };
  if (!entry->is_array() || std::ssize(*entry) != count || !std::all_of(entry->begin(), entry->end(), is_known))
    fail("layer_types", std::to_string(count) + " of 'sliding_attention' or 'full_attention'");
  std::vector<bool> sliding;
  for (const nlohmann::json &each : *entry)
    sliding.push_back(each == "sliding_attention");
  return sliding;
}

bool Config::lists(const std::string &key, const std::string &text) const {
  const nlohmann::json *entry = json->find(key);
  return entry && entry->is_array() && std::find(entry->begin(), entry->end(), text) != entry->end();
}

DType Config::dtype(DType absent) const {
  std::string key = json->find("torch_dtype") ? "torch_dtype" : "dtype";
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

nn::RotaryOptions Config::rotary(int64_t head_dim, double theta) const {
  Config parameters = part(has("rope_scaling") ? "rope_scaling" : "rope_parameters");
  return rotary(parameters, head_dim, number("rope_theta", theta));
}

// Which entries count, and where they are looked for first, is as in transformers' RotaryEmbeddingConfigMixin.
nn::RotaryOptions Config::rotary(const Config &parameters, int64_t head_dim, double theta) const {
  using Kind = nn::RopeScaling::Kind;
  constexpr std::pair<const char *, Kind> names[] = {{"default", Kind::none},      {"linear", Kind::linear},
                                                     {"dynamic", Kind::dynamic},   {"yarn", Kind::yarn},
                                                     {"longrope", Kind::longrope}, {"llama3", Kind::llama3}};
  nn::RotaryOptions options{.theta = parameters.number("rope_theta", theta)};
  nn::RopeScaling &scaling = options.scaling;
  expect("partial_rotary_factor", 1);
  parameters.expect("partial_rotary_factor", 1);
  std::string key = parameters.has("type") && !parameters.has("rope_type") ? "type" : "rope_type", known;
  for (auto [name, kind] : names) {
    known += (known.empty() ? "'" : " or '") + std::string(name) + "'";
    if (parameters.is(key, name))
      scaling.kind = kind;
  }
  if (scaling.kind == Kind::none && (parameters.has(key) || parameters.has("factor")) && !parameters.is(key, "default"))
    parameters.fail(key, known);
  if (scaling.kind == Kind::none)
    return options;
  if (scaling.kind != Kind::linear) {
    int64_t longest = integer("max_position_embeddings");
    int64_t trained = parameters.integer("original_max_position_embeddings", longest);
    scaling.original_max_position_embeddings =
        scaling.kind == Kind::dynamic ? longest : integer("original_max_position_embeddings", trained);
  }
  std::optional<double> factor;
  if (scaling.kind == Kind::yarn || scaling.kind == Kind::longrope) {
    factor = integer("max_position_embeddings") / static_cast<double>(scaling.original_max_position_embeddings);
    scaling.attention_factor = parameters.optional_number("attention_factor");
  }
  scaling.factor = parameters.number("factor", factor);
  if (scaling.kind == Kind::yarn) {
    scaling.beta_fast = parameters.number("beta_fast", scaling.beta_fast);
    scaling.beta_slow = parameters.number("beta_slow", scaling.beta_slow);
    scaling.truncate = parameters.boolean("truncate", scaling.truncate);
    scaling.mscale = parameters.optional_number("mscale");
    scaling.mscale_all_dim = parameters.optional_number("mscale_all_dim");
  } else if (scaling.kind == Kind::longrope) {
    scaling.short_factor = parameters.numbers("short_factor");
    scaling.long_factor = parameters.numbers("long_factor");
  } else if (scaling.kind == Kind::llama3) {
    scaling.low_freq_factor = parameters.number("low_freq_factor");
    scaling.high_freq_factor = parameters.number("high_freq_factor");
  }
  parameters.check(head_dim, options);
  return options;
}

// Which entries count, and what they are if they are absent, is as in llama.cpp's loader. Its attention factor is multiplied by
// YaRN's own.
nn::RotaryOptions Config::rotary(const weights::Checkpoint &gguf, const std::string &of, int64_t head_dim,
                                 double theta) const {
  using Kind = nn::RopeScaling::Kind;
  std::string scaled = of + "rope.scaling.";
  nn::RotaryOptions options{.theta = number(of + "rope.freq_base", theta)};
  nn::RopeScaling &scaling = options.scaling;
  expect(of + "rope.dimension_count", head_dim);
  expect(scaled + "type", std::vector<std::string>{"none", "linear", "yarn"});
  double factor = has(scaled + "factor") ? number(scaled + "factor") : number(of + "rope.scale_linear", 1);
  bool is_yarn = is(scaled + "type", "yarn");
  if (is_yarn) {
    expect(scaled + "yarn_ext_factor", 1);
    expect(scaled + "yarn_attn_factor", 1);
    expect_off(scaled + "yarn_log_multiplier");
    scaling.kind = Kind::yarn;
    scaling.factor = factor;
    scaling.original_max_position_embeddings =
        integer(scaled + "original_context_length", integer(of + "context_length"));
    scaling.attention_factor = number(scaled + "attn_factor", 1) * (0.1 * std::log(std::max(factor, 1.0)) + 1);
    scaling.beta_fast = number(scaled + "yarn_beta_fast", scaling.beta_fast);
    scaling.beta_slow = number(scaled + "yarn_beta_slow", scaling.beta_slow);
  } else {
    expect(scaled + "attn_factor", 1);
    if (factor != 1 && !is(scaled + "type", "none")) {
      scaling.kind = Kind::linear;
      scaling.factor = factor;
    }
  }
  if (auto found = gguf.tensors.find("rope_freqs.weight"); found != gguf.tensors.end()) {
    const Tensor &factors = found->second;
    if (scaling.kind != Kind::none)
      throw Error(path + ": expects rope_freqs.weight or " + scaled + "type, but got both");
    if (factors.encoding() != Encoding::none || factors.dtype() != f32 ||
        factors.shape() != std::vector<int64_t>{head_dim / 2})
      throw Error(path + ": expects rope_freqs.weight of f32 [" + std::to_string(head_dim / 2) + "], but got " +
                  factors.type());
    scaling.kind = Kind::factors;
    for (float each : factors.to_vector<float>())
      scaling.short_factor.push_back(each);
  }
  check(head_dim, options);
  return options;
}

// What the layer refuses is refused here, where the file is known.
void Config::check(int64_t head_dim, const nn::RotaryOptions &options) const {
  try {
    nn::RotaryEmbedding(head_dim, options);
  } catch (const Error &error) {
    throw Error(path + ": " + error.what());
  }
}

bool Config::is(const std::string &key, const std::string &text) const {
  const nlohmann::json *entry = json->find(key);
  return entry && *entry == text;
}

void Config::expect(const std::string &key, const std::string &text) const {
  expect(key, std::vector<std::string>{text});
}

void Config::expect(const std::string &key, const std::vector<std::string> &texts) const {
  const nlohmann::json *entry = json->find(key);
  if (!entry || std::any_of(texts.begin(), texts.end(), [&](const std::string &text) { return *entry == text; }))
    return;
  std::string list;
  for (const std::string &text : texts)
    list += (list.empty() ? "'" : " or '") + text + "'";
  fail(key, list);
}

void Config::expect(const std::string &key, int64_t number) const {
  if (const nlohmann::json *entry = json->find(key); entry && *entry != number)
    fail(key, std::to_string(number));
}

void Config::expect_off(const std::string &key) const {
  if (const nlohmann::json *entry = json->find(key);
      entry && *entry != false && *entry != 0 && *entry != nlohmann::json::array())
    fail(key, "nothing");
}

bool is_gguf(const weights::Checkpoint &checkpoint) { return checkpoint.metadata.contains("general.architecture"); }

GgufEmbedding gguf_embedding(const weights::Checkpoint &checkpoint) {
  auto found = checkpoint.tensors.find("token_embd.weight");
  if (found == checkpoint.tensors.end() || found->second.logical_shape().empty())
    throw Error("expects a matrix token_embd.weight, but got " +
                (found == checkpoint.tensors.end() ? "none" : found->second.type()));
  const Tensor &embedding = found->second;
  return {embedding.logical_shape()[0], !checkpoint.tensors.contains("output.weight"),
          embedding.encoding() == Encoding::none ? embedding.dtype() : f32};
}

std::string config_beside(const weights::Checkpoint &checkpoint) {
  if (checkpoint.sources.empty())
    throw Error("expects a checkpoint of GGUF, or from a folder with a config.json, but got neither");
  return (std::filesystem::path(checkpoint.sources.begin()->second.file).parent_path() / "config.json").string();
}

} // namespace varve::models
