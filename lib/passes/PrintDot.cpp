// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Draws graphs: the model tree as nested boxes, ops and values inside, in the language of Graphviz.
#include "dialect/Dialect.h"
#include "lib/passes/Passes.h"
#include "lib/runtime/Table.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "mlir/Transforms/RegionUtils.h"
#include <array>
#include <map>

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_PRINTDOTPASS
#include "lib/passes/Passes.h.inc"

namespace {

constexpr StringLiteral kHead = R"(digraph varve {
  graph [fontname="Helvetica,Arial,sans-serif", fontsize=12, bgcolor=white, nodesep=0.25, ranksep=0.35]
  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, shape=box, style="rounded,filled", color="#8795a1",
    fillcolor=white, height=0.3, margin="0.12,0.05"]
  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, fontcolor="#606f7b", color="#8795a1", arrowsize=0.6]
)";
constexpr StringLiteral kInput = R"(fillcolor="#dbeafe", color="#5b8bd6")";
constexpr StringLiteral kBuffer = R"(shape=cylinder, style=filled, fillcolor="#ede4fb", color="#9470cf")";
constexpr StringLiteral kWeight =
    R"(style=filled, fillcolor="#fdf3d4", color="#d3a94b", fontsize=9, height=0.2, margin="0.08,0.03")";
constexpr StringLiteral kLayer = R"(style="rounded,filled,bold", fillcolor="#e5f0e8", color="#6f9f7f")";
constexpr StringLiteral kControl = R"(style=filled, fillcolor="#fbe3dc", color="#cf7d5f")";
constexpr StringLiteral kHook = R"(style="rounded,filled,dashed", fillcolor="#f4f4f4")";
// Boxes in boxes are told apart.
constexpr StringLiteral kClusters[] = {"#ffffff", "#f2f7f4"};

// A name from anywhere as text of a label in Graphviz's HTML.
std::string escaped(StringRef name) {
  std::string out, text = llvm::json::fixUTF8(name);
  for (char c : text)
    switch (c) {
    case '&':
    case '<':
    case '>':
    case '"':
    case '\\':
      out += "&#" + std::to_string(static_cast<int>(c)) + ";";
      break;
    default:
      out += llvm::isPrint(c) || static_cast<unsigned char>(c) >= 0x80 ? c : '?';
    }
  return out;
}

std::string small(StringRef text, StringRef color = "#606f7b") {
  return ("<font point-size=\"9\" color=\"" + color + "\">" + escaped(text) + "</font>").str();
}

std::string shapeOf(Type type) {
  if (auto buffer = dyn_cast<ir::BufferType>(type))
    return shapeOf(RankedTensorType::get(buffer.getShape(), buffer.getElementType()));
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (tensor && !isa_and_present<ir::DimsAttr>(tensor.getEncoding()) && tensor.hasStaticShape())
    tensor = RankedTensorType::get(tensor.getShape(), tensor.getElementType()); // a packed weight's, too
  if (tensor && ir::isNamed(tensor))
    return ir::str(ir::dimsOf(tensor));
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

std::string typeOf(Type type) {
  std::string text = shapeOf(type);
  llvm::raw_string_ostream stream(text);
  if (auto buffer = dyn_cast<ir::BufferType>(type))
    stream << " " << buffer.getElementType();
  else if (auto tensor = dyn_cast<RankedTensorType>(type))
    stream << " " << tensor.getElementType();
  return text;
}

// Attributes that are short enough to be read in a box.
std::string attributesOf(Operation &op) {
  std::string all;
  for (NamedAttribute attribute : op.getAttrDictionary()) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (auto dims = dyn_cast<ir::DimsAttr>(attribute.getValue()))
      stream << "["
             << llvm::join(llvm::map_range(dims.getNames(), [](StringAttr name) { return name.getValue(); }), ", ")
             << "]";
    else if (auto string = dyn_cast<StringAttr>(attribute.getValue()))
      stream << string.getValue();
    else if (auto elements = dyn_cast<DenseElementsAttr>(attribute.getValue()); elements && elements.isSplat())
      elements.getSplatValue<Attribute>().print(stream, /*elideType=*/true);
    else if (auto numbers = dyn_cast<DenseI64ArrayAttr>(attribute.getValue()))
      stream << "["
             << llvm::join(llvm::map_range(numbers.asArrayRef(), [](int64_t each) { return std::to_string(each); }),
                           ", ")
             << "]";
    else if (!isa<ElementsAttr>(attribute.getValue()))
      attribute.getValue().print(stream, /*elideType=*/true);
    if (!text.empty() && all.size() + text.size() <= 40)
      all += (all.empty() ? "" : ", ") + attribute.getName().str() + " " + text;
  }
  return all;
}

class Drawing {
public:
  Drawing(raw_ostream &os, int64_t depth, bool weights) : os(os), depth(depth), weights(weights) {}

  void draw(ModuleOp module) {
    os << kHead;
    for (auto graph : module.getOps<ir::GraphOp>())
      draw(graph);
    os << "}\n";
  }

private:
  raw_ostream &os;
  int64_t depth;
  bool weights;
  unsigned nodes = 0, clusters = 0;
  llvm::DenseMap<mlir::Value, std::string> sources; // the nodes that values come from
  llvm::DenseMap<Operation *, SmallVector<std::pair<BlockArgument, StringRef>>> homes; // buffers and their names
  llvm::MapVector<std::array<std::string, 4>, unsigned, std::map<std::array<std::string, 4>, unsigned>> edges;

  // What a graph or a layer calls its values; else "".
  static StringRef nameOf(ArrayAttr attributes, unsigned index) {
    auto all = attributes && index < attributes.size() ? dyn_cast<DictionaryAttr>(attributes[index]) : DictionaryAttr();
    auto name = all ? all.getAs<StringAttr>(ir::kNameAttr) : StringAttr();
    return name ? name.getValue() : StringRef();
  }

  // A name in the layer of that path.
  static StringRef within(const std::string &path, StringRef name) {
    return !path.empty() && name.starts_with(path + ".") ? name.drop_front(path.size() + 1) : name;
  }

  std::string node(const std::string &label, StringRef style = "") {
    std::string id = "n" + std::to_string(nodes++);
    os << "  " << id << " [label=<" << label << ">" << (style.empty() ? "" : ", ") << style << "]\n";
    return id;
  }

  // Values of one shape between the same nodes are one edge.
  void edge(const std::string &from, const std::string &to, StringRef label, StringRef style = "") {
    if (!from.empty() && !to.empty())
      ++edges[{from, to, label.str(), style.str()}];
  }

  void drawEdges() {
    for (const auto &[each, count] : edges) {
      const auto &[from, to, label, style] = each;
      std::string times = count == 1 ? "" : std::to_string(count) + " x ";
      std::string attributes =
          label.empty() ? style : "label=<&#160;&#160;" + times + escaped(label) + "&#160;>" + style;
      os << "  " << from << " -> " << to << (attributes.empty() ? "" : " [" + attributes + "]") << "\n";
    }
    edges.clear();
  }

  void begin(const std::string &label, unsigned level) {
    os << "  subgraph cluster" << clusters++ << " {\n  label=<" << label
       << ">; labeljust=l; style=\"rounded,filled\"; color=\"#b8c9be\"; fillcolor=\"" << kClusters[level % 2] << "\"\n";
  }

  void draw(ir::GraphOp graph) {
    begin("<b>" + escaped(graph.getSymName()) + "</b>", 0);
    homes.clear();
    for (BlockArgument argument : graph.getBody().getArguments()) {
      StringRef name = nameOf(graph.getArgAttrsAttr(), argument.getArgNumber());
      if (isa<ir::BufferType>(argument.getType()))
        homes[homeOf(argument)].push_back({argument, name});
      else
        sources[argument] =
            node(escaped(name.empty() ? "input" : name) + "<br/>" + small(typeOf(argument.getType())), kInput);
    }
    drawBuffers(graph, "");
    draw(graph.getBody(), 1, "");
    for (auto [index, operand] : llvm::enumerate(graph.getBody().front().getTerminator()->getOperands())) {
      StringRef name = nameOf(graph.getResAttrsAttr(), index);
      edge(sources.lookup(operand),
           node(escaped(name.empty() ? "output" : name) + "<br/>" + small(typeOf(operand.getType())), kInput),
           shapeOf(operand.getType()));
    }
    os << "  }\n";
    drawEdges();
  }

  // A buffer is drawn in the innermost layer that has all its uses.
  static Operation *homeOf(BlockArgument buffer) {
    Operation *home = nullptr;
    for (Operation *user : buffer.getUsers()) {
      home = home ? home : user->getParentOp();
      while (!home->isAncestor(user))
        home = home->getParentOp();
    }
    return home ? home : buffer.getOwner()->getParentOp();
  }

  void drawBuffers(Operation *home, const std::string &path) {
    for (auto [buffer, name] : homes.lookup(home))
      sources[buffer] = node(escaped(within(path, name)) + "<br/>" + small(typeOf(buffer.getType())), kBuffer);
  }

  void draw(Region &region, int64_t level, const std::string &path) {
    for (Operation &op : region.front().without_terminator()) {
      if (auto layer = dyn_cast<ir::LayerOp>(op))
        draw(layer, level, path);
      else if (auto use = dyn_cast<ir::UseOp>(op))
        draw(use, path);
      else if (auto cond = dyn_cast<ir::CondOp>(op))
        draw(cond, level, path);
      else if (auto loop = dyn_cast<ir::LoopOp>(op))
        draw(loop, level, path);
      else
        draw(op);
    }
  }

  // A body in its box, and where it ends: a node that takes what it hands out.
  void drawBody(Region &body, StringRef name, int64_t level, const std::string &path, const std::string &end) {
    begin(escaped(name), static_cast<unsigned>(level));
    draw(body, level, path);
    os << "  }\n";
    for (mlir::Value value : body.front().getTerminator()->getOperands())
      edge(sources.lookup(value), end, shapeOf(value.getType()));
  }

  void draw(ir::CondOp cond, int64_t level, const std::string &path) {
    begin("<b>cond</b>", static_cast<unsigned>(level));
    drawBuffers(cond, path);
    std::string end = node("cond", ("shape=diamond, " + kControl).str());
    edge(sources.lookup(cond.getCondition()), end, shapeOf(cond.getCondition().getType()));
    drawBody(cond.getOnTrue(), "on_true", level, path, end);
    drawBody(cond.getOnFalse(), "on_false", level, path, end);
    os << "  }\n";
    for (mlir::Value result : cond.getResults())
      sources[result] = end;
  }

  void draw(ir::LoopOp loop, int64_t level, const std::string &path) {
    std::string count = loop.getCount() ? " " + loop.getCount()->getNames()[0].str() : "";
    begin("<b>loop</b>" + small(count), static_cast<unsigned>(level));
    drawBuffers(loop, path);
    std::string trip = node("trip", kControl), end = node("next", kControl);
    llvm::SetVector<mlir::Value> taken(loop->operand_begin(), loop->operand_end());
    for (mlir::Value value : taken)
      edge(sources.lookup(value), trip, shapeOf(value.getType()));
    for (Region *region : {&loop.getCondition(), &loop.getBody()})
      for (mlir::Value argument : region->getArguments())
        sources[argument] = trip;
    if (loop.isConditional())
      drawBody(loop.getCondition(), "while", level, path, end);
    drawBody(loop.getBody(), "do", level, path, end);
    edge(end, trip, "", "style=dashed, constraint=false");
    os << "  }\n";
    for (mlir::Value result : loop.getResults())
      sources[result] = end;
  }

  void draw(ir::LayerOp layer, int64_t level, const std::string &around) {
    std::string path = (around.empty() ? "" : around + ".") + layer.getName().str();
    std::string label = "<b>" + escaped(layer.getName()) + "</b> ";
    if (level > depth)
      return drawAsOne(layer, label + "<br/>" + small(layer.getKind()));
    begin(label + small(layer.getKind()), static_cast<unsigned>(level));
    drawBuffers(layer, path);
    draw(layer.getBody(), level + 1, path);
    os << "  }\n";
    Operation *output = layer.getBody().front().getTerminator();
    for (auto [result, value] : llvm::zip(layer.getResults(), output->getOperands()))
      sources[result] = sources.lookup(value);
  }

  void drawAsOne(ir::LayerOp layer, std::string label) {
    if (weights) {
      llvm::SetVector<StringAttr> used;
      int64_t elements = 0;
      layer.walk([&](ir::UseOp use) {
        if (used.insert(use.getWeightAttr().getAttr()))
          elements += use.getType().getNumElements();
      });
      if (!used.empty())
        label += "<br/>" + small(runtime::grouped(static_cast<uint64_t>(elements)) + " parameters", "#a07a1c");
    }
    size_t buffers = 0;
    layer->walk([&](Operation *inner) { buffers += homes.lookup(inner).size(); });
    if (buffers != 0)
      label += "<br/>" + small(std::to_string(buffers) + (buffers == 1 ? " buffer" : " buffers"), "#7a56b8");
    std::string id = node(label, kLayer);
    for (mlir::Value result : layer.getResults())
      sources[result] = id;
    llvm::SetVector<mlir::Value> taken;
    getUsedValuesDefinedAbove(layer.getBody(), taken);
    llvm::DenseMap<mlir::Value, bool> stored, loaded;
    layer.walk([&](Operation *op) { noteAccess(op, loaded, stored); });
    for (mlir::Value value : taken)
      draw(value, id, !isa<ir::BufferType>(value.getType()) || loaded.lookup(value), stored.lookup(value));
  }

  static void noteAccess(Operation *op, llvm::DenseMap<mlir::Value, bool> &loaded,
                         llvm::DenseMap<mlir::Value, bool> &stored) {
    if (auto store = dyn_cast<ir::BufferStoreOp>(op))
      stored[store.getBuffer()] = true;
    for (mlir::Value operand : op->getOperands())
      if (isa<ir::BufferType>(operand.getType()) && !isa<ir::BufferStoreOp>(op))
        loaded[operand] = true;
  }

  void draw(mlir::Value value, const std::string &id, bool read, bool written) {
    bool isBox = isa<ir::BufferType>(value.getType()) || value.getDefiningOp<ir::UseOp>(); // which says it
    if (read)
      edge(sources.lookup(value), id, isBox ? "" : shapeOf(value.getType()));
    if (written)
      edge(id, sources.lookup(value), "", "style=dashed, constraint=false");
  }

  void draw(ir::UseOp use, const std::string &path) {
    if (!weights)
      return;
    sources[use] = node(escaped(within(path, use.getWeight())) + " " + small(shapeOf(use.getType())), kWeight);
  }

  void draw(Operation &op) {
    StringRef name = op.getName().getStringRef();
    name.consume_front("varve.");
    std::string label = escaped(name);
    if (std::string attributes = attributesOf(op); !attributes.empty())
      label += "<br/>" + small(attributes);
    std::string id = node(label, isa<ir::PrintOp, ir::IdentityOp>(op) ? kHook : "");
    for (mlir::Value result : op.getResults())
      sources[result] = id;
    llvm::DenseMap<mlir::Value, bool> stored, loaded;
    noteAccess(&op, loaded, stored);
    llvm::SetVector<mlir::Value> taken(op.operand_begin(), op.operand_end());
    for (mlir::Value value : taken)
      draw(value, id, !isa<ir::BufferType>(value.getType()) || loaded.lookup(value), stored.lookup(value));
  }
};

struct PrintDot : impl::PrintDotPassBase<PrintDot> {
  using PrintDotPassBase::PrintDotPassBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    std::string text;
    llvm::raw_string_ostream stream(text);
    Drawing(stream, depth, weights).draw(getOperation());
    std::error_code error;
    llvm::raw_fd_ostream out(file, error, llvm::sys::fs::OF_Text);
    if (!error) {
      out << text;
      out.flush();
      error = out.error();
      out.clear_error();
    }
    if (error) {
      emitError(getOperation().getLoc()) << "expects a file that can be written, but got '" << file
                                         << "': " << error.message();
      signalPassFailure();
    }
  }
};
} // namespace

} // namespace varve::passes
