// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/compiler/ManifestWriter.h"
#include "dialect/Dialect.h"
#include "dialect/Place.h"
#include "lib/lower/Lower.h"
#include "lib/passes/Passes.h"
#include "lib/runtime/executable/Abi.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace varve::compiler {

namespace convention = lower::convention;
using ir::Dim;
using ir::DimExpr;
using json = Json;

std::string textOf(const Json &value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json messageAt(Location location, StringRef message) {
  ir::Place origin = ir::placeOf(location);
  return {{"message", message.str()}, {"layer", origin.layer}, {"location", origin.text()}};
}

json exprOf(const DimExpr &expr) {
  if (std::optional<int64_t> value = expr.constant())
    return *value;
  if (std::optional<std::string> name = expr.name())
    return *name;
  json terms = json::array();
  for (const auto &[names, coefficient] : expr.getTerms()) {
    json term = json::array({coefficient});
    for (const std::string &factor : names) {
      if (auto parts = DimExpr::quotient(factor))
        term.push_back({{"floordiv", exprOf(parts->first)}, {"by", parts->second}});
      else
        term.push_back(factor);
    }
    terms.push_back(term);
  }
  return {{"text", expr.str()}, {"terms", terms}};
}

namespace {
std::string dtypeOf(Type element) {
  if (element.isInteger(1))
    return "bool";
  std::string text;
  llvm::raw_string_ostream(text) << element;
  return element.isUnsignedInteger(8) ? "u8" : text;
}

json shapeOf(RankedTensorType type) {
  json shape = json::array();
  for (const Dim &dim : ir::dimsOf(type))
    shape.push_back(exprOf(ir::exprOf(dim)));
  return shape;
}

class ManifestWriter {
public:
  ManifestWriter(ModuleOp module, const target::cpu::Target &target) : module(module) {
    manifest = {{"abi", runtime::abi::version}, {"producer", "varve " VARVE_VERSION},
                {"triple", target.triple},      {"cpu", target.cpu},
                {"features", target.features},  {"weights", json::array()},
                {"buffers", json::array()},     {"entries", json::array()},
                {"prints", json::array()},      {"taps", json::array()},
                {"failures", json::array()},    {"call_sites", json::array({""})}};
  }

  LogicalResult run() {
    for (auto weight : module.getOps<ir::WeightOp>())
      addWeight(weight);
    for (auto graph : module.getOps<ir::GraphOp>())
      if (failed(addEntry(graph)))
        return failure();
    module.walk([&](Operation *op) {
      if (auto call = dyn_cast<func::CallOp>(op)) {
        auto path = call->getAttrOfType<StringAttr>(passes::kLayerAttr);
        place("call_sites", call->getAttrOfType<IntegerAttr>(convention::kSite), path ? path.str() : "");
      } else if (auto print = dyn_cast<ir::PrintOp>(op)) {
        json entry = shown(print.getInput().getType(), print.getLayer(), print.getLabel());
        entry["style"] = print.getStyle().str();
        if (print.getTo())
          entry["to"] = print.getTo()->str();
        if (print.getStyle() == "compare") {
          entry["rtol"] = print.getRtol().convertToDouble();
          entry["atol"] = print.getAtol().convertToDouble();
        }
        entry["location"] = ir::placeOf(op->getLoc()).text();
        place("prints", number(op), entry);
      } else if (auto identity = dyn_cast<ir::IdentityOp>(op); identity && identity.getTag()) {
        json entry = shown(identity.getInput().getType(), identity.getLayer(), *identity.getTag());
        entry["call_sites"] = callSites(op);
        place("taps", number(op), entry);
      } else if (std::optional<int64_t> axis = ir::indexedAxis(op)) {
        placeFailure(op, "expects indices into dimension " + std::to_string(*axis) + " of size {bound}");
      } else if (isa<ir::GroupedMatmulOp>(op)) {
        placeFailure(op, "expects sizes of groups of 0 or more whose sum is the number of rows, {bound}");
      } else if (auto store = dyn_cast<ir::BufferStoreOp>(op); store && store.getPosition()) {
        int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", *store.getAxis(), store.getInput().getType().getRank());
        placeFailure(op, "expects a position from 0 to {bound} along dimension " + std::to_string(axis));
      }
    });
    return success();
  }

  json manifest;

private:
  static IntegerAttr number(Operation *op) { return op->getAttrOfType<IntegerAttr>(convention::kNumber); }

  void place(const char *list, IntegerAttr at, json value) {
    if (!at)
      return;
    json &all = manifest[list];
    while (static_cast<int64_t>(all.size()) <= at.getInt())
      all.push_back(value);
    all[at.getInt()] = std::move(value);
  }

  // What the code may report when data are wrong.
  void placeFailure(Operation *op, const std::string &message) {
    place("failures", number(op), messageAt(op->getLoc(), message));
  }

  static json shown(RankedTensorType type, std::optional<StringRef> layer, StringRef label) {
    return {{"layer", layer.value_or("").str()},
            {"label", label.str()},
            {"dtype", dtypeOf(type.getElementType())},
            {"rank", type.getRank()}};
  }

  // The numbers of the calls of the function that an op is in; 0 in an entry.
  json callSites(Operation *op) {
    auto function = op->getParentOfType<func::FuncOp>();
    if (!function)
      return json::array({0});
    json sites = json::array();
    module.walk([&](func::CallOp call) {
      if (auto site = call->getAttrOfType<IntegerAttr>(convention::kSite);
          site && call.getCallee() == function.getName())
        sites.push_back(site.getInt());
    });
    return sites;
  }

  void addWeight(ir::WeightOp weight) {
    auto type = cast<RankedTensorType>(weight.getType());
    auto panels = dyn_cast_or_null<ir::PanelsAttr>(type.getEncoding());
    weights[weight.getSymName()] = manifest["weights"].size();
    Encoding encoding = ir::encodingOf(type.getElementType());
    json entry = {{"name", weight.getSymName().str()},
                  {"dtype", encoding == Encoding::none ? dtypeOf(type.getElementType()) : "u8"},
                  {"shape", type.getShape().vec()},
                  {"panel", panels ? panels.getRows() : 0},
                  {"location", ir::placeOf(weight.getLoc()).text()}};
    if (panels && panels.getGroup() != 1)
      entry["group"] = panels.getGroup();
    if (panels && panels.getWinograd())
      entry["winograd"] = true;
    if (encoding != Encoding::none)
      entry["encoding"] = name_of(encoding);
    manifest["weights"].push_back(std::move(entry));
  }

  FailureOr<size_t> addBuffer(ir::GraphOp graph, StringRef name, ir::BufferType type) {
    auto [it, isNew] = buffers.try_emplace(name, std::pair(manifest["buffers"].size(), type));
    if (isNew)
      manifest["buffers"].push_back(
          {{"name", name.str()}, {"dtype", dtypeOf(type.getElementType())}, {"shape", type.getShape().vec()}});
    else if (it->second.second != type)
      return graph.emitOpError("expects one type for the buffer '")
             << name << "' in all graphs, but got " << it->second.second << " and " << type;
    return it->second.first;
  }

  LogicalResult addEntry(ir::GraphOp graph) {
    json entry = {{"name", graph.getSymName().str()}, {"symbols", json::array()}, {"inputs", json::array()},
                  {"weights", json::array()},         {"buffers", json::array()}, {"outputs", json::array()},
                  {"checks", json::array()}};
    for (Attribute symbol : graph->getAttrOfType<ArrayAttr>(convention::kSymbols))
      entry["symbols"].push_back(cast<StringAttr>(symbol).str());
    for (auto [index, type] : llvm::enumerate(graph.getArgumentTypes())) {
      auto name = graph.getArgAttrOfType<StringAttr>(index, ir::kNameAttr);
      auto dim = graph.getArgAttrOfType<StringAttr>(index, ir::kDimAttr);
      if (auto buffer = dyn_cast<ir::BufferType>(type)) {
        FailureOr<size_t> place = addBuffer(graph, name.getValue(), buffer);
        if (failed(place))
          return failure();
        entry["buffers"].push_back(*place);
        continue;
      }
      auto tensor = cast<RankedTensorType>(type);
      json input = {{"name", name  ? name.str()
                             : dim ? dim.str()
                                   : "input" + std::to_string(entry["inputs"].size())},
                    {"dtype", dtypeOf(tensor.getElementType())},
                    {"shape", shapeOf(tensor)}};
      if (dim)
        input["symbol"] = dim.str();
      entry["inputs"].push_back(input);
    }
    llvm::StringSet<> used;
    graph.walk([&](ir::UseOp use) { used.insert(use.getWeight()); });
    for (auto weight : module.getOps<ir::WeightOp>())
      if (used.contains(weight.getSymName()))
        entry["weights"].push_back(weights[weight.getSymName()]);
    for (auto [index, type] : llvm::enumerate(graph.getResultTypes())) {
      auto name = graph.getResultAttrOfType<StringAttr>(index, ir::kNameAttr);
      auto tensor = cast<RankedTensorType>(type);
      entry["outputs"].push_back({{"name", name ? name.str() : "output" + std::to_string(index)},
                                  {"dtype", dtypeOf(tensor.getElementType())},
                                  {"shape", shapeOf(tensor)}});
    }
    llvm::StringSet<> seen;
    addChecks(graph, entry["checks"], seen);
    manifest["entries"].push_back(entry);
    return success();
  }

  // What must hold of the dimensions, for the slices, stores and rebinds of a function and those that it calls.
  void addChecks(Operation *function, json &checks, llvm::StringSet<> &seen) {
    function->walk([&](Operation *op) {
      ir::Place origin = ir::placeOf(op->getLoc());
      auto add = [&](const DimExpr &lhs, const char *relation, const DimExpr &rhs, const std::string &message) {
        std::optional<int64_t> difference = (rhs - lhs).constant();
        if (difference && (relation[0] == '=' ? *difference == 0 : *difference >= 0))
          return; // always
        json check = {{"lhs", exprOf(lhs)}, {"relation", relation},  {"rhs", exprOf(rhs)},
                      {"message", message}, {"layer", origin.layer}, {"location", origin.text()}};
        if (seen.insert(textOf(check)).second)
          checks.push_back(check);
      };
      auto axisText = [](size_t axis) { return "dimension " + std::to_string(axis); };
      // A size that is a difference must not be negative.
      for (Type type : op->getResultTypes())
        if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !isa<ir::SliceOp>(op))
          for (auto [axis, dim] : llvm::enumerate(ir::dimsOf(tensor)))
            if (DimExpr size = ir::exprOf(dim);
                dim.name && llvm::any_of(size.getTerms(), [](const auto &term) { return term.second < 0; }))
              add(DimExpr(0), "<=", size, "expects a size of at least 0 for " + axisText(axis));
      for (const ir::Fit &fit : ir::fitsOf(op))
        add(fit.least, "<=", fit.size, fit.message);
      if (auto loop = dyn_cast<ir::LoopOp>(op); loop && loop.getCount())
        add(DimExpr(0), "<=", ir::exprOf(loop.getCount()->getNames()[0]), "expects a count of at least 0");
      auto axisOf = [](auto each) {
        return *ir::normalizeAxis(std::nullopt, "axis", each.getAxis(), each.getInput().getType().getRank());
      };
      if (isa<ir::ArgmaxOp, ir::ArgminOp>(op)) {
        auto max = dyn_cast<ir::ArgmaxOp>(op);
        int64_t axis = max ? axisOf(max) : axisOf(cast<ir::ArgminOp>(op));
        add(DimExpr(1), "<=", ir::exprOf(ir::dimsOf(cast<RankedTensorType>(op->getOperand(0).getType()))[axis]),
            "expects at least one element along " + axisText(axis));
      }
      if (isa<ir::SortOp, ir::TopKOp>(op)) { // a place goes into 32 bits
        auto sort = dyn_cast<ir::SortOp>(op);
        int64_t axis = sort ? axisOf(sort) : axisOf(cast<ir::TopKOp>(op));
        add(ir::exprOf(ir::dimsOf(cast<RankedTensorType>(op->getOperand(0).getType()))[axis]),
            "<=", DimExpr(int64_t(1) << 32), "expects no more than 2^32 elements to sort along " + axisText(axis));
      }
      if (auto top = dyn_cast<ir::TopKOp>(op))
        add(DimExpr(top.getK()), "<=", ir::exprOf(ir::dimsOf(top.getInput().getType())[axisOf(top)]),
            "expects " + std::to_string(top.getK()) + " elements or more along " + axisText(axisOf(top)));
      if (auto rebind = dyn_cast<ir::RebindOp>(op)) {
        for (auto [from, to] :
             llvm::zip(ir::dimsOf(rebind.getInput().getType()), ir::dimsOf(cast<RankedTensorType>(rebind.getType()))))
          add(ir::exprOf(from), "==", ir::exprOf(to), rebind.getMessage().str());
      } else if (auto store = dyn_cast<ir::BufferStoreOp>(op)) {
        ir::DimsAttr offsets = store.getOffsetsAttr();
        for (auto [axis, dim] : llvm::enumerate(ir::dimsOf(store.getInput().getType()))) {
          DimExpr offset = offsets ? ir::exprOf(offsets.getNames()[axis]) : DimExpr(0);
          add(DimExpr(0), "<=", offset,
              "expects a stored slice that starts inside " + axisText(axis) + " of its buffer");
          add(offset + ir::exprOf(dim), "<=", DimExpr(store.getBuffer().getType().getShape()[axis]),
              "expects a stored slice that ends inside " + axisText(axis) + " of its buffer");
        }
      } else if (auto slice = dyn_cast<ir::SliceOp>(op)) {
        for (auto [axis, dim] : llvm::enumerate(ir::dimsOf(slice.getInput().getType()))) {
          DimExpr size = ir::exprOf(dim);
          auto bound = [&](ir::DimsAttr bounds) {
            DimExpr expr = ir::exprOf(bounds.getNames()[axis]);
            std::optional<int64_t> value = expr.constant();
            return value && *value < 0 ? size + expr : expr;
          };
          DimExpr start = bound(slice.getStarts()), end = bound(slice.getEnds());
          add(DimExpr(0), "<=", start, "expects a slice that starts inside " + axisText(axis));
          add(start, "<=", end, "expects a slice of " + axisText(axis) + " that ends after its start");
          add(end, "<=", size, "expects a slice that ends inside " + axisText(axis));
        }
      } else if (auto pad = dyn_cast<ir::PadOp>(op)) {
        for (auto [axis, dim] : llvm::enumerate(ir::dimsOf(pad.getInput().getType())))
          for (ir::DimsAttr added : {pad.getLow(), pad.getHigh()}) {
            DimExpr count = ir::exprOf(added.getNames()[axis]), size = ir::exprOf(dim);
            add(DimExpr(0), "<=", count, "expects 0 or more elements to pad " + axisText(axis) + " with");
            if (pad.getMode() == "reflect" && count.constant() != 0)
              add(count + DimExpr(1), "<=", size,
                  "expects more elements to reflect in " + axisText(axis) + " than it is padded with");
            else if (pad.getMode() == "replicate" && count.constant() != 0)
              add(DimExpr(1), "<=", size, "expects an element to replicate in " + axisText(axis));
          }
      } else if (auto call = dyn_cast<func::CallOp>(op)) {
        if (seen.insert(call.getCallee()).second)
          if (auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee()))
            addChecks(callee, checks, seen);
      }
    });
  }

  ModuleOp module;
  llvm::StringMap<size_t> weights;
  llvm::StringMap<std::pair<size_t, ir::BufferType>> buffers;
};
} // namespace

FailureOr<Json> writeManifest(ModuleOp module, const target::cpu::Target &target) {
  ManifestWriter writer(module, target);
  if (failed(writer.run()))
    return failure();
  return std::move(writer.manifest);
}

} // namespace varve::compiler
