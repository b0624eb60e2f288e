// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What was measured: a table for people, JSON for programs.
#pragma once
#include <string>
#include <variant>
#include <vector>

namespace varve::bench {

struct Column {
  std::string name, unit; // the key in JSON is "name unit" with underscores
  int digits = 1;         // after the point
};

using Cell = std::variant<std::string, double>;

class Report {
public:
  Report(std::string title, std::vector<Column> columns);
  void add(std::vector<Cell> row);
  /// A line above the table; a field of the JSON object.
  void note(const std::string &name, const Cell &value);
  std::string text() const;
  std::string json() const;

private:
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<std::pair<std::string, Cell>> notes;
};

} // namespace varve::bench
