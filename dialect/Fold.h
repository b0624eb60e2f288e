// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Folding of ops whose operands are constants. What these cannot fold they leave: they give a null attribute.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace varve::ir {

/// Folding makes no constant of more elements than this, but for one value repeated.
inline constexpr int64_t kMaxFolded = 1024;

/// Combines the elements of operands that broadcast to the type. The function gets one element of each operand; where
/// it gives null, nothing is folded.
mlir::Attribute foldElements(mlir::RankedTensorType type, llvm::ArrayRef<mlir::Attribute> operands,
                             llvm::function_ref<mlir::Attribute(llvm::ArrayRef<mlir::Attribute>)> combine);

/// Gives each position of the type the element of the operand at the position that the function makes of it.
mlir::Attribute foldPlaces(mlir::RankedTensorType type, mlir::Attribute operand,
                           llvm::function_ref<void(llvm::MutableArrayRef<int64_t>)> place);

/// The constant of a type whose elements the function gives, where the type is static and small.
mlir::Attribute makeConstant(mlir::RankedTensorType type,
                             llvm::function_ref<mlir::Attribute(llvm::ArrayRef<int64_t>)> element);
/// The element of a constant at a position; the position may have more leading dimensions, and an axis of size 1
/// repeats.
mlir::Attribute elementAt(mlir::DenseElementsAttr constant, llvm::ArrayRef<int64_t> at);

} // namespace varve::ir
