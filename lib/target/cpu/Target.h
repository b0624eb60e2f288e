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
  int64_t rows = 6;                  // rows of the register tile of products
  bool fma = true, f16c = true;      // else see Baseline.h
  bool vnni = false;                 // vpdpbusd on vectors of 16 lanes
  int64_t panel = 16;                // rows of a weight that are packed side by side
  int64_t depth = 256;               // steps of k of a block of a weight
  int64_t panels = 4;                // panels of a block of a weight
  int64_t tiles = 8;                 // register tiles of rows that pass a block of a weight
  int64_t panelStays = 0;            // 1: a panel stays in the first-level cache, else a tile of rows
  int64_t ahead = 1536;              // bytes of a weight of 16 bits that a single row asks for ahead; 0: it does not
  int64_t blocksAhead = 1536;        // of a weight in blocks; q6_k's are asked for twice as far ahead, up to 8192
  int64_t streams = 4; // panels of a weight that a single row reads at the same time: 1, 2 or 4; of blocks, up to 2
  int64_t unroll = 2;  // steps of k of a register tile that stand one after the other
  int64_t keysAhead = 1024, valuesAhead = 2048; // bytes that attention of a few queries asks for ahead
  int64_t valueKeys = 16;                       // keys whose values all heads take there before the next ones
  int64_t winograd = 1;  // 1: kernels of 3x3 have the form of Winograd's F(2x2, 3x3) where that is faster
  int64_t bf16Group = 1; // columns of a bf16 weight side by side: 2 where it multiplies pairs

  /// The machine that this process runs on. Fails if it has no SSE4.1. Without AVX2, FMA and F16C vectors have 4 lanes.
  static mlir::FailureOr<Target> host(mlir::Location location);
  /// By a CPU's name ("x86-64-v3", "x86-64-v4", "znver4", "native"). Behind it may stand what products shall have instead of
  /// what was measured to be good: "native,rows=6,panel=16,depth=256,panels=4,tiles=8".
  static mlir::FailureOr<Target> named(llvm::StringRef cpu, mlir::Location location);
};

/// varve, shaped, to the LLVM dialect. To profile, its ops have been marked.
void buildCpuPipeline(mlir::OpPassManager &manager, const Target &target, bool profile = false);

/// The LLVM dialect to an object file. Diagnoses at the module's location. `done` is called with the name of each stage when
/// it ends.
mlir::FailureOr<std::string> emitObject(mlir::ModuleOp module, const Target &target,
                                        llvm::function_ref<void(llvm::StringRef)> done);

} // namespace varve::target::cpu
