// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of a model's layers, as they were called.
#include "lib/graph/Recorder.h"

namespace varve::detail {
namespace {

struct Row {
  std::string path, kind, shape, dtype;
  int64_t parameters = 0, bytes = 0;
};

// 1234567 -> "1,234,567".
std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), ",");
  return digits;
}

// True if the path is that of the layer or below it.
bool is_below(std::string_view path, std::string_view layer) {
  return layer.empty() || (path.starts_with(layer) && (path.size() == layer.size() || path[layer.size()] == '.'));
}

Row row_of(const Call &call) {
  Row row{call.path.empty() ? "(model)" : call.path, call.kind, "", "", 0, 0};
  for (const TensorType &type : call.outputs) {
    std::string dtype(name_of(type.dtype));
    row.shape += (row.shape.empty() ? "" : ", ") + shape_text(type.shape);
    if (row.dtype != dtype)
      row.dtype += (row.dtype.empty() ? "" : ", ") + dtype;
  }
  return row;
}

} // namespace

std::string summarize(const Recorder &recorder, int depth) {
  std::vector<Row> rows;
  std::vector<std::string> paths; // of the rows; of a layer called again, none
  for (const Call &call : recorder.calls) {
    auto names = call.path.empty() ? 0 : std::count(call.path.begin(), call.path.end(), '.') + 1;
    if (names > depth)
      continue;
    rows.push_back(row_of(call));
    paths.push_back(call.again ? "#" : call.path);
  }
  if (rows.empty() || !paths.front().empty()) { // a graph of a function
    rows.insert(rows.begin(), Row{"(function)", "", "", "", 0, 0});
    paths.insert(paths.begin(), "");
  }
  Row total{"total", "", "", "", 0, 0};
  for (const Recorder::Used &used : recorder.weights) {
    std::string symbol = used.symbol.str();
    std::string owner = symbol.substr(0, symbol.size() - used.state->name.size());
    if (!owner.empty())
      owner.pop_back(); // the dot
    size_t best = 0;
    for (size_t i = 0; i < rows.size(); ++i)
      if (is_below(owner, paths[i]) && paths[i].size() >= paths[best].size())
        best = i;
    int64_t count = used.type.getNumElements();
    int64_t bytes = count * static_cast<int64_t>(size_of(used.state->type.dtype));
    for (Row *row : {&rows[best], &total}) {
      row->parameters += count;
      row->bytes += bytes;
    }
  }
  rows.push_back(total);

  std::vector<std::vector<std::string>> cells = {{"layer", "type", "output shape", "dtype", "parameters", "bytes"}};
  for (const Row &row : rows)
    cells.push_back({row.path, row.kind, row.shape, row.dtype, grouped(row.parameters), grouped(row.bytes)});
  std::vector<size_t> widths(6);
  for (const auto &line : cells)
    for (size_t i = 0; i < 6; ++i)
      widths[i] = std::max(widths[i], line[i].size());
  size_t width = 10;
  for (size_t each : widths)
    width += each;
  std::string text;
  for (size_t n = 0; n < cells.size(); ++n) {
    if (n == 1 || n + 1 == cells.size())
      text += std::string(width, '-') + "\n";
    std::string line;
    for (size_t i = 0; i < 6; ++i) {
      std::string gap(widths[i] - cells[n][i].size(), ' ');
      line += (i ? "  " : "") + (i >= 4 ? gap + cells[n][i] : cells[n][i] + gap);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

} // namespace varve::detail
