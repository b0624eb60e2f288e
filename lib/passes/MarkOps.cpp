// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/passes/MarkOps.h"
#include "dialect/Place.h"
#include "lib/passes/Costs.h"
#include "lib/passes/Passes.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_MARKOPSPASS
#include "lib/passes/Passes.h.inc"

namespace {
// What has a number: not what only names or shows something, and not what other ops are in.
bool computes(Operation &op) {
  return isa<ir::VarveDialect>(op.getDialect()) && op.getNumRegions() == 0 && !op.hasTrait<OpTrait::IsTerminator>() &&
         !isa<ir::UseOp, ir::DimOp, ir::PrintOp, ir::IdentityOp, ir::BufferLoadOp, ir::WeightOp, ir::MeshOp>(op);
}

// What gives the memory of its first operand, all of it.
bool isAlias(Operation *op) { return isa<ir::ReshapeOp, ir::RebindOp, ir::IdentityOp>(op); }

class Marker {
public:
  explicit Marker(ModuleOp module) : module(module) {
    module.walk([&](func::CallOp call) {
      if (auto path = call->getAttrOfType<StringAttr>(kLayerAttr))
        sites[call.getCallee()].push_back(path.getValue());
    });
  }

  OpTable run() {
    for (Operation &function : *module.getBody())
      if (isa<ir::GraphOp, func::FuncOp>(function)) {
        callers = isa<func::FuncOp>(function) ? sites.lookup(SymbolTable::getSymbolName(&function)) : Paths();
        function.walk<WalkOrder::PreOrder>([&](Operation *op) {
          if (op != &function)
            visit(op);
        });
      }
    return std::move(table);
  }

private:
  using Paths = SmallVector<StringRef>;

  int64_t numberOf(Value value) {
    if (Operation *op = value.getDefiningOp(); op && isAlias(op))
      return numberOf(op->getOperand(0));
    auto [it, fresh] = numbers.try_emplace(value, table.readers.size());
    if (fresh)
      table.readers.emplace_back();
    return it->second;
  }

  // The layer as its line knows it begins with a path where the function is called, if it is outlined.
  std::string relative(StringRef layer) const {
    StringRef best;
    for (StringRef caller : callers)
      if ((layer == caller || layer.starts_with((caller + ".").str())) && caller.size() > best.size())
        best = caller;
    layer = layer.drop_front(best.size());
    layer.consume_front(".");
    return layer.str();
  }

  void visit(Operation *op) {
    bool isMarked = computes(*op);
    int64_t mark = isMarked ? static_cast<int64_t>(table.ops.size()) : -1;
    if (!isAlias(op))
      for (Value operand : op->getOperands())
        if (isa<RankedTensorType>(operand.getType()))
          table.readers[numberOf(operand)].push_back(mark);
    if (!isMarked)
      return;
    ir::Place place = ir::placeOf(op->getLoc());
    MarkedOp info{op->getName().stripDialect().str(),
                  relative(place.layer),
                  place.text(),
                  whyNoKernel(op),
                  flopsOf(op, table.least),
                  {},
                  {}};
    for (unsigned index = 0; index < op->getNumOperands(); ++index)
      if (isa<RankedTensorType>(op->getOperand(index).getType()))
        info.reads.push_back({numberOf(op->getOperand(index)), bytesRead(op, index)});
    for (Value result : op->getResults())
      info.gives.push_back({numberOf(result), bytesOf(cast<RankedTensorType>(result.getType()))});
    if (auto store = dyn_cast<ir::BufferStoreOp>(op)) {
      info.gives.push_back({static_cast<int64_t>(table.readers.size()), bytesOf(store.getInput().getType())});
      table.readers.push_back({-1}); // whoever loads it
    }
    table.ops.push_back(std::move(info));
    op->setLoc(ir::marked(op->getLoc(), mark));
  }

  ModuleOp module;
  llvm::StringMap<Paths> sites;
  Paths callers;
  DenseMap<Value, int64_t> numbers;
  OpTable table;
};

struct MarkOps : impl::MarkOpsPassBase<MarkOps> {
  void runOnOperation() override {
    OpTable table = markOps(getOperation());
    Builder builder(&getContext());
    auto total = [](const std::vector<Traffic> &all) {
      ir::DimExpr bytes;
      for (const Traffic &each : all)
        bytes = bytes + each.bytes;
      return bytes.str();
    };
    SmallVector<Attribute> ops;
    for (const MarkedOp &op : table.ops)
      ops.push_back(
          builder.getDictionaryAttr({builder.getNamedAttr("name", builder.getStringAttr(op.name)),
                                     builder.getNamedAttr("layer", builder.getStringAttr(op.layer)),
                                     builder.getNamedAttr("flops", builder.getStringAttr(op.flops.str())),
                                     builder.getNamedAttr("reads", builder.getStringAttr(total(op.reads))),
                                     builder.getNamedAttr("writes", builder.getStringAttr(total(op.gives)))}));
    getOperation()->setAttr("varve.ops", builder.getArrayAttr(ops));
    SmallVector<NamedAttribute> least;
    for (const Least &each : table.least)
      least.push_back(builder.getNamedAttr(
          each.name, builder.getStringAttr("min(" + each.of.str() + ", " + std::to_string(each.most) + ")")));
    if (!least.empty())
      getOperation()->setAttr("varve.least", builder.getDictionaryAttr(least));
  }
};
} // namespace

OpTable markOps(ModuleOp module) { return Marker(module).run(); }

} // namespace varve::passes
