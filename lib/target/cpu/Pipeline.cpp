// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From varve to the LLVM dialect, pass by pass.
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/Target.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace varve::target::cpu {

void buildCpuPipeline(OpPassManager &manager, const Target &target, bool profile) {
  manager.addPass(createConvertToKernelsPass({target.rows, target.lanes, target.panel, target.bf16Group}));

  // Tensors: chains of elementwise ops become one; results are computed where the caller wants them.
  manager.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  manager.addPass(createFuseElementwisePass());
  manager.addPass(createFuseKernelsPass());
  manager.addPass(createReshapeDestinationsPass());
  manager.addPass(createHideDestinationsPass());
  manager.addPass(bufferization::createEmptyTensorEliminationPass());
  manager.addPass(createShowDestinationsPass());

  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  manager.addPass(bufferization::createOneShotBufferizePass(options));
  manager.addPass(createCopyStridedPass());
  // Copies are as large as what they copy: sizes of reshaped memory too come from the program's dimensions.
  manager.addPass(memref::createResolveShapedTypeResultDimsPass());
  manager.addNestedPass<func::FuncOp>(createCSEPass()); // before canonicalisation: else a self-copy stays (22.1)
  manager.addNestedPass<func::FuncOp>(createCanonicalizerPass());

  // Memrefs: loops over vectors.
  manager.addPass(createFuseRowsPass());
  if (profile)
    manager.addPass(createInsertProfilePass());
  manager.addPass(
      createLowerKernelsPass({target.lanes, target.rows, target.depth, target.panels, target.tiles,
                              target.panelStays != 0, target.ahead, target.blocksAhead, target.streams, target.unroll,
                              target.keysAhead, target.valuesAhead, target.valueKeys, target.vnni}));
  manager.addPass(createLowerLoopsPass({target.lanes}));
  manager.addPass(createExpandMathPass());
  manager.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  manager.addNestedPass<func::FuncOp>(createCSEPass());
  manager.addPass(createPlanScratchPass());
  manager.addPass(createLowerReshapesPass());
  manager.addPass(createOutlineParallelPass());
  manager.addPass(createLowerEntriesPass());

  // To LLVM.
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

} // namespace varve::target::cpu
