// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The compiler as a list of calls in order. A graph goes through its bytecode, so what is compiled is what was written
// down, never the state of C++ objects.
#include "varve/compiler/Compile.h"
#include "dialect/Place.h"
#include "lib/compiler/Link.h"
#include "lib/compiler/ManifestWriter.h"
#include "lib/compiler/ModuleReader.h"
#include "lib/compiler/Registration.h"
#include "lib/graph/Summary.h"
#include "lib/lower/Lower.h"
#include "lib/lower/Passes.h"
#include "lib/passes/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace varve {

namespace {
// Collects what MLIR says on this thread, and throws it when MLIR has returned.
class Messages {
public:
  explicit Messages(MLIRContext &context)
      : handler(&context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
            add(diagnostic);
          else
            remarks.emplace_back(diagnostic.getLocation(), diagnostic.str());
          return success();
        }) {}
  [[noreturn]] void raise(const std::string &otherwise) {
    throw Error(text.empty() ? otherwise : text, place.layer, place.file, place.line);
  }

  /// Hands over remarks and warnings: here, since no function of the caller's runs inside MLIR.
  void deliver(const CompileOptions &options) {
    if (options.remark)
      for (auto &[location, message] : remarks) {
        ir::Place at = ir::placeOf(location);
        options.remark(Error(message, at.layer, at.file, at.line).what());
      }
    remarks.clear();
  }

private:
  void add(Diagnostic &diagnostic) {
    if (text.empty())
      place = ir::placeOf(diagnostic.getLocation());
    text += (text.empty() ? "" : "\n") + diagnostic.str();
    for (Diagnostic &note : diagnostic.getNotes())
      text += "\n  note: " + note.str();
  }
  std::string text;
  ir::Place place;
  std::vector<std::pair<Location, std::string>> remarks;
  ScopedDiagnosticHandler handler;
};

void addManifest(ModuleOp module, const std::string &manifest) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location location = module.getLoc();
  auto bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), manifest.size());
  LLVM::GlobalOp::create(builder, location, bytes, /*isConstant=*/true, LLVM::Linkage::External, "varve_manifest",
                         builder.getStringAttr(manifest));
  LLVM::GlobalOp::create(builder, location, builder.getI64Type(), /*isConstant=*/true, LLVM::Linkage::External,
                         "varve_manifest_size", builder.getI64IntegerAttr(manifest.size()));
}

// The program is verified when passes have run, not after each: that costs as much as the passes, and every test of them
// does it.
LogicalResult run(PassManager &passes, ModuleOp module) {
  passes.enableVerifier(false);
  return success(succeeded(passes.run(module)) && succeeded(verify(module)));
}

FailureOr<std::vector<std::byte>> compileModule(ModuleOp module, const CompileOptions &options) {
  FailureOr<target::cpu::Target> target = target::cpu::Target::named(options.cpu, module.getLoc());
  if (failed(target))
    return failure();
  PassManager shape(module.getContext());
  passes::buildShapePipeline(shape, {.panel = target->panel, .bf16Group = target->bf16Group});
  if (failed(run(shape, module)))
    return failure();
  lower::numberProgram(module);
  FailureOr<std::string> manifest = compiler::writeManifest(module, *target);
  if (failed(manifest))
    return failure();
  PassManager code(module.getContext());
  target::cpu::buildCpuPipeline(code, *target);
  if (failed(run(code, module)))
    return failure();
  addManifest(module, *manifest);
  FailureOr<std::string> object = target::cpu::emitObject(module, *target);
  if (failed(object))
    return failure();
  return compiler::linkShared(*object, module.getLoc());
}

Executable finish(ModuleOp module, Messages &messages, const CompileOptions &options) {
  FailureOr<std::vector<std::byte>> code = compileModule(module, options);
  if (failed(code))
    messages.raise("compilation failed");
  messages.deliver(options);
  return Executable::from_bytes(runtime::seal(*code));
}

OwningOpRef<ModuleOp> read(std::string_view module, const std::string &name, MLIRContext &context, Messages &messages) {
  OwningOpRef<ModuleOp> result = compiler::readModule(module, name, context);
  if (!result)
    messages.raise("expects a module of the varve dialect in " + name);
  return result;
}
} // namespace

Executable compile(std::span<const Graph *const> graphs, const CompileOptions &options) {
  if (graphs.empty())
    throw Error("expects at least one graph to compile, but got none");
  MLIRContext context(compiler::registry(), MLIRContext::Threading::DISABLED);
  Messages messages(context);
  OwningOpRef<ModuleOp> module;
  StateDict state;
  for (const Graph *graph : graphs) {
    OwningOpRef<ModuleOp> part = read(graph->bytecode(), graph->name(), context, messages);
    if (!module)
      module = std::move(part);
    else if (failed(compiler::mergeModule(*module, *part)))
      messages.raise("graphs do not fit together");
    state.merge(graph->state_dict());
  }
  Executable code = finish(*module, messages, options);
  for (const TensorInfo &weight : code.weights())
    if (!state.contains(weight.name))
      return code;
  return code.bind(state);
}

Executable compile(std::initializer_list<const Graph *> graphs, const CompileOptions &options) {
  return compile(std::span(graphs.begin(), graphs.size()), options);
}

Executable compile(const Graph &graph, const CompileOptions &options) { return compile({&graph}, options); }

Executable compile_module(std::string_view text, const std::string &name, const CompileOptions &options) {
  MLIRContext context(compiler::registry(), MLIRContext::Threading::DISABLED);
  Messages messages(context);
  OwningOpRef<ModuleOp> module = read(text, name, context, messages);
  return finish(*module, messages, options);
}

std::string print_module(std::string_view text, const std::string &name) {
  MLIRContext context(compiler::registry(), MLIRContext::Threading::DISABLED);
  Messages messages(context);
  OwningOpRef<ModuleOp> module = read(text, name, context, messages);
  std::string result;
  llvm::raw_string_ostream stream(result);
  module->print(stream);
  return result;
}

std::string summarize_module(std::string_view text, const std::string &name, int depth) {
  MLIRContext context(compiler::registry(), MLIRContext::Threading::DISABLED);
  Messages messages(context);
  OwningOpRef<ModuleOp> module = read(text, name, context, messages);
  return detail::summarize(*module, depth);
}

} // namespace varve
