// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Looks at the results of layers that globs select: what the hooks of varve/nn/Hook.h add, added to a saved graph.
#include "lib/passes/LayerPath.h"
#include "lib/passes/Passes.h"
#include "lib/runtime/Glob.h"
#include "llvm/ADT/StringSwitch.h"
#include "varve/Error.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_INSERTHOOKSPASS
#include "lib/passes/Passes.h.inc"

namespace {
bool isPrintable(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && !isa_and_present<ir::PanelsAttr>(tensor.getEncoding()) && ir::isNamed(tensor) &&
         ir::isElement(tensor.getElementType());
}

struct InsertHooks : impl::InsertHooksPassBase<InsertHooks> {
  using InsertHooksPassBase::InsertHooksPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    style = llvm::StringSwitch<StringRef>(kind)
                .Case("print", "compact")
                .Case("stats", "statistics")
                .Case("check-finite", "finite")
                .Cases({"dump", "compare", "tap"}, kind)
                .Default("");
    std::optional<runtime::Glob> path = globOf(layers), type = globOf(types);
    if (!path || !type || failed(checkOptions()))
      return signalPassFailure();
    SmallVector<ir::LayerOp> matched;
    for (auto graph : module.getOps<ir::GraphOp>())
      graph.walk([&](ir::LayerOp layer) {
        if (path->matches(pathOf(layer)) && type->matches(layer.getKind().str()))
          matched.push_back(layer);
      });
    for (ir::LayerOp layer : matched)
      insert(layer);
    if (matched.empty())
      emitWarning(module.getLoc()) << "expects a layer whose path matches '" << layers << "' and whose type '" << types
                                   << "', but got none";
  }

  std::optional<runtime::Glob> globOf(const std::string &text) {
    try {
      return runtime::Glob(text);
    } catch (const Error &error) {
      emitError(getOperation().getLoc()) << error.message();
      return std::nullopt;
    }
  }

  LogicalResult checkOptions() {
    auto error = [&] { return emitError(getOperation().getLoc()); };
    bool hasFolder = style == "dump" || style == "compare";
    if (style.empty())
      return error() << "expects kind print, stats, check-finite, dump, compare or tap, but got '" << kind << "'";
    if (hasFolder == folder.empty())
      return error() << (hasFolder ? "expects a folder" : "expects no folder") << " for kind " << kind << ", but got "
                     << (hasFolder ? "none" : "'" + folder + "'");
    if (style != "compare" && (rtol != defaults.rtol || atol != defaults.atol))
      return error() << "expects rtol and atol for kind compare alone, but got them for " << kind;
    return success();
  }

  void insert(ir::LayerOp layer) {
    Operation *output = layer.getBody().front().getTerminator();
    OpBuilder builder(output);
    Location location = layer.getLoc();
    FloatAttr relative = rtol != defaults.rtol ? builder.getF64FloatAttr(rtol) : FloatAttr();
    FloatAttr absolute = atol != defaults.atol ? builder.getF64FloatAttr(atol) : FloatAttr();
    StringAttr to = folder.empty() ? StringAttr() : builder.getStringAttr(folder), none;
    for (OpOperand &operand : output->getOpOperands()) {
      Value value = operand.get();
      if (!isPrintable(value.getType()))
        continue;
      StringAttr name =
          builder.getStringAttr(output->getNumOperands() == 1 ? "output" : std::to_string(operand.getOperandNumber()));
      if (style == "tap") {
        operand.set(ir::IdentityOp::create(builder, location, value, name, /*layer=*/none));
        continue;
      }
      if (style == "finite" && !isa<FloatType>(cast<RankedTensorType>(value.getType()).getElementType()))
        continue;
      ir::PrintOp::create(builder, location, value, name, builder.getStringAttr(style), to, relative, absolute,
                          /*layer=*/none); // the op's verifier says what a folder must be
    }
  }

  const InsertHooksPassOptions defaults;
  StringRef style;
};
} // namespace

} // namespace varve::passes
