// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A lane has a row of the weight, and a word of it four neighbours along k: one vpdpbusd multiplies them with four quants of an
// input's row, of bytes from 0 to 255 by signed ones. What makes the weight's bytes so is taken off by where the sums begin,
// the same for all lanes. Sums are integers within a block and f32 between blocks, in the order of k, held in registers for all
// of k. Panels are read once, from the first byte to the last, for up to a group of rows; for more rows a panel stays in cache.
// AVX2 multiplies pairs instead, and adds them in 16 bits as often as they fit; that is exact too.
#include "lib/target/cpu/kernel/BlockProduct.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

std::optional<BlockForm> blockFormOf(StringRef encoding) {
  for (const EncodingInfo &info : encodings()) {
    if (StringRef(info.name) != encoding)
      continue;
    switch (info.encoding) {
    case Encoding::q4_0:
    case Encoding::q8_0:
      return BlockForm{info.encoding, info.elements, info.bytes, 1};
    case Encoding::q4_k:
      return BlockForm{info.encoding, info.elements, info.bytes, 4};
    case Encoding::q6_k:
      return BlockForm{info.encoding, info.elements, info.bytes, 16};
    default:
      return std::nullopt;
    }
  }
  return std::nullopt;
}

SmallVector<int64_t> blockTiles(int64_t lanes) {
  // With sums as integers and as floats, 24 of 32 vector registers. Of 16, sums as integers take 8.
  return lanes == 16 ? SmallVector<int64_t>{1, 2, 3, 4, 8, 12} : SmallVector<int64_t>{1, 2, 4};
}
int64_t blockRows(int64_t lanes) { return blockTiles(lanes).back(); }

namespace {
constexpr int64_t kPanel = runtime::blocks::panel_rows;
constexpr int64_t kGroups = 8;             // of rows that a panel is read for while it is in cache
constexpr int64_t kFew = 4;                // rows whose sums of four parts at once fit registers
constexpr int64_t kTaskProducts = 1 << 19; // products that are worth a task of their own

class BlockKernel : Loops {
public:
  BlockKernel(OpBuilder builder, func::FuncOp function, BlockForm form, BlockMachine machine)
      : Loops(builder, function.getLoc()), form(form), lanes(machine.lanes), vectors(kPanel / machine.lanes),
        vnni(machine.vnni && machine.lanes == 16), paired(machine.isPaired()), packed(function.getArgument(1)),
        weight(function.getArgument(2)), input(function.getArgument(3)), finish(function.getArgument(4)),
        record(function.getArgument(5)), ints(VectorType::get({lanes}, builder.getI32Type())),
        floats(VectorType::get({lanes}, builder.getF32Type())),
        ahead(form.encoding == Encoding::q6_k ? 2 * machine.ahead : machine.ahead) {}

  void emit() {
    rows = memref::DimOp::create(builder, location, input, 0);
    blocks = memref::DimOp::create(builder, location, weight, 1);
    Value panels = memref::DimOp::create(builder, location, weight, 0);
    Value most = index(blockRows(lanes)), groups = ceilDiv(rows, most), some = index(kGroups);
    Value products = mul(min(rows, mul(most, some)), mul(blocks, index(form.elements * kPanel)));
    Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(1));
    tasks(mul(panels, ceilDiv(groups, some)), grain, [&](Value first, Value last) {
      Value sums =
          memref::AllocaOp::create(builder, location, MemRefType::get({blockRows(lanes), kPanel}, builder.getF32Type()),
                                   builder.getI64IntegerAttr(64));
      loop(first, last, 1, [&](Value point) {
        panel = rem(point, panels);
        Value from = mul(div(point, panels), some);
        loop(from, min(groups, add(from, some)), 1, [&](Value number) {
          group = number;
          Value row = mul(group, most), count = min(most, sub(rows, row));
          tileFor(blockTiles(lanes), count, sums);
          callFinish(sums, row, count);
        });
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  // One copy of the code for each size of a tile.
  void tileFor(ArrayRef<int64_t> sizes, Value count, Value sums) {
    if (sizes.size() == 1)
      return emitTile(sizes[0], sums);
    Value fits = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, count, index(sizes[0]));
    ifThenElse(fits, [&] { emitTile(sizes[0], sums); }, [&] { tileFor(sizes.drop_front(), count, sums); });
  }

  void callFinish(Value sums, Value row, Value count) {
    Type i64 = builder.getI64Type();
    auto number = [&](Value value) -> Value { return arith::IndexCastOp::create(builder, location, i64, value); };
    Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, location, sums);
    Value place = LLVM::IntToPtrOp::create(builder, location, finish.getType(), number(address));
    callAddress(builder, location, finish, {record, place, number(row), number(panel), number(count)});
  }

  void emitTile(int64_t size, Value sums) {
    tile = size;
    asked.clear();
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(floats));
    SmallVector<Value> totals =
        loop(index(0), blocks, 1, SmallVector<Value>(tile * vectors, zero), [&](Value number, ValueRange carried) {
          block = number;
          base = mul(block, index(tile * form.words()));
          totalsOfTile.assign(carried.begin(), carried.end());
          emitBlock();
          return totalsOfTile;
        });
    for (int64_t r = 0; r < tile; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(builder, location, totals[r * vectors + v], sums,
                                ValueRange{index(r), index(v * lanes)});
  }

  void emitBlock() {
    switch (form.encoding) {
    case Encoding::q8_0:
      return paired ? pairs_q8_0() : q8_0();
    case Encoding::q4_0:
      return paired ? pairs_q4_0() : q4_0();
    case Encoding::q4_k:
      return paired ? pairs_q4_k() : q4_k();
    default:
      return paired ? pairs_q6_k() : q6_k();
    }
  }

  // Arithmetic on vectors.
  Value wide(int64_t value) {
    return arith::ConstantOp::create(
        builder, location, cast<TypedAttr>(Attribute(DenseElementsAttr::get(ints, static_cast<int32_t>(value)))));
  }
  Value wide(Value scalar) {
    return vector::BroadcastOp::create(builder, location, VectorType::get({lanes}, scalar.getType()), scalar);
  }
  Value plus(Value a, Value b) { return arith::AddIOp::create(builder, location, a, b); }
  Value times(Value a, Value b) { return arith::MulIOp::create(builder, location, a, b); }
  Value both(Value a, int64_t mask) { return arith::AndIOp::create(builder, location, a, wide(mask)); }
  Value either(Value a, Value b) { return arith::OrIOp::create(builder, location, a, b); }
  Value left(Value a, int64_t by) { return arith::ShLIOp::create(builder, location, a, wide(by)); }
  Value right(Value a, int64_t by) { return by == 0 ? a : arith::ShRUIOp::create(builder, location, a, wide(by)); }
  Value signedByte(Value a, int64_t byte) {
    return arith::ShRSIOp::create(builder, location, byte == 3 ? a : left(a, 24 - 8 * byte), wide(24));
  }
  Value toFloat(Value a) { return arith::SIToFPOp::create(builder, location, floats, a); }
  Value product(Value a, Value b) { return arith::MulFOp::create(builder, location, a, b); }
  Value ofHalf(Value bits) {
    if (bits.getType() == ints)
      bits = arith::TruncIOp::create(builder, location, VectorType::get({lanes}, builder.getI16Type()), bits);
    auto halves = VectorType::get({lanes}, builder.getF16Type());
    bits = arith::BitcastOp::create(builder, location, halves, bits);
    return arith::ExtFOp::create(builder, location, floats, bits);
  }

  // A granule of each row of the panel, from the byte of the block on: of 4 bytes or, as f16, of 2.
  Value granule(int64_t byte, int64_t v, int64_t bytes = 4, Value more = {}) {
    Value place = index(byte * kPanel + v * lanes * bytes);
    if (more)
      place = add(place, more);
    Value loaded = vector::LoadOp::create(builder, location, VectorType::get({lanes * bytes}, builder.getI8Type()),
                                          weight, ValueRange{panel, block, place});
    // All rows' granules of 4 bytes are a line, which several parts may have in common.
    if (ahead && tile == 1 && v == 0 && bytes == 4 && asked.insert({byte, more}).second)
      memref::PrefetchOp::create(builder, location, weight, ValueRange{panel, block, add(place, index(ahead))},
                                 /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
    Type element = bytes == 4 ? builder.getI32Type() : builder.getI16Type();
    return vector::BitCastOp::create(builder, location, VectorType::get({lanes}, element), loaded);
  }

  // A word of a row, for all lanes.
  Value word(int64_t number, int64_t r, Value more = {}) {
    Value place = add(base, index(number * tile + r));
    if (more)
      place = add(place, more);
    return memref::LoadOp::create(builder, location, packed, ValueRange{group, place});
  }
  Value scale(int64_t r) {
    return wide(arith::BitcastOp::create(builder, location, builder.getF32Type(), word(form.quants(), r)));
  }

  // sum + the four bytes of `bytes`, from 0 to 255, times those of `quants`, which are signed.
  Value dot(Value sum, Value bytes, Value quants) {
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

  // To each row's sums of a vector: four neighbours along k, `number` the first one's word.
  void accumulate(MutableArrayRef<Value> sums, Value bytes, int64_t number, Value more = {}) {
    for (int64_t r = 0; r < tile; ++r)
      sums[r] = dot(sums[r], bytes, wide(word(number, r, more)));
  }
  SmallVector<Value> begin(int64_t sum, Value more = {}) {
    SmallVector<Value> sums;
    for (int64_t r = 0; r < tile; ++r)
      sums.push_back(wide(word(form.quants() + 1 + sum, r, more)));
    return sums;
  }
  // The block's sums of a row, without the scale of its quants.
  void addToTotal(int64_t r, int64_t v, Value sum) {
    Value &total = totalsOfTile[r * vectors + v];
    total = vector::FMAOp::create(builder, location, sum, scale(r), total);
  }

  void q8_0() {
    for (int64_t v = 0; v < vectors; ++v) {
      SmallVector<Value> sums = begin(0);
      for (int64_t k = 0; k < 8; ++k)
        accumulate(sums, arith::XOrIOp::create(builder, location, granule(2 + 4 * k, v), wide(0x80808080)), k);
      Value factor = ofHalf(granule(0, v, 2));
      for (int64_t r = 0; r < tile; ++r)
        addToTotal(r, v, product(toFloat(sums[r]), factor));
    }
  }

  void q4_0() {
    for (int64_t v = 0; v < vectors; ++v) {
      SmallVector<Value> sums = begin(0);
      for (int64_t k = 0; k < 4; ++k) {
        Value nibbles = granule(2 + 4 * k, v);
        accumulate(sums, both(nibbles, 0x0f0f0f0f), k);
        accumulate(sums, both(right(nibbles, 4), 0x0f0f0f0f), k + 4);
      }
      Value factor = ofHalf(granule(0, v, 2));
      for (int64_t r = 0; r < tile; ++r)
        addToTotal(r, v, product(toFloat(sums[r]), factor));
    }
  }

  // The rest of a block of 256: integers that two trips add to; `inside` gets the trip and adds to them.
  void halves(int64_t v, Value factor, llvm::function_ref<void(Value, MutableArrayRef<Value>)> inside) {
    Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
    SmallVector<Value> sums =
        loop(index(0), index(2), 1, SmallVector<Value>(tile, none), [&](Value half, ValueRange carried) {
          SmallVector<Value> next(carried);
          inside(half, next);
          return next;
        });
    for (int64_t r = 0; r < tile; ++r)
      addToTotal(r, v, product(toFloat(sums[r]), factor));
  }

  // Of a vector of blocks: their scale, and those of parts 0 to 3, and 4 to 7, as bytes.
  struct Head {
    Value factor, scales[2];
  };
  // Takes off what the minimums do.
  Head q4_kHead(int64_t v) {
    Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
    Value head = granule(0, v), factor = ofHalf(head), least = ofHalf(right(head, 16));
    Value first = granule(4, v), second = granule(8, v), third = granule(12, v);
    // Six bits each: of parts 0 to 3, and 4 to 7.
    Value scales[] = {both(first, 0x3f3f3f3f), either(both(third, 0x0f0f0f0f), both(right(first, 2), 0x30303030))};
    Value leasts[] = {both(second, 0x3f3f3f3f),
                      either(both(right(third, 4), 0x0f0f0f0f), both(right(second, 2), 0x30303030))};
    // Sums of a part's quants are 64 * high + low.
    for (int64_t r = 0; r < tile; ++r) {
      Value low = none, high = none;
      for (int64_t i = 0; i < 2; ++i) {
        low = dot(low, leasts[i], wide(word(form.quants() + 1 + i, r)));
        high = dot(high, leasts[i], wide(word(form.quants() + 3 + i, r)));
      }
      Value sum = plus(low, left(high, 6));
      addToTotal(r, v, product(toFloat(arith::SubIOp::create(builder, location, none, sum)), least));
    }
    return {factor, {scales[0], scales[1]}};
  }
  Value scalesOf(const Head &head, Value half) {
    Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, half, index(0));
    return arith::SelectOp::create(builder, location, isFirst, head.scales[0], head.scales[1]);
  }

  void q4_k() {
    Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(ints));
    for (int64_t v = 0; v < vectors; ++v) {
      Head head = q4_kHead(v);
      halves(v, head.factor, [&](Value half, MutableArrayRef<Value> sums) {
        Value scale = scalesOf(head, half);
        Value bytes = mul(half, index(64 * kPanel)), words = mul(half, index(32 * tile));
        for (int64_t part = 0; part < 4; ++part) {
          SmallVector<Value> mine(tile, none);
          for (int64_t k = 0; k < 8; ++k) {
            Value nibbles = granule(16 + part / 2 * 32 + 4 * k, v, 4, bytes);
            accumulate(mine, both(right(nibbles, part % 2 * 4), 0x0f0f0f0f), part * 8 + k, words);
          }
          Value factors = both(right(scale, 8 * part), 255);
          for (int64_t r = 0; r < tile; ++r)
            sums[r] = plus(sums[r], times(mine[r], factors));
        }
      });
    }
  }

  void q6_k() {
    for (int64_t v = 0; v < vectors; ++v)
      halves(v, ofHalf(granule(208, v, 2)), [&](Value side, MutableArrayRef<Value> sums) {
        Value quants = mul(side, index(96 * kPanel)), scales = mul(side, index(8 * kPanel)),
              words = mul(side, index(32 * tile)), starts = mul(side, index(8 * tile));
        // Few rows read memory in the order in which it lies there: all parts that have a granule in common at once.
        int64_t together = tile <= kFew ? 4 : 1;
        for (int64_t odd = 0; odd < 2; ++odd)
          for (int64_t first = 0; first < 4; first += together) {
            SmallVector<SmallVector<Value>> mine; // of parts of 16: two of each quarter of a side
            for (int64_t quarter = first; quarter < first + together; ++quarter)
              mine.push_back(begin(quarter * 2 + odd, starts));
            for (int64_t k = odd * 4; k < odd * 4 + 4; ++k)
              for (int64_t quarter = first; quarter < first + together; ++quarter) {
                Value low = granule(4 * (k * 3 + quarter % 2), v, 4, quants),
                      high = granule(4 * (k * 3 + 2), v, 4, quants);
                low = both(right(low, quarter / 2 * 4), 0x0f0f0f0f);
                high = both(quarter < 2 ? left(high, 4 - 2 * quarter) : right(high, 2 * quarter - 4), 0x30303030);
                accumulate(mine[quarter - first], either(low, high), quarter * 8 + k, words);
              }
            for (int64_t quarter = first; quarter < first + together; ++quarter) {
              Value factors = signedByte(granule(192 + quarter / 2 * 4, v, 4, scales), quarter % 2 * 2 + odd);
              for (int64_t r = 0; r < tile; ++r)
                sums[r] = plus(sums[r], times(mine[quarter - first][r], factors));
            }
          }
      });
  }

  // Without VNNI, two products are added in 16 bits, which saturate: so many pairs are added before they are joined that all
  // of them fit, whatever the bytes and for quants from -127 to 127. All vectors of a panel are done at once, so that memory
  // is read in its order, in loops so short that the sums stay in 16 registers: [tile][vectors].
  Value call(StringRef name, Type type, Value a, Value b) {
    return LLVM::CallIntrinsicOp::create(builder, location, type, builder.getStringAttr(name), ValueRange{a, b})
        .getResult(0);
  }
  Value as(Type element, Value a) {
    auto type = VectorType::get({lanes * 32 / element.getIntOrFloatBitWidth()}, element);
    return a.getType() == type ? a : vector::BitCastOp::create(builder, location, type, a).getResult();
  }
  Value bytesOf(Value a) { return as(builder.getI8Type(), a); }
  // Bytes of a, negated where those of b are negative, 0 where they are.
  Value withSign(Value a, Value b) {
    a = bytesOf(a);
    return call("llvm.x86.avx2.psign.b", a.getType(), a, bytesOf(b));
  }
  Value pairsOf(Value bytes, Value quants) {
    auto type = VectorType::get({lanes * 2}, builder.getI16Type());
    return call("llvm.x86.avx2.pmadd.ub.sw", type, bytesOf(bytes), bytesOf(quants));
  }
  // The sum of the two of each lane, times a factor if there is one.
  Value joined(Value pairs, Value factor = {}) {
    factor = factor ? either(both(factor, 0xffff), left(factor, 16)) : wide(0x00010001);
    return call("llvm.x86.avx2.pmadd.wd", ints, pairs, as(builder.getI16Type(), factor));
  }
  SmallVector<Value> nothing(Type element, int64_t times = 1) {
    auto type = VectorType::get({lanes * 32 / element.getIntOrFloatBitWidth()}, element);
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
    return SmallVector<Value>(times * tile * vectors, zero);
  }

  // `inside` gets the number of each of `count` trips and adds to the sums. Few rows have registers for several at a time.
  using Trip = llvm::function_ref<void(Value, MutableArrayRef<Value>)>;
  SmallVector<Value> trips(int64_t count, ValueRange sums, Trip inside) {
    return trips(count, tile == 1 ? std::min<int64_t>(4, count) : tile == 2 ? 2 : 1, sums, inside);
  }
  SmallVector<Value> trips(int64_t count, int64_t step, ValueRange sums, Trip inside) {
    return loop(index(0), index(count), step, sums, [&](Value first, ValueRange carried) {
      SmallVector<Value> next(carried);
      for (int64_t u = 0; u < step; ++u)
        inside(add(first, index(u)), next);
      return next;
    });
  }
  void addAll(MutableArrayRef<Value> pairs, ArrayRef<Value> bytes, int64_t number, Value more) {
    for (int64_t r = 0; r < tile; ++r) {
      Value quants = wide(word(number, r, more));
      for (int64_t v = 0; v < vectors; ++v)
        pairs[r * vectors + v] = plus(pairs[r * vectors + v], pairsOf(bytes[v], quants));
    }
  }
  // The same of bytes that are signed.
  void addAllSigned(MutableArrayRef<Value> sums, ArrayRef<Value> bytes, int64_t number, Value more, bool join) {
    SmallVector<Value> sizes;
    for (Value each : bytes)
      sizes.push_back(withSign(each, each));
    for (int64_t r = 0; r < tile; ++r) {
      Value quants = wide(word(number, r, more));
      for (int64_t v = 0; v < vectors; ++v) {
        Value pairs = pairsOf(sizes[v], withSign(quants, bytes[v]));
        sums[r * vectors + v] = plus(sums[r * vectors + v], join ? joined(pairs) : pairs);
      }
    }
  }
  SmallVector<Value> ofEachVector(llvm::function_ref<Value(int64_t)> get) {
    SmallVector<Value> all;
    for (int64_t v = 0; v < vectors; ++v)
      all.push_back(get(v));
    return all;
  }
  void addJoined(MutableArrayRef<Value> sums, ArrayRef<Value> pairs, ArrayRef<Value> factors) {
    for (int64_t r = 0; r < tile; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        sums[r * vectors + v] = plus(sums[r * vectors + v], joined(pairs[r * vectors + v], factors[v]));
  }
  void addAllToTotal(ArrayRef<Value> sums, ArrayRef<Value> factors) {
    for (int64_t r = 0; r < tile; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        addToTotal(r, v, product(toFloat(sums[r * vectors + v]), factors[v]));
  }

  void pairs_q8_0() { // up to 2 * 128 * 127
    SmallVector<Value> sums = trips(8, nothing(builder.getI32Type()), [&](Value k, MutableArrayRef<Value> next) {
      Value bytes = mul(k, index(4 * kPanel));
      SmallVector<Value> weights = ofEachVector([&](int64_t v) { return granule(2, v, 4, bytes); });
      addAllSigned(next, weights, 0, mul(k, index(tile)), /*join=*/true);
    });
    addAllToTotal(sums, ofEachVector([&](int64_t v) { return ofHalf(granule(0, v, 2)); }));
  }

  void pairs_q4_0() { // up to 8 * 2 * 15 * 127
    SmallVector<Value> pairs = trips(4, nothing(builder.getI16Type()), [&](Value k, MutableArrayRef<Value> next) {
      Value bytes = mul(k, index(4 * kPanel)), words = mul(k, index(tile));
      for (int64_t part = 0; part < 2; ++part)
        addAll(next,
               ofEachVector([&](int64_t v) { return both(right(granule(2, v, 4, bytes), 4 * part), 0x0f0f0f0f); }),
               4 * part, words);
    });
    SmallVector<Value> sums;
    for (int64_t r = 0; r < tile; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        sums.push_back(plus(wide(word(form.quants() + 1, r)), joined(pairs[r * vectors + v])));
    addAllToTotal(sums, ofEachVector([&](int64_t v) { return ofHalf(granule(0, v, 2)); }));
  }

  void pairs_q4_k() { // up to 8 * 2 * 15 * 127
    SmallVector<Head> heads;
    for (int64_t v = 0; v < vectors; ++v)
      heads.push_back(q4_kHead(v));
    int64_t together = tile <= 2 ? 2 : 1; // parts that have a granule in common
    SmallVector<Value> sums =
        loop(index(0), index(2), 1, nothing(builder.getI32Type()), [&](Value half, ValueRange carried) {
          SmallVector<Value> next(carried);
          SmallVector<Value> scales = ofEachVector([&](int64_t v) { return scalesOf(heads[v], half); });
          for (int64_t first = 0; first < 4; first += together) {
            size_t each = next.size();
            SmallVector<Value> pairs =
                trips(8, nothing(builder.getI16Type(), together), [&](Value k, MutableArrayRef<Value> mine) {
                  Value bytes = add(mul(half, index(64 * kPanel)), mul(k, index(4 * kPanel))),
                        words = add(mul(half, index(32 * tile)), mul(k, index(tile)));
                  for (int64_t part = first; part < first + together; ++part)
                    addAll(mine.slice((part - first) * each, each), ofEachVector([&](int64_t v) {
                             Value nibbles = granule(16 + part / 2 * 32, v, 4, bytes);
                             return both(right(nibbles, part % 2 * 4), 0x0f0f0f0f);
                           }),
                           part * 8, words);
                });
            for (int64_t part = first; part < first + together; ++part)
              addJoined(next, ArrayRef(pairs).slice((part - first) * each, each),
                        ofEachVector([&](int64_t v) { return both(right(scales[v], 8 * part), 255); }));
          }
          return next;
        });
    addAllToTotal(sums, ofEachVector([&](int64_t v) { return heads[v].factor; }));
  }

  // Bytes are read as from 0 to 63. Sums begin with what that is too much, in pairs too, and so fit when all are added, though on
  // the way they may have gone around: up to 4 * 2 * 32 * 127.
  void pairs_q6_k() {
    int64_t together = tile == 1 ? 4 : tile == 2 ? 2 : 1;
    SmallVector<Value> sums =
        loop(index(0), index(2), 1, nothing(builder.getI32Type()), [&](Value side, ValueRange carried) {
          SmallVector<Value> next(carried);
          size_t each = next.size();
          for (int64_t odd = 0; odd < 2; ++odd)
            for (int64_t first = 0; first < 4; first += together) {
              SmallVector<Value> starts;
              for (int64_t quarter = first; quarter < first + together; ++quarter)
                for (Value start : begin(quarter * 2 + odd, mul(side, index(8 * tile))))
                  starts.append(vectors, as(builder.getI16Type(), start));
              // One at a time: more would ask ahead for all lines at once, and then wait for them.
              SmallVector<Value> pairs = trips(4, 1, starts, [&](Value k, MutableArrayRef<Value> mine) {
                Value bytes = add(mul(side, index(96 * kPanel)), mul(k, index(12 * kPanel))),
                      words = add(mul(side, index(32 * tile)), mul(k, index(tile)));
                for (int64_t quarter = first; quarter < first + together; ++quarter)
                  addAll(mine.slice((quarter - first) * each, each),
                         ofEachVector([&](int64_t v) { return sixBits(odd, quarter, v, bytes); }),
                         quarter * 8 + odd * 4, words);
              });
              Value scales = mul(side, index(8 * kPanel));
              for (int64_t quarter = first; quarter < first + together; ++quarter)
                addJoined(next, ArrayRef(pairs).slice((quarter - first) * each, each), ofEachVector([&](int64_t v) {
                            return signedByte(granule(192 + quarter / 2 * 4, v, 4, scales), quarter % 2 * 2 + odd);
                          }));
            }
          return next;
        });
    addAllToTotal(sums, ofEachVector([&](int64_t v) { return ofHalf(granule(208, v, 2)); }));
  }
  Value sixBits(int64_t odd, int64_t quarter, int64_t v, Value more) {
    Value low = granule(4 * (odd * 12 + quarter % 2), v, 4, more), high = granule(4 * (odd * 12 + 2), v, 4, more);
    low = both(right(low, quarter / 2 * 4), 0x0f0f0f0f);
    high = both(quarter < 2 ? left(high, 4 - 2 * quarter) : right(high, 2 * quarter - 4), 0x30303030);
    return either(low, high);
  }

  BlockForm form;
  int64_t lanes, vectors;
  bool vnni, paired; // whether four bytes are multiplied and added at once, or two; else it is one by one
  Value packed, weight, input, finish, record;
  VectorType ints, floats;
  Value rows, blocks;
  int64_t ahead;
  // Where the code that is being built is.
  Value panel, group, block, base;
  int64_t tile = 0;
  SmallVector<Value> totalsOfTile;           // [tile][vectors]
  DenseSet<std::pair<int64_t, Value>> asked; // granules that are asked for ahead
};
} // namespace

func::FuncOp buildBlockProduct(OpBuilder &builder, StringRef name, ProductOp op, BlockMachine machine) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  BlockForm form = *blockFormOf(*op.getEncoding());
  Type pointer = LLVM::LLVMPointerType::get(context);
  SmallVector<Type> types{pointer,
                          MemRefType::get({any, any}, builder.getI32Type()),
                          MemRefType::get({any, any, form.bytes * kPanel}, builder.getI8Type()),
                          MemRefType::get({any, any}, cast<MemRefType>(op.getRow().getType()).getElementType(),
                                          StridedLayoutAttr::get(context, any, {any, any})),
                          pointer,
                          pointer};
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  BlockKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, form, machine).emit();
  return function;
}

} // namespace varve::target::cpu
