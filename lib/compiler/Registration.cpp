// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/compiler/Registration.h"
#include "dialect/Dialect.h"
#include "lib/lower/Passes.h"
#include "lib/passes/Passes.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/Target.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Transforms/BufferDeallocationOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Linalg/Transforms/AllInterfaces.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

using namespace mlir;

namespace varve::compiler {

void registerDialects(DialectRegistry &registry) {
  registry.insert<ir::VarveDialect, target::cpu::VarveCpuDialect, affine::AffineDialect, arith::ArithDialect,
                  bufferization::BufferizationDialect, cf::ControlFlowDialect, func::FuncDialect, index::IndexDialect,
                  linalg::LinalgDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                  tensor::TensorDialect, ub::UBDialect, vector::VectorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(registry);
  cf::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerAllDialectInterfaceImplementations(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  target::cpu::registerKernelBufferization(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  vector::registerBufferizableOpInterfaceExternalModels(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

const DialectRegistry &registry() {
  static const DialectRegistry *all = [] {
    auto *fresh = new DialectRegistry;
    registerDialects(*fresh);
    return fresh;
  }();
  return *all;
}

void registerPasses() {
  passes::registerVarvePasses();
  lower::registerVarveLowerPasses();
  target::cpu::registerVarveCpuPasses();
  PassPipelineRegistration<>("varve-lower-to-linalg",
                             "a recorded program to linalg on tensors: every pass above the target",
                             [](OpPassManager &manager) {
                               passes::buildShapePipeline(manager, {.winograd = false}); // which has no kernel there
                               manager.addPass(lower::createConvertToLinalgPass());
                             });
  struct CpuOptions : PassPipelineOptions<CpuOptions> {
    Option<int64_t> lanes{*this, "lanes", llvm::cl::desc("f32 lanes of a vector"), llvm::cl::init(16)};
    Option<int64_t> rows{*this, "rows", llvm::cl::desc("rows of the register tile of products"), llvm::cl::init(8)};
    Option<int64_t> panel{*this, "panel", llvm::cl::desc("rows of a weight side by side"), llvm::cl::init(32)};
    Option<int64_t> depth{*this, "depth", llvm::cl::desc("steps of k of a block of a weight"), llvm::cl::init(512)};
    Option<int64_t> bf16Group{*this, "bf16-group",
                              llvm::cl::desc("columns of bf16 weights side by side: 2 for dot products of pairs"),
                              llvm::cl::init(1)};
    Option<bool> profile{*this, "profile", llvm::cl::desc("time is taken"), llvm::cl::init(false)};
    Option<bool> vnni{*this, "vnni", llvm::cl::desc("the machine has AVX-512 VNNI"), llvm::cl::init(false)};
  };
  PassPipelineRegistration<CpuOptions>("varve-cpu", "a recorded program to the LLVM dialect, for a CPU",
                                       [](OpPassManager &manager, const CpuOptions &options) {
                                         target::cpu::Target target;
                                         target.lanes = options.lanes;
                                         target.rows = options.rows;
                                         target.panel = options.panel;
                                         target.depth = options.depth;
                                         target.vnni = options.vnni;
                                         target.bf16Group = options.bf16Group;
                                         passes::buildShapePipeline(
                                             manager, {.panel = target.panel, .bf16Group = target.bf16Group});
                                         if (options.profile)
                                           manager.addPass(passes::createMarkOpsPass());
                                         target::cpu::buildCpuPipeline(manager, target, options.profile);
                                       });
}

} // namespace varve::compiler
