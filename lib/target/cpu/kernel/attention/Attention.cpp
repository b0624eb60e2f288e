// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/kernel/attention/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace varve::target::cpu {

int64_t FewQueriesScratch::widthOf(AttentionOp op) {
  auto sizeOf = [](Value operand) { return cast<ShapedType>(operand.getType()).getDimSize(3); };
  return widthOf(sizeOf(op.getKey()), sizeOf(op.getValue()));
}

SmallVector<Value> memoriesOf(AttentionOp op) {
  SmallVector<Value> memories{op.getQuery(), op.getKey(), op.getValue()};
  for (Value operand : {op.getMask(), op.getSinks(), op.getSlopes()})
    if (operand)
      memories.push_back(operand);
  memories.push_back(op.getOutput());
  return memories;
}

SmallVector<Type> typesOf(AttentionOp op) {
  int64_t any = ShapedType::kDynamic;
  SmallVector<Type> types;
  for (Value operand : memoriesOf(op)) {
    auto type = cast<MemRefType>(operand.getType());
    SmallVector<int64_t> sizes(type.getRank(), any), strides(sizes);
    strides.back() = 1;
    if (operand != op.getMask() && type.getRank() == 4)
      sizes.back() = type.getDimSize(3);
    types.push_back(
        MemRefType::get(sizes, type.getElementType(), StridedLayoutAttr::get(op.getContext(), any, strides)));
  }
  return types;
}

std::optional<bool> isFew(AttentionOp op) {
  APInt parts;
  if (!matchPattern(op.getParts(), m_ConstantInt(&parts)))
    return {};
  return !parts.isZero();
}

std::optional<int64_t> knownRows(AttentionOp op) {
  auto query = cast<ShapedType>(op.getQuery().getType()), key = cast<ShapedType>(op.getKey().getType());
  if (query.isDynamicDim(1) || query.isDynamicDim(2) || key.isDynamicDim(2))
    return {};
  return query.getDimSize(1) * (query.getDimSize(2) / std::max<int64_t>(key.getDimSize(2), 1));
}

func::FuncOp buildAttention(OpBuilder &builder, StringRef name, AttentionOp op, Tile tile) {
  MLIRContext *context = builder.getContext();
  Location location = UnknownLoc::get(context);
  SmallVector<Type> types{LLVM::LLVMPointerType::get(context)};
  llvm::append_range(types, typesOf(op));
  types.push_back(MemRefType::get({ShapedType::kDynamic}, builder.getF32Type()));
  types.push_back(builder.getIndexType());
  auto function = func::FuncOp::create(builder, location, name, builder.getFunctionType(types, {}));
  function.setPrivate();
  OpBuilder inside = OpBuilder::atBlockEnd(function.addEntryBlock());
  std::optional<bool> few = isFew(op);
  if (!few) {
    Value none = arith::ConstantIndexOp::create(inside, location, 0);
    Value some =
        arith::CmpIOp::create(inside, location, arith::CmpIPredicate::ne, function.getArguments().back(), none);
    auto choice = scf::IfOp::create(inside, location, some, /*withElseRegion=*/true);
    buildFewQueries(choice.getThenBodyBuilder(), function, op, tile);
    buildManyQueries(choice.getElseBodyBuilder(), function, op, tile);
  } else if (*few) {
    buildFewQueries(inside, function, op, tile);
  } else {
    buildManyQueries(inside, function, op, tile);
  }
  inside.setInsertionPointToEnd(&function.front());
  func::ReturnOp::create(inside, location);
  return function;
}

} // namespace varve::target::cpu
