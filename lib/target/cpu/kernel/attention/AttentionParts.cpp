// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/kernel/attention/AttentionParts.h"
#include "lib/target/cpu/Floats.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace varve::target::cpu {

AttentionParts::AttentionParts(OpBuilder builder, func::FuncOp function, AttentionOp op, int64_t lanes)
    : Loops(builder, function.getLoc()), op(op), lanes(lanes), query(function.getArgument(1)),
      key(function.getArgument(2)), value(function.getArgument(3)), f32(builder.getF32Type()),
      vector(VectorType::get({lanes}, f32)) {
  unsigned next = 4;
  auto given = [&](Value operand) { return operand ? function.getArgument(next++) : Value(); };
  mask = given(op.getMask());
  sinks = given(op.getSinks());
  slopes = given(op.getSlopes());
  output = function.getArgument(next++);
  scratch = function.getArgument(next++);
  parts = function.getArgument(next);
  size = cast<MemRefType>(key.getType()).getDimSize(3);
  valueSize = cast<MemRefType>(value.getType()).getDimSize(3);
  queries = dim(query, 1), keys = dim(key, 1), shared = dim(key, 2);
  group = div(dim(query, 2), max(shared, index(1)));
  queryRows = mul(queries, group);
  behind = sub(keys, queries);
}

Value AttentionParts::room(ArrayRef<int64_t> shape, Type element) {
  return memref::AllocaOp::create(builder, location, MemRefType::get(shape, element), builder.getI64IntegerAttr(64));
}

Value AttentionParts::constant(double number) {
  return arith::ConstantOp::create(builder, location, vector,
                                   DenseElementsAttr::get(vector, builder.getF32FloatAttr(number).getValue()));
}

Value AttentionParts::dim(Value memory, int64_t axis) { return memref::DimOp::create(builder, location, memory, axis); }

Value AttentionParts::wide(Value scalar) {
  return vector::BroadcastOp::create(builder, location, VectorType::get({lanes}, scalar.getType()), scalar);
}

Value AttentionParts::extended(Value number) {
  Type from = getElementTypeOrSelf(number);
  if (from == f32)
    return number;
  Type to = isa<VectorType>(number.getType()) ? Type(vector) : f32;
  return arith::ExtFOp::create(builder, location, to, number);
}

Value AttentionParts::number(Value memory, ValueRange place) {
  return extended(memref::LoadOp::create(builder, location, memory, place));
}

Value AttentionParts::isLess(Value a, Value b) {
  return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::slt, a, b);
}

Value AttentionParts::isEqual(Value a, Value b) {
  if (isa<FloatType>(getElementTypeOrSelf(a)))
    return arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OEQ, a, b);
  return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, a, b);
}

Value AttentionParts::select(Value condition, Value yes, Value no) {
  return arith::SelectOp::create(builder, location, condition, yes, no);
}

Value AttentionParts::exp(Value x) { return math::ExpOp::create(builder, location, x); }
Value AttentionParts::weight(Value score, Value base) {
  return expOfNegative(Floats(builder, location, score.getType()), make<arith::SubFOp>(score, base));
}
Value AttentionParts::larger(Value before, Value score) {
  return select(arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OGT, score, before), score, before);
}

Value AttentionParts::capped(Value score) {
  std::optional<APFloat> soft = op.getSoftCap();
  if (!soft)
    return score;
  Value cap = constant(soft->convertToFloat());
  Value part = math::TanhOp::create(builder, location, make<arith::DivFOp>(score, cap));
  return make<arith::MulFOp>(part, cap);
}

static SmallVector<Value> placeIn(ValueRange row, Value at) {
  SmallVector<Value> all(row);
  all.push_back(at);
  return all;
}

Value AttentionParts::readLanes(Value memory, ValueRange row, Value at, int64_t count) {
  if (count == lanes) {
    auto type = VectorType::get({lanes}, cast<MemRefType>(memory.getType()).getElementType());
    return extended(vector::LoadOp::create(builder, location, type, memory, placeIn(row, at)));
  }
  Value values = constant(0);
  for (int64_t lane = 0; lane < count; ++lane)
    values =
        vector::InsertOp::create(builder, location, number(memory, placeIn(row, add(at, index(lane)))), values, lane);
  return values;
}

void AttentionParts::writeLanes(Value memory, ValueRange row, Value at, int64_t count, Value values) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  if (element != f32)
    values = arith::TruncFOp::create(builder, location, VectorType::get({lanes}, element), values);
  if (count == lanes) {
    vector::StoreOp::create(builder, location, values, memory, placeIn(row, at));
    return;
  }
  for (int64_t lane = 0; lane < count; ++lane)
    memref::StoreOp::create(builder, location, vector::ExtractOp::create(builder, location, values, lane).getResult(),
                            memory, placeIn(row, add(at, index(lane))));
}

void AttentionParts::overRow(int64_t size, llvm::function_ref<void(Value, int64_t)> each) {
  int64_t whole = size / lanes * lanes;
  loop(index(0), index(whole), lanes, [&](Value at) { each(at, lanes); });
  if (whole < size)
    each(index(whole), size - whole);
}

std::pair<Value, Value> AttentionParts::placeOf(Value row, Value head) {
  return {div(row, group), add(mul(head, group), rem(row, group))};
}

Value AttentionParts::maskAt(Value batch, Value queryHead, Value query, Value key) {
  auto place = [&](int64_t axis, Value at) { // 0 where the mask has one for all
    return select(isEqual(dim(mask, axis), index(1)), index(0), at);
  };
  Value found =
      memref::LoadOp::create(builder, location, mask, ValueRange{place(0, batch), place(1, queryHead), query, key});
  if (!found.getType().isInteger(8))
    return extended(found);
  auto scalar = [&](float number) -> Value {
    return arith::ConstantOp::create(builder, location, builder.getF32FloatAttr(number));
  };
  Value none = arith::ConstantIntOp::create(builder, location, 0, 8);
  return select(isEqual(found, none), scalar(-std::numeric_limits<float>::infinity()), scalar(0));
}

} // namespace varve::target::cpu
