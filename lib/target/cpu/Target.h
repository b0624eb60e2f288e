// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A CPU to compile for, the passes that take varve to LLVM for it, and the object file that comes out.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include <string>
#include <vector>

namespace varve::target::cpu {

struct Target {
  std::string triple, cpu;
  std::vector<std::string> features; // that the code uses, and the machine that runs it must have
  int64_t lanes = 8;                 // f32 lanes of a vector register
  int64_t rows = 3;                  // rows of the register tile of products
  bool vnni = false;                 // vpdpbusd on vectors of 16 lanes
  int64_t panel = 32;                // rows of a weight that are packed side by side

  /// The machine that this process runs on. Fails if it has no AVX2, FMA and F16C.
  static mlir::FailureOr<Target> host(mlir::Location location);
  /// By a CPU's name ("x86-64-v3", "x86-64-v4", "znver4", "native").
  static mlir::FailureOr<Target> named(llvm::StringRef cpu, mlir::Location location);
};

/// varve, shaped, to the LLVM dialect.
void buildCpuPipeline(mlir::OpPassManager &manager, const Target &target);

/// The LLVM dialect to an object file. Diagnoses at the module's location.
mlir::FailureOr<std::string> emitObject(mlir::ModuleOp module, const Target &target);

} // namespace varve::target::cpu
