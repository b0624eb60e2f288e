// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The compiler as a list of calls in order. A graph goes through its bytecode, so what is compiled is what was written
// down, never the state of C++ objects.
#include "varve/compiler/Compile.h"
#include "dialect/Place.h"
#include "lib/compiler/Cache.h"
#include "lib/compiler/Link.h"
#include "lib/compiler/ManifestWriter.h"
#include "lib/compiler/ModuleReader.h"
#include "lib/compiler/ProfileWriter.h"
#include "lib/compiler/Registration.h"
#include "lib/compiler/Stages.h"
#include "lib/graph/Summary.h"
#include "lib/lower/Lower.h"
#include "lib/lower/Passes.h"
#include "lib/passes/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif

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

  /// Remarks and warnings so far, each once.
  std::vector<std::pair<Location, std::string>> takeRemarks() {
    std::vector<std::pair<Location, std::string>> all;
    for (auto &remark : std::exchange(remarks, {}))
      if (!llvm::is_contained(all, remark))
        all.push_back(std::move(remark));
    return all;
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
LogicalResult run(PassManager &passes, ModuleOp module, compiler::Stages &stages) {
  passes.enableVerifier(false);
  stages.watch(passes);
  if (failed(passes.run(module)))
    return failure();
  stages.done("");
  LogicalResult result = verify(module);
  stages.done("verify");
  return result;
}

FailureOr<std::vector<std::byte>> compileModule(ModuleOp module, const CompileOptions &options, Messages &messages,
                                                compiler::Stages &stages) {
  FailureOr<target::cpu::Target> target = target::cpu::Target::named(options.cpu, module.getLoc());
  if (failed(target))
    return failure();
  PassManager shape(module.getContext());
  passes::buildShapePipeline(
      shape, {.panel = target->panel, .bf16Group = target->bf16Group, .winograd = target->winograd != 0});
  if (failed(run(shape, module, stages)))
    return failure();
  lower::numberProgram(module);
  FailureOr<compiler::Json> manifest = compiler::writeManifest(module, *target);
  if (failed(manifest))
    return failure();
  passes::OpTable ops = options.profile ? passes::markOps(module) : passes::OpTable();
  stages.done("manifest");
  PassManager code(module.getContext());
  target::cpu::buildCpuPipeline(code, *target, options.profile);
  if (failed(run(code, module, stages)))
    return failure();
  auto remarks = messages.takeRemarks();
  compiler::Json &said = (*manifest)["remarks"] = compiler::Json::array();
  for (const auto &[location, message] : remarks)
    said.push_back(compiler::messageAt(location, message));
  if (options.profile)
    (*manifest)["profile"] = compiler::writeProfile(module, ops, remarks);
  addManifest(module, compiler::textOf(*manifest));
  FailureOr<std::string> object = target::cpu::emitObject(module, *target, [&](StringRef name) { stages.done(name); });
  if (failed(object))
    return failure();
  FailureOr<std::vector<std::byte>> linked = compiler::linkShared(*object, module.getLoc());
  stages.done("link");
  return linked;
}

OwningOpRef<ModuleOp> read(std::string_view module, const std::string &name, MLIRContext &context, Messages &messages) {
  OwningOpRef<ModuleOp> result = compiler::readModule(module, name, context);
  if (!result)
    messages.raise("expects a module of the varve dialect in " + name);
  return result;
}

// Modules that are written down, and what they are called: one program.
struct Sources {
  std::vector<std::pair<std::string, std::string_view>> all; // a name, and text or bytecode
};

Executable build(const Sources &sources, const CompileOptions &options, compiler::Stages &stages) {
  MLIRContext context(compiler::registry(), MLIRContext::Threading::DISABLED);
  Messages messages(context);
  OwningOpRef<ModuleOp> module;
  for (const auto &[name, text] : sources.all) {
    OwningOpRef<ModuleOp> part = read(text, name, context, messages);
    if (!module)
      module = std::move(part);
    else if (failed(compiler::mergeModule(*module, *part)))
      messages.raise("graphs do not fit together");
  }
  stages.done("read");
  FailureOr<std::vector<std::byte>> code = compileModule(*module, options, messages, stages);
  if (failed(code))
    messages.raise("compilation failed");
  return Executable::from_bytes(runtime::seal(*code));
}

// A compilation leaves some tens of megabytes that are free, and that nothing else in most programs would use.
void giveBackMemory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

// From the cache, or built and kept there.
Executable obtain(const Sources &sources, const CompileOptions &options, compiler::Stages &stages) {
  compiler::Cache cache(options);
  std::string key;
  std::optional<Executable> executable;
  if (cache.isOn()) {
    compiler::Key all(options);
    for (const auto &[name, text] : sources.all) {
      all.add(name);
      all.add(text);
    }
    key = all.text();
    stages.done("key");
    executable = cache.find(key);
  }
  bool isFound = executable.has_value();
  if (!isFound) {
    executable = build(sources, options, stages);
    giveBackMemory();
  }
  stages.done("load");
  if (!isFound && cache.isOn()) {
    cache.keep(key, *executable);
    stages.done("keep");
  }
  stages.deliver();
  if (options.remark)
    for (const std::string &remark : executable->remarks())
      options.remark(remark);
  return *executable;
}
} // namespace

Executable compile(std::span<const Graph *const> graphs, const CompileOptions &options) {
  if (graphs.empty())
    throw Error("expects at least one graph to compile, but got none");
  compiler::Stages stages(options);
  std::vector<std::string> bytes;
  Sources sources;
  StateDict state;
  for (const Graph *graph : graphs) {
    bytes.push_back(graph->bytecode());
    state.merge(graph->state_dict());
  }
  for (size_t i = 0; i < graphs.size(); ++i)
    sources.all.emplace_back(graphs[i]->name(), bytes[i]);
  stages.done("bytecode");
  Executable code = obtain(sources, options, stages);
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
  compiler::Stages stages(options);
  return obtain({{{name, text}}}, options, stages);
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
