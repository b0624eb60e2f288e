// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls through the runtime's table of functions, the only thing that generated code knows of the runtime.
#pragma once
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace varve::target::cpu {

/// The functions of varve::runtime::abi::Api, by place.
enum class RuntimeFunction { parallel, fail, print, tap, profile };
/// The fields of varve::runtime::abi::Context, by place; each has eight bytes.
enum class ContextField { api, workers, taps };

/// A field of the context.
inline mlir::Value loadContext(mlir::OpBuilder &builder, mlir::Location location, mlir::Value context,
                               ContextField field, mlir::Type type) {
  using namespace mlir;
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value place = LLVM::GEPOp::create(builder, location, pointer, pointer, context,
                                    ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(field)});
  return LLVM::LoadOp::create(builder, location, type, place);
}

/// Calls the function at an address.
inline void callAddress(mlir::OpBuilder &builder, mlir::Location location, mlir::Value address,
                        mlir::ValueRange operands) {
  using namespace mlir;
  SmallVector<Value> all{address};
  llvm::append_range(all, operands);
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                          SmallVector<Type>(operands.getTypes()));
  LLVM::CallOp::create(builder, location, type, all);
}

/// Calls the function with the context and the operands.
inline void callTable(mlir::OpBuilder &builder, mlir::Location location, mlir::Value context, RuntimeFunction function,
                      mlir::ValueRange operands) {
  using namespace mlir;
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value table = LLVM::LoadOp::create(builder, location, pointer, context);
  Value place = LLVM::GEPOp::create(builder, location, pointer, pointer, table,
                                    ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(function)});
  SmallVector<Value> all{context};
  llvm::append_range(all, operands);
  callAddress(builder, location, LLVM::LoadOp::create(builder, location, pointer, place), all);
}

} // namespace varve::target::cpu
