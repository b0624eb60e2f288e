// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A builder of loops, for code that is written as it runs: the body of a loop is a lambda.
#pragma once
#include "mlir/IR/Builders.h"
#include <optional>

namespace varve::target::cpu {

/// Points that are worth a task of their own: some ten microseconds of simple arithmetic.
constexpr int64_t kTaskPoints = 32768;

class Loops {
public:
  Loops(mlir::OpBuilder builder, mlir::Location location) : builder(builder), location(location) {}

  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b); // of natural numbers
  mlir::Value rem(mlir::Value a, mlir::Value b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  mlir::Value ceilDiv(mlir::Value a, mlir::Value b);
  /// The greatest multiple of `step` up to `size`.
  mlir::Value wholeSteps(mlir::Value size, int64_t step);

  void loop(mlir::Value begin, mlir::Value end, int64_t step, llvm::function_ref<void(mlir::Value)> inside);
  /// A loop that carries values; `inside` returns the next ones.
  using Carry = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;
  llvm::SmallVector<mlir::Value> loop(mlir::Value begin, mlir::Value end, int64_t step, mlir::ValueRange carried,
                                      Carry inside);
  /// A loop with step 1 whose body has `count` of them one after the other, and one of single steps for what is left. `inside`
  /// puts the next values into the place of those that are carried; `once` stands before the first of `count` steps.
  using Advance = llvm::function_ref<void(mlir::Value, llvm::MutableArrayRef<mlir::Value>)>;
  llvm::SmallVector<mlir::Value> unrolled(mlir::Value begin, mlir::Value end, int64_t count, mlir::ValueRange carried,
                                          Advance inside, llvm::function_ref<void(mlir::Value)> once = {});
  /// Runs `inside` for each of `total` points, in any order and at the same time: `grain` points make a task.
  void parallel(mlir::Value total, mlir::Value grain, llvm::function_ref<void(mlir::Value)> inside);
  /// The same with the points of a task, from a first to before a last one, in the hands of `inside`.
  void tasks(mlir::Value total, mlir::Value grain, llvm::function_ref<void(mlir::Value, mlir::Value)> inside);
  /// Of `total` points in tasks of up to `grain` (at least one), how many make a task if all are alike.
  mlir::Value evenGrain(mlir::Value total, mlir::Value grain);
  void ifThen(mlir::Value condition, llvm::function_ref<void()> inside);
  void ifThenElse(mlir::Value condition, llvm::function_ref<void()> inside, llvm::function_ref<void()> otherwise);
  /// Code of its own for each of the values that are `known`, and one for all others, which `inside` gets as nothing.
  void cases(mlir::Value value, llvm::ArrayRef<int64_t> known, llvm::function_ref<void(std::optional<int64_t>)> inside);

protected:
  mlir::OpBuilder builder;
  mlir::Location location;
};

} // namespace varve::target::cpu
