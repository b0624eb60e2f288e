// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the lowering of every family shares: the types of the lowered program, its calling convention, sizes from named
// dimensions, and tensors under other shapes. Loops.h has the computations.
#pragma once
#include "dialect/Dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace varve::lower {

/// On a math.exp: its operand is not above 0, and results below 2^-126 and the last two bits do not count, as in a softmax.
constexpr llvm::StringLiteral kOfNegative = "varve.of_negative";

/// The types of the lowered program: no names; i1 and ui8 are stored as i8 (and known by the varve op that is lowered);
/// a weight in panels of n rows and groups of g columns is [ceil(rows / n), ceil(elements of a row / g), n * g], one in blocks
/// of an encoding [.., blocks, bytes of a block], or
/// [.., elements] where that is one byte; a buffer is a memref.
class LoweredTypes : public mlir::TypeConverter {
public:
  LoweredTypes();
};

/// The element type as it is stored.
mlir::Type storageOf(mlir::Type element);

/// The calling convention of a lowered function: context, call site, the module's dimensions, then its own arguments.
namespace convention {
inline constexpr unsigned context = 0, site = 1, dims = 2;
/// The module's named dimensions, sorted: an array of strings.
inline constexpr llvm::StringLiteral kDims = "varve.dims";
/// On the function of an entry: its number.
inline constexpr llvm::StringLiteral kEntry = "varve.entry";
/// On prints, taps and lookups: their number in the manifest.
inline constexpr llvm::StringLiteral kNumber = "varve.number";
/// On a call: the number of its layer's path in the manifest.
inline constexpr llvm::StringLiteral kSite = "varve.site";
/// On an entry: the named dimensions that its arguments give values, sorted.
inline constexpr llvm::StringLiteral kSymbols = "varve.symbols";
/// On an entry, for each argument after the dimensions: its place among the buffers that the runtime passes (inputs,
/// weights, state, outputs), and its shape. Shapes are also on branches and loops: of their results and scanned inputs.
inline constexpr llvm::StringLiteral kSlots = "varve.slots", kShapes = "varve.shapes";
/// Runtime functions, declared where they are called; the target makes them calls through the runtime's table, and of
/// `kTapped`, whether a tap is on, a look into the context.
inline constexpr llvm::StringLiteral kPrint = "varve.rt.print", kFail = "varve.rt.fail", kTap = "varve.rt.tap",
                                     kTapped = "varve.rt.tapped", kProfile = "varve.rt.profile";
/// On a call of `kProfile`: the number of what begins or, with `kEnds`, ends there. No operands, so that code is the same
/// without the call.
inline constexpr llvm::StringLiteral kEvent = "varve.event", kEnds = "varve.ends";
/// On the module: what came of marked ops.
inline constexpr llvm::StringLiteral kEvents = "varve.events";
} // namespace convention

/// The value of an expression, given the value of each name.
mlir::Value evaluate(mlir::OpBuilder &builder, mlir::Location location, const ir::DimExpr &expr,
                     llvm::function_ref<mlir::Value(llvm::StringRef)> valueOf);
/// The value of an expression of named dimensions, inside the function that holds `at`.
mlir::Value sizeOf(mlir::OpBuilder &builder, mlir::Operation *at, const ir::DimExpr &expr);
mlir::Value sizeOf(mlir::OpBuilder &builder, mlir::Operation *at, const ir::Dim &dim);
/// The sizes of a varve type.
llvm::SmallVector<mlir::OpFoldResult> sizesOf(mlir::OpBuilder &builder, mlir::Operation *at,
                                              llvm::ArrayRef<ir::Dim> dims);
/// A new tensor of these dimensions; the element type is stored as it is.
mlir::Value emptyTensor(mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<ir::Dim> dims,
                        mlir::Type element);
/// The same, filled with a value.
mlir::Value filledTensor(mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<ir::Dim> dims,
                         mlir::Value scalar);

/// The tensor under another shape with as many elements; both are given by their varve dimensions.
mlir::Value reshape(mlir::OpBuilder &builder, mlir::Operation *at, mlir::Value tensor, llvm::ArrayRef<ir::Dim> from,
                    llvm::ArrayRef<ir::Dim> to);
/// The elements at offset, offset + step, .. of each dimension, as many as `to` says; a view. No steps: all are 1.
mlir::Value slice(mlir::OpBuilder &builder, mlir::Operation *at, mlir::Value tensor,
                  llvm::ArrayRef<ir::DimExpr> offsets, llvm::ArrayRef<ir::Dim> to, llvm::ArrayRef<int64_t> steps = {});
/// Whether a dimension is known to be 0. No slice may be cut then: upstream's verifiers reject an offset at the end.
bool isEmpty(llvm::ArrayRef<ir::Dim> dims);

/// f16 and bf16 are computed in f32.
mlir::Type computeType(mlir::Type element);
/// Extends a float scalar to f32, or rounds it to `to`.
mlir::Value toFloat(mlir::OpBuilder &builder, mlir::Location location, mlir::Value scalar, mlir::Type to);
mlir::Value floatConstant(mlir::OpBuilder &builder, mlir::Location location, double value, mlir::Type type);
/// A size as an f32 scalar.
mlir::Value floatSize(mlir::OpBuilder &builder, mlir::Operation *at, const ir::Dim &dim);

/// Calls a runtime function; see `convention`.
mlir::func::CallOp callRuntime(mlir::OpBuilder &builder, mlir::Operation *at, llvm::StringRef name,
                               mlir::ValueRange operands, mlir::TypeRange results = {});
/// Whether the op is a tap: an `scf.if` whose condition is that a tap is on, or that condition.
bool isTap(mlir::Operation *op);

/// Gives entries, weights' uses, prints, taps, lookups and call sites the numbers that they have in the manifest, as attributes;
/// and the module the names of its dimensions. Does nothing a second time.
void numberProgram(mlir::ModuleOp module);
void describeEntry(ir::GraphOp graph);

/// Takes a module out of varve. A target may add patterns of its own, which go before ours where their benefit is greater.
mlir::LogicalResult convertToLinalg(
    mlir::ModuleOp module,
    llvm::function_ref<void(const LoweredTypes &, mlir::RewritePatternSet &, mlir::ConversionTarget &)> add);

/// Makes branches and loops, whose types are lowered, `scf` ops that compute in memory.
void placeControl(mlir::ModuleOp module);

/// One family's patterns, in the file of its name.
void addStructurePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addElementwisePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addContractPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addIndexPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addReducePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addNormalizePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addControlPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addAttentionPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addQuantizePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addShapePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addConvPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addPoolPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addResizePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addScanPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addCumulativePatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addSortPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);
void addRandomPatterns(const LoweredTypes &types, mlir::RewritePatternSet &patterns);

} // namespace varve::lower
