// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tables of a graph's layers and of a model's tree have in common.
#pragma once
#include "lib/runtime/Table.h"
#include <string>
#include <vector>

namespace varve::detail {

struct SummaryRow {
  std::string path, kind, shapes, dtypes, device;
  uint64_t parameters = 0, bytes = 0;
};

/// `shapes` is what the shapes are of: outputs or weights.
inline std::string summary_table(const std::string &shapes, const std::vector<SummaryRow> &rows,
                                 const SummaryRow &total) {
  using runtime::Align;
  using runtime::grouped;
  runtime::Table table(
      {{"layer"}, {"type"}, {shapes}, {"dtype"}, {"parameters", Align::right}, {"bytes", Align::right}, {"device"}});
  table.rule();
  for (const SummaryRow &row : rows)
    table.add({row.path, row.kind, row.shapes, row.dtypes, grouped(row.parameters), grouped(row.bytes), row.device});
  table.rule();
  table.add({"total", "", "", "", grouped(total.parameters), grouped(total.bytes)});
  return table.text();
}

} // namespace varve::detail
