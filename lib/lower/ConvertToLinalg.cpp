// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pass that takes a program out of the varve dialect, family by family.
#include "lib/lower/Lower.h"
#include "lib/lower/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <set>

using namespace mlir;

namespace varve::lower {

#define GEN_PASS_DEF_CONVERTTOLINALGPASS
#include "lib/lower/Passes.h.inc"

namespace {
// The names of all dimensions that the module mentions.
ArrayAttr dimsOfModule(ModuleOp module) {
  std::set<std::string> names;
  auto addFrom = [&](ir::DimsAttr dims) {
    for (StringAttr text : dims.getNames())
      ir::exprOf(text).forEachName([&](const std::string &name) { names.insert(name); });
  };
  DenseSet<Attribute> seen;
  auto addType = [&](Type type) {
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      if (auto dims = dyn_cast_or_null<ir::DimsAttr>(tensor.getEncoding()); dims && seen.insert(dims).second)
        addFrom(dims);
  };
  module.walk([&](Operation *op) {
    llvm::for_each(op->getResultTypes(), addType);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArgumentTypes(), addType);
    if (auto graph = dyn_cast<ir::GraphOp>(op))
      for (unsigned index = 0; index < graph.getNumArguments(); ++index)
        if (auto dim = graph.getArgAttrOfType<StringAttr>(index, ir::kDimAttr))
          names.insert(dim.str());
  });
  SmallVector<Attribute> attributes;
  for (const std::string &name : names)
    attributes.push_back(StringAttr::get(module.getContext(), name));
  return ArrayAttr::get(module.getContext(), attributes);
}

bool isLowered(FunctionOpInterface op) {
  return op.getNumArguments() > 0 && isa<LLVM::LLVMPointerType>(op.getArgumentTypes()[0]);
}

struct ConvertToLinalg : impl::ConvertToLinalgPassBase<ConvertToLinalg> {
  void runOnOperation() override {
    if (failed(convertToLinalg(getOperation(), [](const auto &, auto &, auto &) {})))
      signalPassFailure();
  }
};
} // namespace

LogicalResult
convertToLinalg(ModuleOp module,
                llvm::function_ref<void(const LoweredTypes &, RewritePatternSet &, ConversionTarget &)> add) {
  MLIRContext &context = *module.getContext();
  // Calls of functions that the lowering itself declares are known by their names.
  for (auto function : module.getOps<FunctionOpInterface>())
    if (auto name = SymbolTable::getSymbolName(function);
        name.getValue().starts_with("varve.") && !isLowered(function)) {
      function.emitOpError("expects a name that does not begin with 'varve.', but got ") << name;
      return failure();
    }
  numberProgram(module);
  LoweredTypes types;
  RewritePatternSet patterns(&context);
  addStructurePatterns(types, patterns);
  addElementwisePatterns(types, patterns);
  addContractPatterns(types, patterns);
  addControlPatterns(types, patterns);
  addIndexPatterns(types, patterns);
  addReducePatterns(types, patterns);
  addNormalizePatterns(types, patterns);
  addAttentionPatterns(types, patterns);
  addShapePatterns(types, patterns);
  addQuantizePatterns(types, patterns);
  addConvPatterns(types, patterns);
  addPoolPatterns(types, patterns);
  addResizePatterns(types, patterns);
  addScanPatterns(types, patterns);
  addCumulativePatterns(types, patterns);
  addSortPatterns(types, patterns);
  addRandomPatterns(types, patterns);

  ConversionTarget target(context);
  target.addLegalDialect<arith::ArithDialect, bufferization::BufferizationDialect, linalg::LinalgDialect,
                         math::MathDialect, memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect,
                         LLVM::LLVMDialect>();
  target.addIllegalDialect<ir::VarveDialect>();
  target.addLegalOp<ModuleOp, ir::WeightOp>();
  // What has the calling convention already is done.
  target.addDynamicallyLegalOp<func::FuncOp>([](func::FuncOp op) { return isLowered(op); });
  target.addDynamicallyLegalOp<func::CallOp>([](func::CallOp op) {
    return op.getNumOperands() > 0 && isa<LLVM::LLVMPointerType>(op.getOperand(0).getType());
  });
  target.addDynamicallyLegalOp<func::ReturnOp>([](func::ReturnOp op) { return op.getNumOperands() == 0; });
  // Branches and loops get lowered types first; then `placeControl` takes them away.
  target.addDynamicallyLegalOp<ir::CondOp, ir::LoopOp>([](Operation *op) { return op->hasAttr(convention::kShapes); });
  target.addDynamicallyLegalOp<ir::OutputOp>([&](ir::OutputOp op) {
    return isa<ir::CondOp, ir::LoopOp>(op->getParentOp()) && types.isLegal(op->getOperandTypes());
  });
  add(types, patterns, target);
  if (failed(applyFullConversion(module, target, std::move(patterns))))
    return failure();
  placeControl(module);
  for (auto weight : llvm::make_early_inc_range(module.getOps<ir::WeightOp>()))
    weight.erase();
  return success();
}

void numberProgram(ModuleOp module) {
  if (module->hasAttr(convention::kDims))
    return;
  Builder builder(module.getContext());
  module->setAttr(convention::kDims, dimsOfModule(module));
  int64_t entry = 0;
  for (auto graph : module.getOps<ir::GraphOp>()) {
    graph->setAttr(convention::kEntry, builder.getI64IntegerAttr(entry++));
    describeEntry(graph);
  }
  int64_t prints = 0, taps = 0, failures = 0, sites = 1; // site 0 is the graph itself
  module.walk([&](Operation *op) {
    auto identity = dyn_cast<ir::IdentityOp>(op);
    if (isa<ir::PrintOp>(op))
      op->setAttr(convention::kNumber, builder.getI64IntegerAttr(prints++));
    else if (identity && identity.getTag())
      op->setAttr(convention::kNumber, builder.getI64IntegerAttr(taps++));
    else if (isa<func::CallOp>(op))
      op->setAttr(convention::kSite, builder.getI64IntegerAttr(sites++));
    else if (op->hasTrait<OpTrait::IsTerminator>() || !isa<ir::VarveDialect>(op->getDialect()))
      return;
    else if (ir::indexedAxis(op) || isa<ir::GroupedMatmulOp>(op))
      op->setAttr(convention::kNumber, builder.getI64IntegerAttr(failures++));
    else if (auto store = dyn_cast<ir::BufferStoreOp>(op); store && store.getPosition())
      op->setAttr(convention::kNumber, builder.getI64IntegerAttr(failures++));
  });
}

} // namespace varve::lower
