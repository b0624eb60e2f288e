// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of a tree of layers.
#include "lib/graph/Placement.h"
#include "lib/graph/SummaryTable.h"
#include "varve/Device.h"
#include "varve/nn/Layer.h"
#include <numeric>
#include <set>

namespace varve::nn {
namespace {

using Row = varve::detail::SummaryRow;

void append(std::string &list, const std::string &item) { list += (list.empty() ? "" : ", ") + item; }

uint64_t elements(const Weight &weight) {
  return std::accumulate(weight.shape().begin(), weight.shape().end(), uint64_t(1), [](uint64_t count, const Dim &dim) {
    return count * (dim.is_static() ? static_cast<uint64_t>(dim.value()) : 0);
  });
}

std::string devices_of(const LayerBase &layer) {
  std::optional<varve::detail::Placed> placed = varve::detail::placement_of(layer);
  std::string text;
  for (const Device &device : placed ? placed->placement->devices : std::vector{cpu(0)})
    append(text, device.str());
  return text;
}

class Rows {
public:
  Rows(LayerBase &root, int depth) : depth(depth) {
    for (const auto &[name, weight] : root.raw_state_dict())
      counted.insert(weight);
    visit(root, "(model)", "", 0, 0);
  }

  std::string text() const { return varve::detail::summary_table("weights", rows, total); }

private:
  void visit(LayerBase &layer, const std::string &label, const std::string &path, int level, size_t around) {
    size_t index = around;
    if (level <= depth) {
      index = rows.size();
      rows.push_back({label, std::string(layer.kind()), "", "", devices_of(layer)});
    }
    std::set<std::string> dtypes;
    for (const auto &[name, weight] : layer.layer_weights()) {
      if (level <= depth) {
        append(rows[index].shapes, shape_text(weight->shape()));
        std::string name(name_of(weight->quantization_encoding(), weight->dtype()));
        if (dtypes.insert(name).second)
          append(rows[index].dtypes, name);
      }
      if (counted.erase(weight) == 0) // another layer's
        continue;
      uint64_t count = elements(*weight);
      for (Row *row : {&rows[index], &total}) {
        row->parameters += count;
        row->bytes += bytes_of(count, weight->quantization_encoding(), weight->dtype());
      }
    }
    for (const auto &[name, child] : layer.sublayers()) {
      if (child->parent() != &layer)
        continue; // borrowed: it is where its owner is
      std::string inner = path.empty() ? name : path + "." + name;
      visit(*child, inner, inner, level + 1, index);
    }
  }

  int depth;
  std::vector<Row> rows;
  Row total;
  std::set<const Weight *> counted; // a shared one once
};

} // namespace

std::string LayerBase::summary(int depth) { return Rows(*this, std::max(depth, 0)).text(); }

} // namespace varve::nn
