// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The varve dialect: its ops, types and attributes. Shape rules are in Shape.h.
#pragma once
#include "dialect/Shape.h"
#include "dialect/Shards.h"
#include "dialect/Windows.h"
#include "llvm/ADT/Hashing.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "varve/Encoding.h"

#include "dialect/Dialect.h.inc"

namespace varve::ir {
/// For attributes that hold segments.
inline llvm::hash_code hash_value(const Segment &segment) { return llvm::hash_combine(segment.count, segment.unit); }
} // namespace varve::ir

namespace varve::ir {
/// Of ops whose result has, at each place, what is computed of the operands' elements there.
template <class Op> class Elementwise : public mlir::OpTrait::TraitBase<Op, Elementwise> {};
} // namespace varve::ir

#define GET_ATTRDEF_CLASSES
#include "dialect/Attributes.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialect/Types.h.inc"

#define GET_OP_CLASSES
#include "dialect/Ops.h.inc"

namespace varve::ir {

/// The name of an argument or result of a graph.
inline constexpr llvm::StringLiteral kNameAttr = "varve.name";
/// On a scalar i64 argument of a graph: the named dimension that its value is.
inline constexpr llvm::StringLiteral kDimAttr = "varve.dim";

/// On the function of an outlined layer: where it runs, as the placement of a layer.
inline constexpr llvm::StringLiteral kPlacementAttr = "varve.placement";

/// Whether a type is an element type of the dialect: f32, f16, bf16, i8, i32, i64, ui8 or i1.
bool isElement(mlir::Type type);

/// How a weight of these elements is stored; `none` for elements of the dialect.
Encoding encodingOf(mlir::Type element);
/// Whether a type is that of a weight in whole blocks of an encoding: static, at least one axis.
bool isEncoded(mlir::RankedTensorType type);
/// Whether an op's result shows its first operand's memory: what is loaded from a buffer stays state in it.
bool isView(mlir::Operation *op);
/// Expects what ends the body of an op, which is called `what`, to hand out values of its results' types.
llvm::LogicalResult verifyOutput(OutputOp output, llvm::StringRef what, mlir::TypeRange results);
/// The axis, counted from the front, into which an op takes indices from data; nothing of other ops.
std::optional<int64_t> indexedAxis(mlir::Operation *op);

/// Whether a text is a device of a mesh, such as cpu:0 or cuda:1.
bool isDevice(llvm::StringRef text);

/// The text of a list of dimensions, as in `#varve.dims<batch, seq + 1>`, between any delimiters.
DimsAttr parseDims(mlir::AsmParser &parser, mlir::AsmParser::Delimiter delimiter);
void printDims(mlir::AsmPrinter &printer, DimsAttr dims);

} // namespace varve::ir
