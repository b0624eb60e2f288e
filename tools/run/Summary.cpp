// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Summary.h"
#include "lib/runtime/executable/Manifest.h"
#include <algorithm>

namespace varve::run {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; the last one to the right.
std::string table(const std::vector<Row> &rows) {
  std::vector<size_t> widths;
  for (const Row &row : rows)
    for (size_t i = 0; i < row.size(); ++i) {
      widths.resize(std::max(widths.size(), row.size()));
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string text;
  for (const Row &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string gap(widths[i] - row[i].size(), ' ');
      line += "  " + (i + 1 == widths.size() ? gap + row[i] : row[i] + gap);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

// 1234567 -> "1,234,567".
std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), ",");
  return digits;
}

uint64_t bytes_of(const TensorInfo &info) {
  uint64_t bytes = size_of(info.dtype);
  for (int64_t size : info.sizes)
    bytes *= static_cast<uint64_t>(size);
  return bytes;
}

std::string list(const std::string &title, const std::vector<TensorInfo> &infos) {
  if (infos.empty())
    return "";
  std::vector<Row> rows;
  uint64_t total = 0;
  for (const TensorInfo &info : infos) {
    total += bytes_of(info);
    rows.push_back({info.name, std::string(name_of(info.dtype)), info.shape, grouped(bytes_of(info))});
  }
  return title + ": " + grouped(infos.size()) + ", " + grouped(total) + " bytes\n" + table(rows);
}

} // namespace

std::string summarize(const Executable &executable) {
  runtime::Manifest manifest = runtime::Manifest::parse(executable.manifest_json());
  std::string text = "compiled by " + manifest.producer + " for " + manifest.cpu + ", " + manifest.triple + "\n";
  for (const std::string &entry : executable.entries()) {
    std::vector<Row> rows;
    for (const TensorInfo &info : executable.inputs(entry))
      rows.push_back(
          {info.symbol.empty() ? "input" : "size", info.name, std::string(name_of(info.dtype)), info.shape, ""});
    for (const TensorInfo &info : executable.outputs(entry))
      rows.push_back({"output", info.name, std::string(name_of(info.dtype)), info.shape, ""});
    text += "entry " + entry + "\n" + table(rows);
  }
  return text + list("weights", executable.weights()) + list("buffers", executable.buffers());
}

} // namespace varve::run
