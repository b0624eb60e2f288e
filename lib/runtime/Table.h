// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables for people: columns as wide as their widest cell. Names from outside do no harm in them.
//   Table table({{"layer"}, {"bytes", Align::right}});
//   table.add({"mlp", grouped(1 << 20)});
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varve::runtime {

/// 1234567 -> "1,234,567".
inline std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), ",");
  return digits;
}

enum class Align : uint8_t { left, right };

class Table {
public:
  struct Column {
    std::string heading = {};
    Align align = Align::left;
  };

  /// Each line begins with `indent`. Without any heading there is no line of headings.
  explicit Table(std::vector<Column> columns, std::string indent = "")
      : columns(std::move(columns)), indent(std::move(indent)) {}

  /// A row; cells that are left out are empty.
  void add(std::vector<std::string> row) {
    row.resize(columns.size());
    for (std::string &cell : row)
      for (char &c : cell)
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    rows.push_back(std::move(row));
  }
  /// A line from end to end, before the next row.
  void rule() { rules.push_back(rows.size()); }

  std::string text() const {
    std::vector<std::string> headings;
    std::vector<size_t> widths;
    size_t all = columns.empty() ? 0 : 2 * (columns.size() - 1);
    for (size_t i = 0; i < columns.size(); ++i) {
      headings.push_back(columns[i].heading);
      widths.push_back(width(columns[i].heading));
      for (const auto &row : rows)
        widths[i] = std::max(widths[i], width(row[i]));
      all += widths[i];
    }
    std::string out;
    if (std::any_of(headings.begin(), headings.end(), [](const std::string &each) { return !each.empty(); }))
      out += line(headings, widths);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (std::find(rules.begin(), rules.end(), i) != rules.end())
        out += indent + std::string(all, '-') + "\n";
      out += line(rows[i], widths);
    }
    return out;
  }

private:
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> rules;
  std::string indent;

  // In characters: those of UTF-8 have one byte that does not continue another.
  static size_t width(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  }
  std::string line(const std::vector<std::string> &cells, const std::vector<size_t> &widths) const {
    std::string out = indent;
    for (size_t i = 0; i < cells.size(); ++i) {
      std::string gap(widths[i] - width(cells[i]), ' ');
      out += (i == 0 ? "" : "  ") + (columns[i].align == Align::right ? gap + cells[i] : cells[i] + gap);
    }
    return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
  }
};

} // namespace varve::runtime
