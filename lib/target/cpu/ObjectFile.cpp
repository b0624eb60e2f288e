// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The LLVM dialect to an object file, and the machines that we compile for.
#include "lib/target/cpu/Baseline.h"
#include "lib/target/cpu/Target.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include <mutex>

using namespace mlir;

namespace varve::target::cpu {

// What every machine must have, as all of x86-64-v2 do.
static constexpr llvm::StringLiteral kRequired[] = {"ssse3", "sse4.1"};
// What we use where it is there: vectors of eight floats, fused multiply-add and conversions of f16; vectors of 16.
static constexpr llvm::StringLiteral kUsed[] = {"avx2", "fma", "f16c"};
static constexpr llvm::StringLiteral kWide[] = {"avx512f", "avx512bw", "avx512dq", "avx512vl"};

FailureOr<Target> Target::host(Location location) { return named("native", location); }

// What stands behind the name of a CPU: "rows=6,depth=256".
static LogicalResult tune(Target &target, StringRef text, Location location) {
  std::pair<StringRef, int64_t *> all[] = {{"rows", &target.rows},
                                           {"panel", &target.panel},
                                           {"depth", &target.depth},
                                           {"panels", &target.panels},
                                           {"tiles", &target.tiles},
                                           {"panel-stays", &target.panelStays},
                                           {"ahead", &target.ahead},
                                           {"blocks-ahead", &target.blocksAhead},
                                           {"streams", &target.streams},
                                           {"keys-ahead", &target.keysAhead},
                                           {"values-ahead", &target.valuesAhead},
                                           {"value-keys", &target.valueKeys},
                                           {"unroll", &target.unroll},
                                           {"winograd", &target.winograd}};
  SmallVector<StringRef> parts;
  text.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [name, number] = part.split('=');
    auto *found = llvm::find_if(all, [&](auto &each) { return each.first == name; });
    bool isAhead = name.ends_with("ahead");
    bool isSwitch = name == "panel-stays" || name == "winograd";
    int64_t value = 0, most = isSwitch ? 1 : isAhead ? 16384 : 4096;
    if (found == std::end(all) || number.getAsInteger(10, value) || value < (isSwitch || isAhead ? 0 : 1) ||
        value > most)
      return emitError(location)
             << "expects rows, panel, depth, panels, tiles, panel-stays, ahead, blocks-ahead, streams, keys-ahead, "
                "values-ahead, value-keys, unroll or winograd of up to "
             << most << " behind a CPU's name, but got '" << part << "'";
    *found->second = value;
  }
  if (target.streams != 1 && target.streams != 2 && target.streams != 4)
    return emitError(location) << "expects 1, 2 or 4 streams, but got " << target.streams;
  if (target.panel % target.lanes != 0)
    return emitError(location) << "expects a panel of whole vectors of " << target.lanes << ", but got "
                               << target.panel;
  return success();
}

FailureOr<Target> Target::named(StringRef text, Location location) {
  auto [cpu, tuning] = text.split(',');
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  Target target;
  target.triple = llvm::sys::getDefaultTargetTriple();
  if (!llvm::Triple(target.triple).isX86_64())
    return emitError(location) << "expects an x86-64 machine, but got " << target.triple;
  target.cpu = cpu == "native" ? llvm::sys::getHostCPUName().str() : cpu.str();
  std::string error;
  const llvm::Target *registered = llvm::TargetRegistry::lookupTarget(llvm::Triple(target.triple), error);
  if (!registered)
    return emitError(location) << "expects a target that LLVM knows, but got " << target.triple << ": " << error;
  // LLVM ends the process on some names that it does not know, so they are checked first.
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      registered->createMCSubtargetInfo(llvm::Triple(target.triple), "x86-64", ""));
  if (!info || !info->isCPUStringValid(target.cpu))
    return emitError(location) << "expects a CPU that LLVM knows, but got '" << target.cpu << "'";
  info.reset(registered->createMCSubtargetInfo(llvm::Triple(target.triple), target.cpu, ""));
  llvm::StringMap<bool> hostFeatures = cpu == "native" ? llvm::sys::getHostCPUFeatures() : llvm::StringMap<bool>();
  auto has = [&, cpu = cpu](StringRef feature) {
    return cpu == "native" ? hostFeatures.lookup(feature) : info->checkFeatures(("+" + feature).str());
  };
  for (StringRef feature : kRequired) {
    if (!has(feature))
      return emitError(location) << "expects a CPU with " << feature << ", but '" << target.cpu << "' has none";
    target.features.push_back(feature.str());
  }
  bool isNarrow = !llvm::all_of(kUsed, has);
  if (isNarrow) {
    target.lanes = 4;
    target.panel = 8;
    target.ahead = target.blocksAhead = 0;
    target.streams = 1;
    target.fma = target.f16c = false;
  } else {
    for (StringRef feature : kUsed)
      target.features.push_back(feature.str());
  }
  if (!isNarrow && llvm::all_of(kWide, has)) {
    for (StringRef feature : kWide)
      target.features.push_back(feature.str());
    target.lanes = 16;
    target.rows = 8;
    target.ahead = 0;
    target.blocksAhead = 8192;
    target.streams = 1;
    target.panel = 32;
    if (has("avx512bf16")) {
      target.features.push_back("avx512bf16");
      target.bf16Group = 2;
    }
    if (has("avx512vnni")) {
      target.features.push_back("avx512vnni");
      target.vnni = true;
    }
  }
  if (failed(tune(target, tuning, location)))
    return failure();
  return target;
}

namespace {
// LLVM's own handler ends the process on an error.
struct Diagnostics : llvm::DiagnosticHandler {
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() == llvm::DS_Error) {
      llvm::raw_string_ostream stream(text);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
      failed = true;
    }
    return true;
  }
  std::string text;
  bool failed = false;
};

// A short clean-up: the vectors are there already, LLVM's own pipeline costs seconds and buys nothing.
void cleanUp(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PassBuilder passes(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(graphs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, graphs, modules);
  llvm::FunctionPassManager manager;
  manager.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  manager.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/false));
  manager.addPass(llvm::InstCombinePass());
  // Addresses are computed from descriptors inside the innermost loops; out of them with what does not change.
  llvm::LoopPassManager inLoops;
  inLoops.addPass(llvm::LICMPass(llvm::LICMOptions()));
  manager.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(inLoops), /*UseMemorySSA=*/true));
  llvm::ModulePassManager all;
  all.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(manager)));
  all.run(module, modules);
}
} // namespace

// By now bf16 is only moved (ExpandMath.cpp computes with its bits), so it becomes i16. Without instructions for it LLVM (22.1)
// takes vectors apart that are loaded or stored under a mask, chosen or filled, and makes of each element a float and, by a
// library function that we do not link, a bf16 again.
static void moveAsIntegers(ModuleOp module) {
  Type i16 = IntegerType::get(module.getContext(), 16);
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](BFloat16Type) -> std::optional<Type> { return i16; });
  replacer.addReplacement([&](FloatAttr attribute) -> std::optional<Attribute> {
    if (!attribute.getType().isBF16())
      return std::nullopt;
    return IntegerAttr::get(i16, attribute.getValue().bitcastToAPInt());
  });
  replacer.addReplacement([&](DenseElementsAttr attribute) -> std::optional<Attribute> {
    if (!attribute.getElementType().isBF16())
      return std::nullopt;
    return attribute.bitcast(i16);
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
  // The instructions that there are want bf16.
  module.walk([](LLVM::CallIntrinsicOp call) {
    if (!call.getIntrin().starts_with("llvm.x86.avx512bf16."))
      return;
    OpBuilder builder(call);
    for (OpOperand &operand : call->getOpOperands())
      if (auto type = dyn_cast<VectorType>(operand.get().getType()); type && type.getElementType().isInteger(16))
        operand.set(LLVM::BitcastOp::create(builder, call.getLoc(), type.clone(builder.getBF16Type()), operand.get()));
  });
}

FailureOr<std::string> emitObject(ModuleOp module, const Target &target, llvm::function_ref<void(StringRef)> done) {
  moveAsIntegers(module);
  if (failed(verify(module)))
    return failure();
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  llvm::LLVMContext context;
  auto handler = std::make_unique<Diagnostics>();
  Diagnostics &diagnostics = *handler;
  context.setDiagnosticHandler(std::move(handler));
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(module, context);
  if (!code)
    return emitError(module.getLoc()) << "expects a program that LLVM can take, but got none";
  done("translate");

  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *registered = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!registered)
    return emitError(module.getLoc()) << error;
  std::string features;
  for (const std::string &feature : target.features)
    features += (features.empty() ? "+" : ",+") + feature;
  bool isWide = target.lanes == 16;
  if (isWide) // LLVM else prefers half of the register on some CPUs
    features += ",-prefer-256-bit";
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(registered->createTargetMachine(
      triple, target.cpu, features, options, llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Default));
  if (!machine)
    return emitError(module.getLoc()) << "expects a machine that LLVM can make code for, but got " << target.cpu;
  code->setTargetTriple(triple);
  code->setDataLayout(machine->createDataLayout());
  for (llvm::Function &function : *code) {
    if (isWide)
      function.addFnAttr("prefer-vector-width", "512");
    if (!function.isDeclaration() && !function.getName().starts_with("varve_"))
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
  expandForBaseline(*code, target);
  cleanUp(*code, *machine);
  done("clean up");

  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return emitError(module.getLoc()) << "expects a machine with object files, but got " << target.triple;
  passes.run(*code);
  if (diagnostics.failed)
    return emitError(module.getLoc()) << "code generation failed: " << diagnostics.text;
  done("code generation");
  return std::string(bytes.begin(), bytes.end());
}

} // namespace varve::target::cpu
