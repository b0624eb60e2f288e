// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computations over nests of loops. Each becomes one linalg.generic that writes a new tensor: its result has one dimension
// for each parallel loop, in the loops' order, and the last loop is the one that is contiguous in memory where there is one.
#pragma once
#include "lib/lower/Lower.h"

namespace varve::lower {

/// Computes an element from the operands' elements.
using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// Where an operand is read in a nest of `rank` loops: at the places of these loops.
mlir::AffineMap mapOf(mlir::OpBuilder &builder, unsigned rank, llvm::ArrayRef<unsigned> loops);

/// Where an operand [own] is read in loops over `dims`, aligned at the last: where it has size 1, always at 0.
mlir::AffineMap broadcastMap(mlir::OpBuilder &builder, llvm::ArrayRef<ir::Dim> own, llvm::ArrayRef<ir::Dim> dims);

/// A new tensor of these dimensions and stored element type, computed place by place. Elements come as they are stored.
mlir::Value compute(mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<ir::Dim> dims, mlir::Type element,
                    mlir::ValueRange inputs, llvm::ArrayRef<mlir::AffineMap> maps, Body body);
/// The same, into a tensor that is there.
mlir::Value computeInto(mlir::OpBuilder &builder, mlir::Operation *at, mlir::Value into, mlir::ValueRange inputs,
                        llvm::ArrayRef<mlir::AffineMap> maps, Body body);

/// An operand of an elementwise computation: the lowered tensor and the varve type that it had.
struct Input {
  mlir::Value tensor;
  mlir::RankedTensorType type;
};

/// A new tensor of varve type `result`, computed element by element; operands broadcast. Elements come in their own types:
/// i1 as i1, ui8 as i8.
mlir::Value elementwise(mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<Input> inputs,
                        mlir::RankedTensorType result, Body body);

/// How a reduction joins two values. Integers wrap around; a NaN wins, but against a `number`.
enum class Join { sum, product, maximum, minimum, unsignedMaximum, unsignedMinimum, maximumNumber };

/// What joining with any value leaves that value; and two values joined.
mlir::Value neutralOf(mlir::OpBuilder &builder, mlir::Location location, Join join, mlir::Type type);
mlir::Value joinScalars(mlir::OpBuilder &builder, mlir::Location location, Join join, mlir::Value x, mlir::Value y);

/// A new tensor of `loops` without the axes: what the body gives at each place, joined along the axes. The body's values are
/// of the type `element`, which is stored. Without places: the value that joining does not change.
mlir::Value reduce(mlir::OpBuilder &builder, mlir::Operation *at, Join join, llvm::ArrayRef<ir::Dim> loops,
                   llvm::ArrayRef<int64_t> axes, mlir::Type element, mlir::ValueRange inputs,
                   llvm::ArrayRef<mlir::AffineMap> maps, Body body);

/// The sum of products of two float operands along one axis of the loops, taken and stored in f32.
mlir::Value contract(mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<ir::Dim> loops, int64_t axis,
                     mlir::Value lhs, mlir::AffineMap lhsMap, mlir::Value rhs, mlir::AffineMap rhsMap);

/// Loops over places one after another, in row-major order, each with what the body made of the tensor before it.
mlir::Value serialLoops(
    mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<ir::Dim> dims, mlir::Value tensor,
    llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange place, mlir::Value tensor)>
        body);

/// A tensor of floats in another float type.
mlir::Value convert(mlir::OpBuilder &builder, mlir::Operation *at, mlir::Value tensor, llvm::ArrayRef<ir::Dim> dims,
                    mlir::Type to);

} // namespace varve::lower
