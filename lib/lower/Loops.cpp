// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

Value neutralOf(OpBuilder &builder, Location location, Join join, Type type) {
  TypedAttr value;
  if (auto floats = dyn_cast<FloatType>(type)) {
    bool infinite = join == Join::maximum || join == Join::maximumNumber || join == Join::minimum;
    APFloat number = infinite ? APFloat::getInf(floats.getFloatSemantics(), join != Join::minimum)
                              : APFloat(floats.getFloatSemantics(), join == Join::product ? 1 : 0);
    value = builder.getFloatAttr(floats, number);
  } else {
    unsigned width = type.getIntOrFloatBitWidth();
    APInt number = APInt::getZero(width); // of a sum and an unsigned maximum
    if (join == Join::product)
      number = APInt(width, 1);
    else if (join == Join::maximum)
      number = APInt::getSignedMinValue(width);
    else if (join == Join::minimum)
      number = APInt::getSignedMaxValue(width);
    else if (join == Join::unsignedMinimum)
      number = APInt::getMaxValue(width);
    value = builder.getIntegerAttr(type, number);
  }
  return arith::ConstantOp::create(builder, location, value);
}

Value joinScalars(OpBuilder &b, Location l, Join join, Value x, Value y) {
  bool isFloat = isa<FloatType>(x.getType());
  switch (join) {
  case Join::sum:
    return isFloat ? arith::AddFOp::create(b, l, x, y).getResult() : arith::AddIOp::create(b, l, x, y).getResult();
  case Join::product:
    return isFloat ? arith::MulFOp::create(b, l, x, y).getResult() : arith::MulIOp::create(b, l, x, y).getResult();
  case Join::maximum:
    return isFloat ? arith::MaximumFOp::create(b, l, x, y).getResult() : arith::MaxSIOp::create(b, l, x, y).getResult();
  case Join::minimum:
    return isFloat ? arith::MinimumFOp::create(b, l, x, y).getResult() : arith::MinSIOp::create(b, l, x, y).getResult();
  case Join::maximumNumber:
    return arith::MaxNumFOp::create(b, l, x, y);
  case Join::unsignedMaximum:
    return arith::MaxUIOp::create(b, l, x, y);
  case Join::unsignedMinimum:
    return arith::MinUIOp::create(b, l, x, y);
  }
  return x;
}

AffineMap mapOf(OpBuilder &builder, unsigned rank, ArrayRef<unsigned> loops) {
  return AffineMap::getMultiDimMapWithTargets(rank, loops, builder.getContext());
}

AffineMap broadcastMap(OpBuilder &builder, ArrayRef<Dim> own, ArrayRef<Dim> dims) {
  SmallVector<AffineExpr> exprs;
  for (auto [axis, dim] : llvm::enumerate(own)) {
    size_t into = dims.size() - own.size() + axis;
    exprs.push_back(dim.isOne() && !dims[into].isOne() ? builder.getAffineConstantExpr(0)
                                                       : builder.getAffineDimExpr(into));
  }
  return AffineMap::get(dims.size(), 0, exprs, builder.getContext());
}

Value compute(OpBuilder &builder, Operation *at, ArrayRef<Dim> dims, Type element, ValueRange inputs,
              ArrayRef<AffineMap> maps, Body body) {
  return computeInto(builder, at, emptyTensor(builder, at, dims, element), inputs, maps, body);
}

Value computeInto(OpBuilder &builder, Operation *at, Value into, ValueRange inputs, ArrayRef<AffineMap> maps,
                  Body body) {
  unsigned rank = cast<RankedTensorType>(into.getType()).getRank();
  SmallVector<AffineMap> all(maps);
  all.push_back(builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  return linalg::GenericOp::create(builder, at->getLoc(), into.getType(), inputs, into, all, iterators,
                                   [&](OpBuilder &nested, Location location, ValueRange scalars) {
                                     Value value = body(nested, location, scalars.drop_back());
                                     linalg::YieldOp::create(nested, location, value);
                                   })
      .getResult(0);
}

Value elementwise(OpBuilder &builder, Operation *at, ArrayRef<Input> inputs, RankedTensorType result, Body body) {
  Dims dims = ir::dimsOf(result);
  SmallVector<AffineMap> maps;
  SmallVector<Value> tensors;
  for (const Input &input : inputs) {
    maps.push_back(broadcastMap(builder, ir::dimsOf(input.type), dims));
    tensors.push_back(input.tensor);
  }
  return compute(builder, at, dims, storageOf(result.getElementType()), tensors, maps,
                 [&](OpBuilder &nested, Location location, ValueRange stored) -> Value {
                   SmallVector<Value> scalars(stored);
                   for (auto [input, scalar] : llvm::zip(inputs, scalars))
                     if (input.type.getElementType().isInteger(1)) {
                       Value zero = arith::ConstantIntOp::create(nested, location, 0, 8);
                       scalar =
                           arith::CmpIOp::create(nested, location, arith::CmpIPredicate::ne, scalar, zero).getResult();
                     }
                   Value value = body(nested, location, scalars);
                   if (value.getType().isInteger(1))
                     return arith::ExtUIOp::create(nested, location, nested.getI8Type(), value);
                   return value;
                 });
}

Value reduce(OpBuilder &builder, Operation *at, Join join, ArrayRef<Dim> loops, ArrayRef<int64_t> axes, Type element,
             ValueRange inputs, ArrayRef<AffineMap> maps, Body body) {
  SmallVector<utils::IteratorType> iterators(loops.size(), utils::IteratorType::parallel);
  for (int64_t axis : axes)
    iterators[axis] = utils::IteratorType::reduction;
  SmallVector<unsigned> kept;
  for (unsigned loop = 0; loop < loops.size(); ++loop)
    if (iterators[loop] == utils::IteratorType::parallel)
      kept.push_back(loop);
  SmallVector<AffineMap> all(maps);
  all.push_back(mapOf(builder, loops.size(), kept));
  Location location = at->getLoc();
  Value init = filledTensor(builder, at, ir::withoutAxes(loops, axes, /*keepDims=*/false),
                            neutralOf(builder, location, join, element));
  return linalg::GenericOp::create(builder, location, init.getType(), inputs, init, all, iterators,
                                   [&](OpBuilder &b, Location l, ValueRange scalars) {
                                     Value value = body(b, l, scalars.drop_back());
                                     linalg::YieldOp::create(b, l, joinScalars(b, l, join, scalars.back(), value));
                                   })
      .getResult(0);
}

Value contract(OpBuilder &builder, Operation *at, ArrayRef<Dim> loops, int64_t axis, Value lhs, AffineMap lhsMap,
               Value rhs, AffineMap rhsMap) {
  Type f32 = builder.getF32Type();
  return reduce(builder, at, Join::sum, loops, axis, f32, {lhs, rhs}, {lhsMap, rhsMap},
                [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                  return arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), toFloat(b, l, v[1], f32));
                });
}

Value serialLoops(OpBuilder &builder, Operation *at, ArrayRef<Dim> dims, Value tensor,
                  llvm::function_ref<Value(OpBuilder &, Location, ValueRange, Value)> body) {
  Location location = at->getLoc();
  SmallVector<Value> from(dims.size(), arith::ConstantIndexOp::create(builder, location, 0)), to,
      steps(dims.size(), arith::ConstantIndexOp::create(builder, location, 1));
  for (const Dim &dim : dims)
    to.push_back(sizeOf(builder, at, dim));
  return scf::buildLoopNest(builder, location, from, to, steps, tensor,
                            [&](OpBuilder &b, Location l, ValueRange place, ValueRange carried) {
                              return scf::ValueVector{body(b, l, place, carried[0])};
                            })
      .results[0];
}

Value convert(OpBuilder &builder, Operation *at, Value tensor, ArrayRef<Dim> dims, Type to) {
  if (cast<RankedTensorType>(tensor.getType()).getElementType() == to)
    return tensor;
  return compute(builder, at, dims, to, tensor, builder.getMultiDimIdentityMap(dims.size()),
                 [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], to); });
}

} // namespace varve::lower
