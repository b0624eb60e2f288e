// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the kernels of attention have in common: operands and sizes, and how rows of them are read and written.
#pragma once
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/attention/Attention.h"

namespace varve::target::cpu {

class AttentionParts : protected Loops {
protected:
  /// Of a function as `buildAttention` describes it; code goes where the builder is.
  AttentionParts(mlir::OpBuilder builder, mlir::func::FuncOp function, AttentionOp op, int64_t lanes);

  using Value = mlir::Value;
  using Type = mlir::Type;

  /// Memory of a task, on its stack.
  Value room(llvm::ArrayRef<int64_t> shape, Type element);
  Value constant(double number);
  Value dim(Value memory, int64_t axis);
  Value wide(Value scalar);
  /// In f32.
  Value extended(Value number);
  Value number(Value memory, mlir::ValueRange place); // a scalar in f32
  template <typename Op> Value make(Value a, Value b) { return Op::create(builder, location, a, b); }
  Value isLess(Value a, Value b);
  Value isEqual(Value a, Value b);
  Value select(Value condition, Value yes, Value no);
  Value exp(Value x);
  /// e^(score - base), where the base is as large as any score.
  Value weight(Value score, Value base);
  /// The larger one, in one instruction: a score that is NaN is left out, and makes the sum of weights NaN instead.
  Value larger(Value before, Value score);
  /// A score within the op's cap.
  Value capped(Value score);

  /// `lanes` elements of a row in f32, from `at` on. Where fewer are left, `count` says how many: zeros behind them.
  Value readLanes(Value memory, mlir::ValueRange row, Value at, int64_t count);
  /// The other way, in the memory's type.
  void writeLanes(Value memory, mlir::ValueRange row, Value at, int64_t count, Value values);
  /// Calls `each` for all vectors of a row of `size` elements, with where they begin and how many elements they have.
  void overRow(int64_t size, llvm::function_ref<void(Value, int64_t)> each);

  /// Where a row of queries that share a head of keys stands: its query and its head.
  std::pair<Value, Value> placeOf(Value row, Value head);
  /// What the mask adds to a score, minus infinity or a number.
  Value maskAt(Value batch, Value queryHead, Value query, Value key);

  AttentionOp op;
  int64_t lanes, size, valueSize;
  Value query, key, value, mask, sinks, slopes, output;
  Value scratch, parts; // parts: of a few queries
  Type f32;
  mlir::VectorType vector;
  /// queryRows: of those that share a head of keys; behind: the first query's position.
  Value queries, keys, shared, group, queryRows, behind;
};

} // namespace varve::target::cpu
