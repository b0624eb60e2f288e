// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes with named dimensions, and the rules that several ops share. Each rule is written once, as a pure function
// that verifier, inference and DSL use alike.
#pragma once
#include "dialect/DimExpr.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace varve::ir {

class DimsAttr;

/// One dimension of a type: a static size, or a dynamic one and its expression.
struct Dim {
  int64_t size = 1;
  mlir::StringAttr name; // null where the size is static
  bool operator==(const Dim &) const = default;
  bool isOne() const { return size == 1; }
  std::string str() const;
};
using Dims = llvm::SmallVector<Dim, 4>;

/// Whether every dynamic dimension has a name, as every tensor of the dialect must.
bool isNamed(mlir::RankedTensorType type);
/// Whether the static sizes alone make less than 2^60 elements, so that sizes in bytes are sane.
bool isAddressable(llvm::ArrayRef<int64_t> shape);
/// The dimensions of a type for which `isNamed` holds.
Dims dimsOf(mlir::RankedTensorType type);
/// The type of these dimensions; its encoding is there exactly if one is dynamic.
mlir::RankedTensorType tensorOf(llvm::ArrayRef<Dim> dims, mlir::Type element);
DimExpr exprOf(const Dim &dim);
/// A dimension from an expression; the size is static if it is constant.
Dim dimOf(const DimExpr &expr, mlir::MLIRContext *context);
/// The expression of each entry of an attribute, which its verifier has checked.
DimExpr exprOf(mlir::StringAttr text);
/// The type with another element type.
mlir::RankedTensorType withElement(mlir::RankedTensorType type, mlir::Type element);
/// The text of dimensions, as in [2, seq, 8].
std::string str(llvm::ArrayRef<Dim> dims);
/// The product of dimensions.
DimExpr productOf(llvm::ArrayRef<Dim> dims);

/// An operand and the name that its op gives it, for messages.
struct Named {
  llvm::StringRef name;
  mlir::RankedTensorType type;
  Named(llvm::StringRef name, mlir::Value value) : Named(name, value.getType()) {}
  Named(llvm::StringRef name, mlir::Type type) : name(name), type(llvm::cast<mlir::RankedTensorType>(type)) {}
};

using MaybeLoc = std::optional<mlir::Location>;

/// Expects equal element types.
llvm::LogicalResult sameElement(MaybeLoc location, Named lhs, Named rhs);
/// Expects the dimensions of several operands to broadcast, as in NumPy; gives the common ones.
mlir::FailureOr<Dims> broadcast(MaybeLoc location, llvm::ArrayRef<Named> operands);
/// Makes an axis that may be negative count from the front.
mlir::FailureOr<int64_t> normalizeAxis(MaybeLoc location, llvm::StringRef name, int64_t axis, int64_t rank);
/// Makes axes count from the front; sorted, all of them if none is named. Expects no axis twice.
mlir::FailureOr<llvm::SmallVector<int64_t>> normalizeAxes(MaybeLoc location, llvm::ArrayRef<int64_t> axes,
                                                          int64_t rank);
/// The dimension that an op has found. Expects that it is not negative and does not overflow.
mlir::FailureOr<Dim> checkDim(MaybeLoc location, llvm::StringRef name, const DimExpr &expr, mlir::MLIRContext *context);
/// The dimensions that an attribute lists. Expects that none is negative.
mlir::FailureOr<Dims> dimsOf(MaybeLoc location, llvm::StringRef name, DimsAttr dims);
/// The dimensions without the axes, or with size 1 for them.
Dims withoutAxes(llvm::ArrayRef<Dim> dims, llvm::ArrayRef<int64_t> axes, bool keepDims);

/// The rule of binary arithmetic: equal element types, shapes broadcast.
llvm::LogicalResult inferBinary(MaybeLoc location, mlir::Type lhs, mlir::Type rhs,
                                llvm::SmallVectorImpl<mlir::Type> &types);
/// The rule of ops whose result is as the input, along an axis that is there.
llvm::LogicalResult inferAlongAxis(MaybeLoc location, mlir::Type input, int64_t axis,
                                   llvm::SmallVectorImpl<mlir::Type> &types);
/// The rule of the greatest or least element's index along an axis.
llvm::LogicalResult inferArg(MaybeLoc location, mlir::Type input, int64_t axis, bool keepDims,
                             llvm::SmallVectorImpl<mlir::Type> &types);
/// The rule of reductions.
llvm::LogicalResult inferReduce(MaybeLoc location, mlir::Type input, llvm::ArrayRef<int64_t> axes, bool keepDims,
                                llvm::SmallVectorImpl<mlir::Type> &types);

} // namespace varve::ir
