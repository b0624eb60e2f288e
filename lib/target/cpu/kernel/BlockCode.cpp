// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/kernel/BlockCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::target::cpu {

BlockCode::BlockCode(OpBuilder builder, func::FuncOp function, BlockForm form, BlockMachine machine)
    : Loops(builder, function.getLoc()), form(form), lanes(machine.lanes), vectors(kPanel / machine.lanes),
      vnni(machine.vnni && machine.lanes == 16), paired(machine.isPaired()), packed(function.getArgument(1)),
      weight(function.getArgument(2)), input(function.getArgument(3)), finish(function.getArgument(4)),
      record(function.getArgument(5)), ints(VectorType::get({lanes}, builder.getI32Type())),
      floats(VectorType::get({lanes}, builder.getF32Type())),
      ahead(form.encoding == Encoding::q6_k ? std::min<int64_t>(2 * machine.ahead, kMostAhead) : machine.ahead),
      streams(form.encoding == Encoding::q6_k ? 1 : std::min<int64_t>(machine.streams, 2)) {}

Value BlockCode::memoryOf(ArrayRef<int64_t> sizes, Type element) {
  return memref::AllocaOp::create(builder, location, MemRefType::get(sizes, element), builder.getI64IntegerAttr(64));
}

Value BlockCode::wide(int64_t value) {
  return arith::ConstantOp::create(
      builder, location, cast<TypedAttr>(Attribute(DenseElementsAttr::get(ints, static_cast<int32_t>(value)))));
}

Value BlockCode::wide(Value scalar) {
  return vector::BroadcastOp::create(builder, location, VectorType::get({lanes}, scalar.getType()), scalar);
}

Value BlockCode::signedByte(Value a, int64_t byte) {
  return arith::ShRSIOp::create(builder, location, byte == 3 ? a : left(a, 24 - 8 * byte), wide(24));
}

Value BlockCode::ofHalf(Value bits) {
  if (bits.getType() == ints)
    bits = arith::TruncIOp::create(builder, location, VectorType::get({lanes}, builder.getI16Type()), bits);
  auto halves = VectorType::get({lanes}, builder.getF16Type());
  bits = arith::BitcastOp::create(builder, location, halves, bits);
  return arith::ExtFOp::create(builder, location, floats, bits);
}

Value BlockCode::granule(int64_t byte, int64_t v, int64_t bytes, Value more) {
  bool isBeside = beside && v > 0;
  Value place = index(byte * kPanel + (beside ? 0 : v * lanes * bytes));
  if (more)
    place = add(place, more);
  Value loaded = vector::LoadOp::create(builder, location, VectorType::get({lanes * bytes}, builder.getI8Type()),
                                        weight, ValueRange{isBeside ? beside : panel, block, place});
  // All rows' granules of 4 bytes are a line, which several parts may have in common.
  if (ahead && tile == 1 && v == 0 && bytes == 4 && asked.insert({byte, more}).second)
    memref::PrefetchOp::create(builder, location, weight, ValueRange{panel, block, add(place, index(ahead))},
                               /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
  Type element = bytes == 4 ? builder.getI32Type() : builder.getI16Type();
  return vector::BitCastOp::create(builder, location, VectorType::get({lanes}, element), loaded);
}

Value BlockCode::word(int64_t number, int64_t r, Value more) {
  Value place = add(base, index(number * tile + r));
  if (more)
    place = add(place, more);
  return memref::LoadOp::create(builder, location, packed, ValueRange{group, place});
}

Value BlockCode::scale(int64_t r) {
  return wide(arith::BitcastOp::create(builder, location, builder.getF32Type(), word(form.quants(), r)));
}

Value BlockCode::dot(Value sum, Value bytes, Value quants) {
  if (vnni) {
    auto type = VectorType::get({lanes * 4}, builder.getI8Type());
    Value a = vector::BitCastOp::create(builder, location, type, bytes),
          b = vector::BitCastOp::create(builder, location, type, quants);
    auto name = builder.getStringAttr("llvm.x86.avx512.vpdpbusd.512");
    return LLVM::CallIntrinsicOp::create(builder, location, ints, name, ValueRange{sum, a, b}).getResult(0);
  }
  if (paired) // where the bytes are up to 128
    return plus(sum, joined(pairsOf(bytes, quants)));
  for (int64_t byte = 0; byte < 4; ++byte)
    sum = plus(sum, times(both(right(bytes, 8 * byte), 255), signedByte(quants, byte)));
  return sum;
}

void BlockCode::accumulate(MutableArrayRef<Value> sums, Value bytes, int64_t number, Value more) {
  for (int64_t r = 0; r < tile; ++r)
    sums[r] = dot(sums[r], bytes, wide(word(number, r, more)));
}

SmallVector<Value> BlockCode::begin(int64_t sum, Value more) {
  SmallVector<Value> sums;
  for (int64_t r = 0; r < tile; ++r)
    sums.push_back(wide(word(form.quants() + 1 + sum, r, more)));
  return sums;
}

SmallVector<Value> BlockCode::beginPairs(int64_t sum, Value more) {
  SmallVector<Value> pairs;
  for (Value start : begin(sum, more))
    pairs.append(vectors, as(builder.getI16Type(), start));
  return pairs;
}

void BlockCode::addToTotal(int64_t r, int64_t v, Value sum) {
  Value &total = totalsOfTile[r * vectors + v];
  total = vector::FMAOp::create(builder, location, sum, scale(r), total);
}

Value BlockCode::call(StringRef name, Type type, Value a, Value b) {
  return LLVM::CallIntrinsicOp::create(builder, location, type, builder.getStringAttr(name), ValueRange{a, b})
      .getResult(0);
}

Value BlockCode::as(Type element, Value a) {
  auto type = VectorType::get({lanes * 32 / element.getIntOrFloatBitWidth()}, element);
  return a.getType() == type ? a : vector::BitCastOp::create(builder, location, type, a).getResult();
}

Value BlockCode::withSign(Value a, Value b) {
  a = bytesOf(a);
  return call("llvm.x86.avx2.psign.b", a.getType(), a, bytesOf(b));
}

Value BlockCode::pairsOf(Value bytes, Value quants) {
  auto type = VectorType::get({lanes * 2}, builder.getI16Type());
  return call("llvm.x86.avx2.pmadd.ub.sw", type, bytesOf(bytes), bytesOf(quants));
}

Value BlockCode::joined(Value pairs, Value factor) {
  factor = factor ? twice(factor) : wide(0x00010001);
  return call("llvm.x86.avx2.pmadd.wd", ints, pairs, as(builder.getI16Type(), factor));
}

SmallVector<Value> BlockCode::nothing(Type element, int64_t times) {
  auto type = VectorType::get({lanes * 32 / element.getIntOrFloatBitWidth()}, element);
  Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
  return SmallVector<Value>(times * tile * vectors, zero);
}

SmallVector<Value> BlockCode::trips(int64_t count, ValueRange sums, Trip inside) {
  return trips(count, tile == 1 ? std::min<int64_t>(4, count) : tile == 2 ? 2 : 1, sums, inside);
}

SmallVector<Value> BlockCode::trips(int64_t count, int64_t step, ValueRange sums, Trip inside, bool isPeeled) {
  auto some = [&](Value first, ValueRange carried) {
    SmallVector<Value> next(carried);
    for (int64_t u = 0; u < step; ++u)
      inside(add(first, index(u)), next);
    return next;
  };
  SmallVector<Value> before(sums);
  if (isPeeled)
    before = some(index(0), before);
  return loop(index(isPeeled ? step : 0), index(count), step, before, some);
}

void BlockCode::addAll(MutableArrayRef<Value> pairs, ArrayRef<Value> bytes, int64_t number, Value more) {
  for (int64_t r = 0; r < tile; ++r) {
    Value quants = wide(word(number, r, more));
    for (int64_t v = 0; v < vectors; ++v)
      pairs[r * vectors + v] = plus(pairs[r * vectors + v], pairsOf(bytes[v], quants));
  }
}

SmallVector<Value> BlockCode::ofEachVector(llvm::function_ref<Value(int64_t)> get) {
  SmallVector<Value> all;
  for (int64_t v = 0; v < vectors; ++v)
    all.push_back(get(v));
  return all;
}

void BlockCode::addJoined(MutableArrayRef<Value> sums, ArrayRef<Value> pairs, ArrayRef<Value> factors) {
  for (int64_t r = 0; r < tile; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      sums[r * vectors + v] = plus(sums[r * vectors + v], joined(pairs[r * vectors + v], factors[v]));
}

void BlockCode::addAllToTotal(ArrayRef<Value> sums, ArrayRef<Value> factors) {
  for (int64_t r = 0; r < tile; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      addToTotal(r, v, product(toFloat(sums[r * vectors + v]), factors[v]));
}

} // namespace varve::target::cpu
