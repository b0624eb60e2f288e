// Passes that take a program out of the varve dialect.
#ifndef VARVE_LOWER_PASSES_TD
#define VARVE_LOWER_PASSES_TD
include "mlir/Pass/PassBase.td"

def ConvertToLinalgPass : Pass<"varve-convert-to-linalg", "::mlir::ModuleOp"> {
  let summary = "varve to linalg on tensors, and to runtime calls for what is no computation";
  let description = [{
    Every graph and function becomes a `func.func` without results:
    `(context, call site, the module's named dimensions, operands, weights of a graph, one memref for each result)`.
    Names of dimensions leave the types: sizes are computed from the functions' arguments. Layers must have been dissolved
    (`varve-inline-layers`).
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}
#endif
