// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How contiguous memrefs go from function to function: as a pointer and the sizes that are not known, not as the many
// numbers of a descriptor. A call of a layer has many weights, and what LLVM takes for it grows fast with its arguments.
#pragma once
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace varve::target::cpu {

class Memories {
public:
  Memories(mlir::ModuleOp module, const mlir::LLVMTypeConverter &types);

  /// A memref of these parts. It becomes one only where it is used as one.
  mlir::Value add(mlir::OpBuilder &builder, mlir::Location location, mlir::MemRefType type, mlir::Value data,
                  mlir::ValueRange sizes);
  /// The same for data whose address is in a table, and is loaded where it is needed.
  mlir::Value addAt(mlir::OpBuilder &builder, mlir::Location location, mlir::MemRefType type, mlir::Value table,
                    int64_t slot, mlir::ValueRange sizes);
  /// Changes functions and their calls, and makes the memrefs that are left. Static ones whose addresses follow each
  /// other in a table, in every call of a function, are passed as one pointer into it: a layer's weights.
  void narrowCalls();

private:
  /// Arguments [first, first + count) of a function that are passed as a table.
  struct Run {
    unsigned first, count;
  };
  llvm::SmallVector<Run> runsOf(llvm::ArrayRef<mlir::func::CallOp> calls);
  void narrowArguments(mlir::func::FuncOp function, llvm::ArrayRef<Run> runs);
  void narrowOperands(mlir::func::CallOp call, llvm::ArrayRef<Run> runs);
  mlir::Value dataOf(mlir::OpBuilder &builder, mlir::UnrealizedConversionCastOp memory);
  mlir::Value placeIn(mlir::OpBuilder &builder, mlir::Location location, mlir::Value table, int64_t slot);
  mlir::Value descriptor(mlir::OpBuilder &builder, mlir::UnrealizedConversionCastOp memory);

  mlir::ModuleOp module;
  const mlir::LLVMTypeConverter &types;
  mlir::Type pointer;
  llvm::SmallVector<mlir::UnrealizedConversionCastOp> all;
};

} // namespace varve::target::cpu
