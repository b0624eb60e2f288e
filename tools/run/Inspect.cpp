// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Inspect.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Table.h"
#include "lib/runtime/npy/NpzDirectory.h"
#include "varve/Error.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <algorithm>
#include <nlohmann/json.hpp>

namespace varve::run {
namespace {

using Json = nlohmann::ordered_json;

struct Row {
  std::string name, type;
  std::vector<int64_t> shape;
  uint64_t bytes;
  weights::Source source;
};

struct Contents {
  weights::Found found;
  std::vector<Row> rows;
  weights::Metadata metadata;
};

Row row(const std::string &name, const runtime::NpyArray &array, const std::string &file) {
  Tensor tensor = Tensor::view(array.dtype, array.shape, static_cast<const void *>(""), nullptr); // for its size
  return {name, std::string(name_of(array.dtype)), array.shape, tensor.bytes(), {file, array.data}};
}

// NumPy's files are looked at and not loaded, which would copy them.
Contents read(const std::string &path) {
  Contents contents{weights::find_checkpoint(path), {}, {}};
  std::string file = contents.found.path.string();
  if (contents.found.format == weights::Format::npy || contents.found.format == weights::Format::npz) {
    runtime::MappedFile map = runtime::map_file(contents.found.path);
    std::span<const std::byte> bytes(map.data.get(), map.size);
    if (contents.found.format == weights::Format::npy)
      contents.rows.push_back(row("", runtime::parse_npy(bytes, file, runtime::Uint16::bf16), file));
    else
      for (const runtime::NpzMember &each : runtime::parse_npz(bytes, file, runtime::Uint16::bf16))
        contents.rows.push_back(row(each.name, each.array, file));
    return contents;
  }
  weights::Checkpoint checkpoint = weights::open(contents.found.path);
  for (const auto &[name, tensor] : checkpoint.tensors) {
    std::string_view type = tensor.encoding() == Encoding::none ? name_of(tensor.dtype()) : name_of(tensor.encoding());
    contents.rows.push_back(
        {name, std::string(type), tensor.logical_shape(), tensor.bytes(), checkpoint.sources.at(name)});
  }
  contents.metadata = std::move(checkpoint.metadata);
  return contents;
}

Json to_json(const weights::MetadataArray &array);
template <typename T> Json to_json(const T &value) { return value; }
Json to_json(const weights::MetadataArray &array) {
  Json list = Json::array();
  std::visit(
      [&](const auto &items) {
        for (const auto &item : items)
          list.push_back(to_json(item));
      },
      array.items);
  return list;
}

uint64_t total(const Contents &contents) {
  uint64_t bytes = 0;
  for (const Row &each : contents.rows)
    bytes += each.bytes;
  return bytes;
}

std::string as_json(const Contents &contents) {
  Json root = {{"path", contents.found.path.string()},
               {"format", name_of(contents.found.format)},
               {"bytes", total(contents)},
               {"tensors", Json::array()},
               {"metadata", Json::object()}};
  for (const Row &each : contents.rows)
    root["tensors"].push_back({{"name", each.name},
                               {"type", each.type},
                               {"shape", each.shape},
                               {"bytes", each.bytes},
                               {"file", each.source.file},
                               {"offset", each.source.offset}});
  for (const auto &[key, value] : contents.metadata)
    root["metadata"][key] = {{"type", value.type()},
                             {"value", std::visit([](const auto &each) { return to_json(each); }, value.get())}};
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; // names may be no UTF-8
}

std::string as_text(const Contents &contents) {
  std::vector<std::string> files; // short, and named only if there are several
  files.reserve(contents.rows.size());
  for (const Row &each : contents.rows)
    files.push_back(std::filesystem::path(each.source.file).filename().string());
  bool several =
      std::any_of(files.begin(), files.end(), [&](const std::string &file) { return file != files.front(); });
  std::string text = contents.found.path.string() + ": " + std::string(name_of(contents.found.format)) + ", " +
                     std::to_string(contents.rows.size()) + (contents.rows.size() == 1 ? " tensor" : " tensors") +
                     " of " + std::to_string(total(contents)) + " bytes\n";
  if (!contents.rows.empty()) {
    using runtime::Align;
    using runtime::Table;
    std::vector<Table::Column> columns = {
        {"name"}, {"type"}, {"shape"}, {"bytes", Align::right}, {"offset", Align::right}};
    if (several)
      columns.insert(columns.begin() + 3, {"file"});
    Table table(std::move(columns), "  ");
    for (size_t i = 0; i < contents.rows.size(); ++i) {
      const Row &each = contents.rows[i];
      std::vector<std::string> line = {each.name, each.type, shape_text(each.shape), std::to_string(each.bytes),
                                       std::to_string(each.source.offset)};
      if (several)
        line.insert(line.begin() + 3, files[i]);
      table.add(std::move(line));
    }
    text += "\n" + table.text();
  }
  if (!contents.metadata.empty()) {
    runtime::Table table({{"metadata"}, {"type"}, {"value"}}, "  ");
    for (const auto &[key, value] : contents.metadata)
      table.add({key, value.type(), value.text()});
    text += "\n" + table.text();
  }
  return text;
}

// The rules that --rules names: a file, a set that comes with the library, or the set for what the checkpoint says it is.
weights::Rules rules_named(std::string &name, const weights::Checkpoint &checkpoint) {
  if (name == "auto")
    name = weights::shipped_rules_for(checkpoint);
  return name.ends_with(".json") ? weights::Rules::open(name) : weights::Rules::shipped(name);
}

// One row for each tensor that goes in or comes out.
std::string as_text(const weights::RenamePlan &plan) {
  runtime::Table table({{"name"}, {"becomes"}, {"type"}, {"how"}}, "  ");
  for (const weights::RenamePlan::Step &step : plan.steps) {
    for (size_t i = 0; i < std::max(step.from.size(), step.to.size()); ++i) {
      bool result = i < step.to.size();
      table.add({i < step.from.size() ? step.from[i] : "",
                 result   ? step.to[i]
                 : i == 0 ? "(left out)"
                          : "",
                 result ? step.types[i] : "", i == 0 ? step.how : ""});
    }
  }
  return table.text();
}

Json as_json(const weights::RenamePlan &plan) {
  Json list = Json::array();
  for (const weights::RenamePlan::Step &step : plan.steps)
    list.push_back({{"from", step.from}, {"to", step.to}, {"types", step.types}, {"how", step.how}});
  return list;
}

Inspection dry_run(const std::string &path, std::string name, bool json) {
  weights::Checkpoint checkpoint = weights::open(path);
  weights::RenamePlan plan = rules_named(name, checkpoint).plan(checkpoint);
  Inspection inspection;
  if (json) {
    Json root = {{"path", path}, {"rules", name}, {"steps", as_json(plan)}, {"problems", plan.problems}};
    inspection.text = root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  } else {
    inspection.text = path + ": by the rules " + name + "\n\n" + as_text(plan);
  }
  if (!plan.problems.empty())
    inspection.problem = name + ": expects rules that fit the checkpoint, but got " +
                         std::to_string(plan.problems.size()) +
                         (plan.problems.size() == 1 ? " problem:" : " problems:");
  for (const std::string &problem : plan.problems)
    inspection.problem += "\n  " + problem;
  return inspection;
}

} // namespace

Inspection inspect(std::span<char *const> arguments) {
  const std::string expected = "expects inspect PATH [--json] [--rules NAME|FILE.json|auto], but got ";
  std::string path, rules;
  bool json = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    if (argument == "--json") {
      json = true;
    } else if (argument == "--rules") {
      if (++i == arguments.size())
        throw Error("expects a name, a .json file or auto after --rules, but got nothing");
      rules = arguments[i];
    } else if (argument.starts_with("-") || argument.empty() || !path.empty()) {
      throw Error(expected + "'" + argument + "'" + (path.empty() ? "" : " too"));
    } else {
      path = argument;
    }
  }
  if (path.empty())
    throw Error(expected + "no path");
  if (!rules.empty())
    return dry_run(path, rules, json);
  Contents contents = read(path);
  return {json ? as_json(contents) : as_text(contents), ""};
}

} // namespace varve::run
