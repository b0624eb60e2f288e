// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The kernels of attention: one for many queries, one for a few.
#pragma once
#include "lib/target/cpu/kernel/Product.h"
#include <optional>

namespace varve::target::cpu {

/// The operands of the kernel that are memory, and their types: all sizes dynamic but those of a head, all strides but the
/// last.
llvm::SmallVector<mlir::Value> memoriesOf(AttentionOp op);
llvm::SmallVector<mlir::Type> typesOf(AttentionOp op);

/// Whether there are a few queries: true, false, or known when it runs.
std::optional<bool> isFew(AttentionOp op);
/// How many rows of queries share a head of keys, if that is known.
std::optional<int64_t> knownRows(AttentionOp op);

/// Builds (context, query, key, value, mask, sinks and slopes if there are, output, scratch, parts): sizes dynamic but for
/// those of a head. `scratch` is `room` numbers.
mlir::func::FuncOp buildAttention(mlir::OpBuilder &builder, llvm::StringRef name, AttentionOp op, Tile tile);

/// The kernels, at the builder's place in such a function.
void buildManyQueries(mlir::OpBuilder builder, mlir::func::FuncOp function, AttentionOp op, Tile tile);
void buildFewQueries(mlir::OpBuilder builder, mlir::func::FuncOp function, AttentionOp op, Tile tile);

/// How the kernel for a few queries divides its memory, and keys among tasks.
struct FewQueriesScratch {
  static constexpr int64_t kRows = 16;             // so many that share a head of keys are not few
  static constexpr int64_t kBlock = 64;            // keys of a block
  static constexpr int64_t kTile = 8;              // rows of an item are filled up to so many
  static constexpr int64_t kPartRows = 4;          // of more rows a part has twice as many keys, and so on
  static constexpr int64_t kPartProducts = 262144; // that are worth a task
  static constexpr int64_t kMostParts = 64;
  static constexpr int64_t kAlign = 16;
  /// Numbers in the memory of a row.
  static int64_t widthOf(AttentionOp op);
  static int64_t widthOf(int64_t size, int64_t valueSize) { return llvm::alignTo(std::max(size, valueSize), kAlign); }
};

/// With so many rows of queries for a head of keys, keys and values are first laid head by head in f32 (fewer where they have to be converted, which is then done once), in memory of
/// batch * keys * heads of keys * (size of a key + size of a value) numbers.
inline int64_t gatheredRows(mlir::Type element) { return element.isF32() ? 256 : 128; }

} // namespace varve::target::cpu
