// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/compiler/ProfileWriter.h"
#include "dialect/Place.h"
#include "lib/lower/Lower.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace varve::compiler {

namespace convention = lower::convention;
using ir::DimExpr;
using passes::MarkedOp;
using passes::OpTable;
using passes::Traffic;

namespace {
// Some ops of the table, by their numbers.
struct Row {
  llvm::SetVector<int64_t> ops;
  llvm::SetVector<int64_t> remarks;
  bool isSlow = false;
  std::string unit = "f32"; // of its products
};

// What goes in from other ops and out to others, each value once.
DimExpr bytesOf(const OpTable &table, const Row &row) {
  llvm::DenseSet<int64_t> made, seen;
  DimExpr bytes;
  auto add = [&](const Traffic &traffic) {
    if (seen.insert(traffic.value).second)
      bytes = bytes + traffic.bytes;
  };
  for (int64_t op : row.ops)
    for (const Traffic &traffic : table.ops[op].gives) {
      made.insert(traffic.value);
      if (llvm::any_of(table.readers[traffic.value], [&](int64_t reader) { return !row.ops.contains(reader); }))
        add(traffic);
    }
  for (int64_t op : row.ops)
    for (const Traffic &traffic : table.ops[op].reads)
      if (!made.contains(traffic.value))
        add(traffic);
  return bytes.isOverflow() ? DimExpr(0) : bytes;
}

// How much an op computes, to be compared: by the greatest power of sizes, then by its factor.
std::pair<size_t, int64_t> weightOf(const MarkedOp &op) {
  const DimExpr::Terms &terms = op.flops.getTerms();
  return terms.empty() ? std::pair<size_t, int64_t>() : std::pair(terms.begin()->first.size(), terms.begin()->second);
}

Json describe(const OpTable &table, const Row &row, ArrayRef<std::pair<Location, std::string>> said,
              StringRef otherwise) {
  Json ops = Json::array(), remarks = Json::array();
  // The op that computes most comes first, and its place is told.
  SmallVector<int64_t> order(row.ops.begin(), row.ops.end());
  auto *most = std::max_element(order.begin(), order.end(),
                                [&](int64_t a, int64_t b) { return weightOf(table.ops[a]) < weightOf(table.ops[b]); });
  if (most != order.end())
    std::rotate(order.begin(), most, most + 1);
  const MarkedOp *main = order.empty() ? nullptr : &table.ops[order.front()];
  DimExpr flops;
  std::string slow;
  for (int64_t number : order) {
    const MarkedOp &op = table.ops[number];
    if (std::find(ops.begin(), ops.end(), Json(op.name)) == ops.end())
      ops.push_back(op.name);
    flops = flops + op.flops;
    if (row.isSlow && slow.empty() && !op.whyNoKernel.empty())
      slow = "a product in plain loops: " + op.whyNoKernel;
  }
  // A remark may say it in its own words.
  bool isSaid = llvm::any_of(
      row.remarks, [&](int64_t number) { return StringRef(said[number].second).contains("there is no kernel"); });
  if (isSaid)
    slow.clear();
  else if (row.isSlow && slow.empty())
    slow = "a product in plain loops: there is no kernel for it";
  if (ops.empty())
    ops.push_back(otherwise.str());
  for (int64_t remark : row.remarks)
    remarks.push_back(remark);
  return {{"ops", ops},
          {"layer", main ? main->layer : ""},
          {"location", main ? main->location : ""},
          {"flops", exprOf(flops.isOverflow() ? DimExpr(0) : flops)},
          {"bytes", exprOf(bytesOf(table, row))},
          {"slow", slow},
          {"unit", row.unit},
          {"remarks", remarks}};
}
} // namespace

Json writeProfile(ModuleOp module, const OpTable &table, ArrayRef<std::pair<Location, std::string>> remarks) {
  auto events = module->getAttrOfType<ArrayAttr>(convention::kEvents);
  auto opsOf = [](Attribute event) { return cast<DictionaryAttr>(event).getAs<DenseI64ArrayAttr>("ops").asArrayRef(); };
  llvm::IntEqClasses classes(table.ops.size() + events.size()); // an event without ops is a class of its own
  auto classOf = [&](size_t event) {
    ArrayRef<int64_t> ops = opsOf(events[event]);
    return ops.empty() ? table.ops.size() + event : ops[0];
  };
  for (size_t event = 0; event < events.size(); ++event)
    for (int64_t op : opsOf(events[event]))
      classes.join(classOf(event), op);
  classes.compress();

  llvm::DenseMap<unsigned, size_t> numbers;
  std::vector<Row> rows;
  std::vector<std::string> kinds;
  Json list = Json::array();
  for (size_t event = 0; event < events.size(); ++event) {
    auto info = cast<DictionaryAttr>(events[event]);
    std::string kind = info.getAs<StringAttr>("kind").str();
    auto [it, fresh] = numbers.try_emplace(classes[classOf(event)], rows.size());
    if (fresh) {
      rows.emplace_back();
      kinds.push_back(kind);
    }
    Row &row = rows[it->second];
    for (int64_t op : opsOf(events[event]))
      row.ops.insert(op);
    row.isSlow |= info.contains("slow");
    if (auto unit = info.getAs<StringAttr>("unit"))
      row.unit = unit.str();
    list.push_back({{"row", it->second}, {"kind", kind}});
  }
  for (auto [number, remark] : llvm::enumerate(remarks))
    for (int64_t op : ir::marksOf(remark.first))
      if (auto it = numbers.find(classes[op]); it != numbers.end())
        rows[it->second].remarks.insert(number);

  Json symbols = Json::array(), described = Json::array();
  for (Attribute name : module->getAttrOfType<ArrayAttr>(convention::kDims))
    symbols.push_back(cast<StringAttr>(name).str());
  for (auto [row, kind] : llvm::zip(rows, kinds)) {
    SmallVector<int64_t> sorted(row.ops.begin(), row.ops.end());
    llvm::sort(sorted);
    row.ops = llvm::SetVector<int64_t>(sorted.begin(), sorted.end());
    described.push_back(describe(table, row, remarks, kind));
  }
  Json least = Json::array();
  for (const passes::Least &each : table.least)
    least.push_back({{"name", each.name}, {"of", exprOf(each.of)}, {"most", each.most}});
  return {{"symbols", symbols}, {"least", least}, {"rows", described}, {"events", list}};
}

} // namespace varve::compiler
