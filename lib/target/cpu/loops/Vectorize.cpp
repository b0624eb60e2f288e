// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/loops/Vectorize.h"
#include "lib/target/cpu/memory/Memory.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

bool isContiguous(linalg::GenericOp op, OpOperand &operand, unsigned loop) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  AffineExpr expr = getAffineDimExpr(loop, op.getContext());
  auto stepsByOne = [&](AffineExpr result) { // as in `loop + 3 * other`
    return result == expr || !simplifyAffineExpr(result - expr, map.getNumDims(), 0).isFunctionOfDim(loop);
  };
  for (auto [axis, result] : llvm::enumerate(map.getResults()))
    if (result.isFunctionOfDim(loop) && (axis + 1 != map.getNumResults() || !stepsByOne(result) ||
                                         !isUnitStride(cast<MemRefType>(operand.get().getType()))))
      return false;
  return true;
}

bool isBodyVectorizable(linalg::GenericOp op, unsigned loop) {
  DenseSet<Value> varying;  // may vary along the vector
  DenseSet<Value> counting; // the vector's own index
  for (OpOperand &operand : op->getOpOperands())
    if (op.getMatchingIndexingMap(&operand).isFunctionOfDim(loop))
      varying.insert(op.getMatchingBlockArgument(&operand));
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      if (index.getDim() == loop) {
        varying.insert(index);
        counting.insert(index);
      }
      continue;
    }
    bool any = llvm::any_of(inner.getOperands(), [&](Value v) { return varying.contains(v); });
    if (auto load = dyn_cast<memref::LoadOp>(inner)) {
      if (!any)
        continue;
      OperandRange indices = load.getIndices();
      if (!counting.contains(indices.back()) || !isUnitStride(load.getMemRefType()) ||
          llvm::any_of(indices.drop_back(), [&](Value v) { return varying.contains(v); }))
        return false;
    } else if (inner.getNumRegions() || (any && !OpTrait::hasElementwiseMappableTraits(&inner))) {
      return false;
    }
    if (any)
      varying.insert(inner.result_begin(), inner.result_end());
  }
  return true;
}

Operation *combinerOf(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1)
    return nullptr;
  Value out = op.getRegionOutputArgs()[0];
  Operation *combiner = op.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  if (!combiner || combiner->getBlock() != op.getBody() || combiner->getNumOperands() != 2 || !out.hasOneUse() ||
      *out.getUsers().begin() != combiner || !arith::getNeutralElement(combiner))
    return nullptr;
  return combiner;
}

VectorPlan planVector(linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto fits = [&](unsigned loop) {
    return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) { return isContiguous(op, operand, loop); }) &&
           isBodyVectorizable(op, loop);
  };
  auto iterators = op.getIteratorTypesArray();
  std::optional<unsigned> narrow;
  for (unsigned loop = iterators.size(); loop-- > 0;) {
    bool isWritten = llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
      return op.getMatchingIndexingMap(&output).isFunctionOfDim(loop);
    });
    if (iterators[loop] != utils::IteratorType::parallel || !isWritten || !fits(loop))
      continue;
    if (sizes[loop] != 1)
      return {loop, false};
    narrow = loop;
  }
  if (combinerOf(op))
    for (unsigned loop = iterators.size(); loop-- > 0;)
      if (iterators[loop] == utils::IteratorType::reduction && fits(loop))
        return {loop, true};
  if (narrow)
    return {narrow, false};
  return {};
}

SmallVector<Value> loopSizes(OpBuilder &builder, linalg::GenericOp op) {
  SmallVector<Value> result(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands())
    for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && !result[dim.getPosition()]) {
        auto type = cast<MemRefType>(operand.get().getType());
        result[dim.getPosition()] =
            type.isDynamicDim(axis)
                ? memref::DimOp::create(builder, op.getLoc(), operand.get(), axis).getResult()
                : arith::ConstantIndexOp::create(builder, op.getLoc(), type.getDimSize(axis)).getResult();
      }
  return result;
}

void allowFusedMultiplyAdd(Operation *op) {
  if (isa<arith::MulFOp, arith::AddFOp, arith::SubFOp>(op))
    op->setAttr("fastmath", arith::FastMathFlagsAttr::get(op->getContext(), arith::FastMathFlags::contract));
}

Operation *cloneWide(OpBuilder &builder, Operation &op, IRMapping &values, int64_t lanes) {
  bool isVector =
      llvm::any_of(op.getOperands(), [&](Value v) { return isa<VectorType>(values.lookupOrDefault(v).getType()); });
  IRMapping local;
  for (Value operand : op.getOperands()) {
    Value value = values.lookupOrDefault(operand);
    local.map(operand, isVector ? BodyEmitter::widen(builder, op.getLoc(), value, lanes) : value);
  }
  Operation *clone = builder.clone(op, local);
  for (auto [from, to] : llvm::zip(op.getResults(), clone->getResults())) {
    if (isVector)
      to.setType(VectorType::get({lanes}, to.getType()));
    values.map(from, to);
  }
  return clone;
}

Value BodyEmitter::widen(OpBuilder &builder, Location location, Value value, int64_t lanes) {
  if (lanes == 1 || isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(builder, location, VectorType::get({lanes}, value.getType()), value);
}

bool BodyEmitter::varies(OpOperand &operand) const {
  return plan.loop && op.getMatchingIndexingMap(&operand).isFunctionOfDim(*plan.loop);
}

SmallVector<Value> BodyEmitter::indicesOf(OpBuilder &builder, OpOperand &operand, const Points &points) const {
  SmallVector<Value> indices;
  for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      indices.push_back(points.indices[dim.getPosition()]);
    else if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      indices.push_back(arith::ConstantIndexOp::create(builder, op.getLoc(), constant.getValue()));
    else
      indices.push_back(affine::AffineApplyOp::create(builder, op.getLoc(),
                                                      AffineMap::get(points.indices.size(), 0, expr), points.indices));
  }
  return indices;
}

// A vector from consecutive elements, or the lanes of it that the mask names.
static Value loadVector(OpBuilder &builder, Location location, Value memory, ValueRange indices, const Points &points) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  auto type = VectorType::get({points.lanes}, element);
  if (!points.mask)
    return vector::LoadOp::create(builder, location, type, memory, indices);
  Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, location, type, memory, indices, points.mask, zero);
}

Value BodyEmitter::load(OpBuilder &builder, OpOperand &operand, const Points &points) const {
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get(); // a scalar
  SmallVector<Value> indices = indicesOf(builder, operand, points);
  if (points.lanes == 1 || !varies(operand))
    return memref::LoadOp::create(builder, op.getLoc(), operand.get(), indices);
  return loadVector(builder, op.getLoc(), operand.get(), indices, points);
}

void BodyEmitter::store(OpBuilder &builder, Value value, OpOperand &output, const Points &points) const {
  SmallVector<Value> indices = indicesOf(builder, output, points);
  Location location = op.getLoc();
  if (points.lanes == 1 || !varies(output)) {
    memref::StoreOp::create(builder, location, value, output.get(), indices);
    return;
  }
  Value vector = widen(builder, location, value, points.lanes);
  if (points.mask)
    vector::MaskedStoreOp::create(builder, location, output.get(), indices, points.mask, vector);
  else
    vector::StoreOp::create(builder, location, vector, output.get(), indices);
}

void BodyEmitter::emit(OpBuilder &builder, Operation &inner, IRMapping &values, const Points &points) const {
  Location location = inner.getLoc();
  if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
    Value value = points.indices[index.getDim()];
    if (points.lanes > 1 && plan.loop == index.getDim()) {
      auto type = VectorType::get({points.lanes}, builder.getIndexType());
      value = arith::AddIOp::create(builder, location, widen(builder, location, value, points.lanes),
                                    vector::StepOp::create(builder, location, type));
    }
    values.map(index.getResult(), value);
    return;
  }
  bool isVector =
      llvm::any_of(inner.getOperands(), [&](Value v) { return isa<VectorType>(values.lookupOrDefault(v).getType()); });
  if (auto load = dyn_cast<memref::LoadOp>(inner); load && isVector) {
    SmallVector<Value> indices;
    for (Value index : load.getIndices().drop_back())
      indices.push_back(values.lookupOrDefault(index));
    indices.push_back(points.indices[*plan.loop]);
    values.map(load.getResult(), loadVector(builder, location, load.getMemRef(), indices, points));
    return;
  }
  Operation *clone = cloneWide(builder, inner, values, points.lanes);
  if (op.getNumReductionLoops() > 0)
    allowFusedMultiplyAdd(clone);
}

void BodyEmitter::hoist(OpBuilder &builder, const Points &points) {
  hoisted.clear();
  for (OpOperand *operand : op.getDpsInputOperands())
    if (Value argument = op.getMatchingBlockArgument(operand); !argument.use_empty() && !varies(*operand))
      hoisted.map(argument, load(builder, *operand, points));
  for (Operation &inner : op.getBody()->without_terminator()) {
    auto index = dyn_cast<linalg::IndexOp>(inner);
    bool isFixed = index ? index.getDim() != *plan.loop : llvm::all_of(inner.getOperands(), [&](Value value) {
      return value.getParentBlock() != op.getBody() || hoisted.contains(value);
    });
    if (isFixed)
      emit(builder, inner, hoisted, points);
  }
}

SmallVector<Value> BodyEmitter::compute(OpBuilder &builder, ValueRange outputs, const Points &points) const {
  IRMapping values(hoisted);
  for (OpOperand *operand : op.getDpsInputOperands())
    if (Value argument = op.getMatchingBlockArgument(operand); !argument.use_empty() && !values.contains(argument))
      values.map(argument, load(builder, *operand, points));
  for (auto [argument, value] : llvm::zip(op.getRegionOutputArgs(), outputs))
    if (value)
      values.map(argument, value);
  for (Operation &inner : op.getBody()->without_terminator())
    if (inner.getNumResults() == 0 || !values.contains(inner.getResult(0)))
      emit(builder, inner, values, points);
  SmallVector<Value> results;
  for (Value value : op.getBody()->getTerminator()->getOperands())
    results.push_back(values.lookupOrDefault(value));
  return results;
}

Value BodyEmitter::computeValue(OpBuilder &builder, Value value, const Points &points) const {
  IRMapping values;
  for (OpOperand *operand : op.getDpsInputOperands())
    if (Value argument = op.getMatchingBlockArgument(operand); !argument.use_empty())
      values.map(argument, load(builder, *operand, points));
  Operation *last = value.getDefiningOp();
  if (last && last->getBlock() == op.getBody())
    for (Operation &inner : op.getBody()->without_terminator()) {
      if (llvm::is_contained(inner.getOperands(), Value(op.getRegionOutputArgs()[0])))
        continue; // the combiner
      emit(builder, inner, values, points);
    }
  return values.lookupOrDefault(value);
}

} // namespace varve::target::cpu
