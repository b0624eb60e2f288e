// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/bench/Report.h"
#include "lib/runtime/Table.h"
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace varve::bench {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Cell &cell, int digits) {
  if (const auto *text = std::get_if<std::string>(&cell))
    return *text;
  char out[40];
  std::snprintf(out, sizeof out, "%.*f", digits, std::get<double>(cell));
  return out;
}

Json json_of(const Cell &cell) {
  if (const auto *text = std::get_if<std::string>(&cell))
    return *text;
  double value = std::get<double>(cell);
  return value == std::floor(value) && std::abs(value) < 1e15 ? Json(static_cast<int64_t>(value)) : Json(value);
}

std::string key_of(std::string name) {
  std::string key;
  for (char c : name)
    if (c == '%')
      key += "percent";
    else
      key += c == ' ' || c == '/' ? '_' : c;
  return key;
}

std::string heading(const Column &column) {
  return column.unit.empty() ? column.name : column.name + " " + column.unit;
}

} // namespace

Report::Report(std::string title, std::vector<Column> columns) : title(std::move(title)), columns(std::move(columns)) {}
void Report::add(std::vector<Cell> row) { rows.push_back(std::move(row)); }
void Report::note(const std::string &name, const Cell &value) { notes.emplace_back(name, value); }

std::string Report::text() const {
  std::string out = title + "\n";
  for (const auto &[name, value] : notes)
    out += "  " + name + ": " + text_of(value, 1) + "\n";
  std::vector<runtime::Table::Column> headings;
  for (const Column &column : columns)
    headings.push_back({heading(column), runtime::Align::right});
  runtime::Table table(headings, "  ");
  for (const auto &row : rows) {
    std::vector<std::string> cells;
    for (size_t c = 0; c < columns.size(); ++c)
      cells.push_back(text_of(row[c], columns[c].digits));
    table.add(std::move(cells));
  }
  return out + table.text();
}

std::string Report::json() const {
  Json root = {{"benchmark", title}};
  for (const auto &[name, value] : notes)
    root[key_of(name)] = json_of(value);
  root["rows"] = Json::array();
  for (const auto &row : rows) {
    Json fields;
    for (size_t c = 0; c < columns.size(); ++c)
      fields[key_of(heading(columns[c]))] = json_of(row[c]);
    root["rows"].push_back(fields);
  }
  return root.dump(2) + "\n";
}

} // namespace varve::bench
