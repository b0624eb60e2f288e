// Passes that take linalg to code for a CPU, in the order in which they run.
#ifndef VARVE_TARGET_CPU_PASSES_TD
#define VARVE_TARGET_CPU_PASSES_TD
include "mlir/Pass/PassBase.td"

class CpuPass<string flag> : Pass<flag, "::mlir::ModuleOp"> {
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def ConvertToKernelsPass : CpuPass<"varve-cpu-convert"> {
  let summary = "varve to linalg on tensors, and to varve_cpu for what a CPU has a kernel for";
  let options = [
    Option<"rows", "rows", "int64_t", "8", "rows of the register tile of products">,
    Option<"lanes", "lanes", "int64_t", "16", "f32 lanes of a vector">,
    Option<"panel", "panel", "int64_t", "32", "columns of a panel of what is no weight">,
    Option<"bf16Group", "bf16-group", "int64_t", "1", "columns of bf16 side by side: 2 where the CPU multiplies pairs">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::varve::target::cpu::VarveCpuDialect"];
}

def FuseElementwisePass : CpuPass<"varve-cpu-fuse-elementwise"> {
  let summary = "chains of elementwise ops on tensors become one op";
}

def FuseKernelsPass : CpuPass<"varve-cpu-fuse-kernels"> {
  let summary = "an elementwise op that alone reads a product or a convolution is computed in its body";
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::varve::target::cpu::VarveCpuDialect"];
}

def ReshapeDestinationsPass : CpuPass<"varve-cpu-reshape-destinations"> {
  let summary = "what is handed out under another shape is computed where it goes";
  let description = [{
    A result that is a `tensor.expand_shape`, as that of a product with several dimensions before the last, goes into the memory
    under the shape that it was computed in. Upstream's `eliminate-empty-tensors` does not look through reshapes (22.1).
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def HideDestinationsPass : CpuPass<"varve-cpu-hide-destinations"> {
  let summary = "the memory that a branch writes to is known in that branch alone";
}

def ShowDestinationsPass : CpuPass<"varve-cpu-show-destinations"> {
  let summary = "undoes varve-cpu-hide-destinations";
}

def CopyStridedPass : CpuPass<"varve-cpu-copy-strided"> {
  let summary = "a view with gaps is copied where contiguous memory is called for";
}

def FuseRowsPass : CpuPass<"varve-cpu-fuse-rows"> {
  let summary = "ops on the same rows become one parallel loop over rows";
  let description = [{
    A reduction of each row, and the ops before and after it that are computed on the same rows, as of softmax and norms. What
    they hand on has memory for one row, on the stack of a task if it is small and of known size, or in the result.
  }];
}

def InsertProfilePass : CpuPass<"varve-cpu-insert-profile"> {
  let summary = "the runtime is told when what came of marked ops begins and ends";
  let description = [{
    Puts two calls around each op that computes on memrefs, or around a loop that an op became, and lists them in the
    module's attribute `varve.events`: the ops (see `varve-mark-ops`), the kind of code, whether it is a product that no kernel
    takes. Runs only to profile.
  }];
}

def LowerKernelsPass : CpuPass<"varve-cpu-lower-kernels"> {
  let summary = "ops of varve_cpu become calls of kernels";
  let description = [{
    One kernel for all ops with equal element types, layouts and bodies, whatever the sizes. A product has a register tile of
    rows x panel: accumulators are loop-carried vectors, sums run over K in order, blocks of columns and of K keep the weight in
    cache.
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", "16", "f32 lanes of a vector">,
    Option<"rows", "rows", "int64_t", "8", "rows of the register tile">,
    Option<"depth", "depth", "int64_t", "256", "steps of k of a block of the weight">,
    Option<"panels", "panels", "int64_t", "4", "panels of a block of the weight">,
    Option<"tiles", "tiles", "int64_t", "8", "register tiles of rows that pass a block of the weight">,
    Option<"panelStays", "panel-stays", "bool", "false", "in the first-level cache: a panel, not a tile of rows">,
    Option<"ahead", "ahead", "int64_t", "0", "bytes of a weight of 16 bits that a single row asks for ahead">,
    Option<"blocksAhead", "blocks-ahead", "int64_t", "0", "of a weight in blocks">,
    Option<"streams", "streams", "int64_t", "1", "panels that a single row reads at the same time: 1, 2 or 4">,
    Option<"unroll", "unroll", "int64_t", "1", "steps of k of a register tile that stand one after the other">,
    Option<"keysAhead", "keys-ahead", "int64_t", "1024", "bytes of keys that attention of a few queries asks for ahead">,
    Option<"valuesAhead", "values-ahead", "int64_t", "2048", "bytes of values that it asks for ahead">,
    Option<"valueKeys", "value-keys", "int64_t", "16", "keys whose values all heads take before the next ones">,
    Option<"vnni", "vnni", "bool", "false", "the machine multiplies and adds int8 (AVX-512 VNNI)">];
}

def LowerLoopsPass : CpuPass<"varve-cpu-lower-loops"> {
  let summary = "linalg on memrefs becomes parallel loops over vectors";
  let description = [{
    The vector dimension is the one that is contiguous in every operand: a parallel one if the result has it, else a
    reduction. The last vector is masked. An op that has no such dimension is computed element by element, and a remark
    says so.
  }];
  let options = [Option<"lanes", "lanes", "int64_t", "16", "f32 lanes of a vector">];
}

def ExpandMathPass : CpuPass<"varve-cpu-expand-math"> {
  let summary = "exp, log, sin, tanh, remainders and others become arithmetic";
}

def PlanScratchPass : CpuPass<"varve-cpu-plan-scratch"> {
  let summary = "allocations become slices of one scratch memory that the caller gives";
  let description = [{
    Buffers of equal size whose lives do not overlap share a slice. For each function a second one computes the bytes that
    it needs from the named dimensions: its own and the most of those that it calls.
  }];
}

def LowerReshapesPass : CpuPass<"varve-cpu-lower-reshapes"> {
  let summary = "memref.expand_shape becomes memref.reinterpret_cast";
}

def OutlineParallelPass : CpuPass<"varve-cpu-outline-parallel"> {
  let summary = "parallel loops become kernels that the runtime's thread pool calls";
}

def LowerEntriesPass : CpuPass<"varve-cpu-lower-entries"> {
  let summary = "makes the functions that the runtime calls, and its table of functions the only import";
}
#endif
