// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/graph/Summary.h"
#include "lib/graph/Recorder.h"
#include "lib/graph/SummaryTable.h"
#include "llvm/ADT/StringSet.h"
#include "varve/Device.h"

using namespace mlir;

namespace varve::detail {
namespace {

using Row = SummaryRow;

// Where the ops of a graph or a layer run: what the mesh that its `placement` names says; else `around`.
std::string device_of(Operation *op, const std::string &around) {
  auto placement = op->getAttrOfType<FlatSymbolRefAttr>("placement");
  auto mesh = placement ? SymbolTable::lookupNearestSymbolFrom<ir::MeshOp>(op, placement) : ir::MeshOp();
  return mesh ? mesh.getDeviceText() : around;
}

class Rows {
public:
  Rows(ir::GraphOp graph, int depth) : depth(depth) {
    add("", "@" + graph.getSymName().str(), "graph", graph.getResultTypes(), device_of(graph, cpu(0).str()));
    visit(graph.getBody(), "", 0);
  }

  void count(ir::WeightOp weight) {
    auto type = cast<RankedTensorType>(weight.getType());
    auto elements = static_cast<uint64_t>(type.getNumElements());
    TensorType stored = tensor_type_of(type);
    uint64_t bytes = bytes_of(elements, stored.encoding, stored.dtype);
    auto around = [](StringRef path) { return path.contains('.') ? path.rsplit('.').first : StringRef(); };
    StringRef owner = around(weight.getSymName());
    while (!owners.contains(owner))
      owner = around(owner);
    for (Row *row : {&rows[owners.lookup(owner)], &total}) {
      row->parameters += elements;
      row->bytes += bytes;
    }
  }

  std::string text() const { return summary_table("output shape", rows, total); }

private:
  void add(const std::string &path, const std::string &label, StringRef kind, TypeRange types,
           const std::string &device) {
    Row row{label, kind.str(), "", "", device};
    llvm::StringSet<> seen;
    for (Type type : types) {
      TensorType tensor = tensor_type_of(cast<RankedTensorType>(type));
      std::string dtype(name_of(tensor.encoding, tensor.dtype));
      row.shapes += (row.shapes.empty() ? "" : ", ") + shape_text(tensor.shape);
      if (seen.insert(dtype).second)
        row.dtypes += (row.dtypes.empty() ? "" : ", ") + dtype;
    }
    owners.try_emplace(path, rows.size());
    rows.push_back(std::move(row));
  }

  void visit(Region &region, const std::string &path, size_t around) {
    for (Operation &op : region.getOps()) {
      auto layer = dyn_cast<ir::LayerOp>(op);
      if (!layer) { // a branch or a loop
        for (Region &body : op.getRegions())
          visit(body, path, around);
        continue;
      }
      std::string inner = path + (path.empty() ? "" : ".") + layer.getName().str();
      size_t index = around;
      if (llvm::count(inner, '.') < depth) {
        index = rows.size();
        add(inner, inner, layer.getKind(), layer.getResultTypes(), device_of(layer, rows[around].device));
      }
      visit(layer.getBody(), inner, index);
    }
  }

  int depth;
  std::vector<Row> rows;
  Row total;
  llvm::StringMap<size_t> owners; // rows by path
};

} // namespace

std::string summarize(ModuleOp module, int depth) {
  llvm::StringMap<llvm::SmallPtrSet<Operation *, 2>> users; // of weights: graphs
  for (auto graph : module.getOps<ir::GraphOp>())
    graph.walk([&](ir::UseOp use) { users[use.getWeight()].insert(graph); });
  std::string text;
  for (auto graph : module.getOps<ir::GraphOp>()) {
    Rows rows(graph, depth);
    for (auto weight : module.getOps<ir::WeightOp>()) // what no graph uses counts, too
      if (auto by = users.find(weight.getSymName()); by == users.end() || by->second.contains(graph))
        rows.count(weight);
    text += (text.empty() ? "" : "\n") + rows.text();
  }
  return text;
}

} // namespace varve::detail
