// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The body of a linalg.generic on memrefs, computed for one point of its loops or for a vector of points along one of
// them. Operands that do not vary along the vector stay scalars until they meet one that does.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include <optional>

namespace varve::target::cpu {

/// How an op is computed: which of its loops is the vector's.
struct VectorPlan {
  std::optional<unsigned> loop; // none: element by element
  bool isReduction = false;     // the loop is a reduction: lanes are combined at the end
};

/// Whether the operand is contiguous along the loop, or does not vary along it.
bool isContiguous(mlir::linalg::GenericOp op, mlir::OpOperand &operand, unsigned loop);
/// Whether every op of the body has a vector form along the loop.
bool isBodyVectorizable(mlir::linalg::GenericOp op, unsigned loop);
/// Chooses the vector's loop, or none.
VectorPlan planVector(mlir::linalg::GenericOp op);

/// The sizes of an op's loops.
llvm::SmallVector<mlir::Value> loopSizes(mlir::OpBuilder &builder, mlir::linalg::GenericOp op);

/// One block of points: the loops' indices, the vector's lanes (1: none) and, for the last ones, their mask.
struct Points {
  llvm::SmallVector<mlir::Value> indices; // one for each loop; along the vector the first lane's
  int64_t lanes = 1;
  mlir::Value mask;
};

/// Computes an elementwise op of a body on vectors where an operand is one, which the map says; the result goes into it.
mlir::Operation *cloneWide(mlir::OpBuilder &builder, mlir::Operation &op, mlir::IRMapping &values, int64_t lanes);

class BodyEmitter {
public:
  BodyEmitter(mlir::linalg::GenericOp op, VectorPlan plan) : op(op), plan(plan) {}

  /// The operand's elements at the points: a vector if they vary along it, else a scalar.
  mlir::Value load(mlir::OpBuilder &builder, mlir::OpOperand &operand, const Points &points) const;
  /// Stores to an output.
  void store(mlir::OpBuilder &builder, mlir::Value value, mlir::OpOperand &output, const Points &points) const;
  /// Computes at this place what is equal for all points that differ in the vector's loop alone.
  void hoist(mlir::OpBuilder &builder, const Points &points);
  /// From now on the operand's elements are this, which is not loaded.
  void give(mlir::OpOperand &operand, mlir::Value value) { hoisted.map(op.getMatchingBlockArgument(&operand), value); }
  /// Computes what the body yields, given the outputs' elements (null: the body does not read that output).
  llvm::SmallVector<mlir::Value> compute(mlir::OpBuilder &builder, mlir::ValueRange outputs,
                                         const Points &points) const;
  /// Computes `value`, a value of the body, without the outputs.
  mlir::Value computeValue(mlir::OpBuilder &builder, mlir::Value value, const Points &points) const;
  /// The value as a vector of the points' lanes.
  static mlir::Value widen(mlir::OpBuilder &builder, mlir::Location location, mlir::Value value, int64_t lanes);

private:
  llvm::SmallVector<mlir::Value> indicesOf(mlir::OpBuilder &builder, mlir::OpOperand &operand,
                                           const Points &points) const;
  void emit(mlir::OpBuilder &builder, mlir::Operation &inner, mlir::IRMapping &values, const Points &points) const;
  bool varies(mlir::OpOperand &operand) const;

  mutable mlir::linalg::GenericOp op; // its accessors are not const
  VectorPlan plan;
  mlir::IRMapping hoisted;
};

/// Lets LLVM fuse the product or sum with its neighbours; without this flag it forms no FMA. Not for elementwise ops: each
/// rounds once, so that chains give the same bits whether they are fused or not.
void allowFusedMultiplyAdd(mlir::Operation *op);

/// The op that combines an element into the output in a reduction with one output, if the body is of that form.
mlir::Operation *combinerOf(mlir::linalg::GenericOp op);

} // namespace varve::target::cpu
