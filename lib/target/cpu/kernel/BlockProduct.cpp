// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A lane has a row of the weight, and a word of it four neighbours along k: one vpdpbusd multiplies them with four quants of an
// input's row, of bytes from 0 to 255 by signed ones. What makes the weight's bytes so is taken off by where the sums begin,
// the same for all lanes. Sums are integers within a block and f32 between blocks, in the order of k, held in registers for all
// of k. Panels are read once, from the first byte to the last, for up to a group of rows; for more rows a panel stays in cache.
// AVX2 multiplies pairs instead, and adds them in 16 bits as often as they fit; that is exact too. For many rows there, blocks of q8_0
// and q6_k are opened into what is left to multiply, some at a time, and sums wait between these in the task's memory.
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
bool isOpened(const BlockForm &form, int64_t lanes) {
  return lanes == 8 && (form.encoding == Encoding::q8_0 || form.encoding == Encoding::q6_k);
}
bool hasOpposites(const BlockForm &form, int64_t lanes) { return lanes == 8 && form.encoding == Encoding::q8_0; }

namespace {
constexpr int64_t kPanel = runtime::blocks::panel_rows;
constexpr int64_t kGroups = 8;             // of rows that a panel is read for while it is in cache
constexpr int64_t kOpenedGroups = 16;      // of rows that an opened part of a panel is read for
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
        ahead(form.encoding == Encoding::q6_k ? 2 * machine.ahead : machine.ahead),
        streams(form.encoding == Encoding::q6_k ? 1 : std::min<int64_t>(machine.streams, 2)) {}

  void emit() {
    rows = memref::DimOp::create(builder, location, input, 0);
    blocks = memref::DimOp::create(builder, location, weight, 1);
    panels = memref::DimOp::create(builder, location, weight, 0);
    auto several = [&] {
      if (!isOpened(form, lanes))
        return asTheyLie();
      Value isFew = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, rows, index(kUnopened));
      ifThenElse(isFew, [&] { asTheyLie(); }, [&] { opened(); });
    };
    if (streams == 1) {
      several();
    } else {
      Value isRow = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, rows, index(1));
      ifThenElse(isRow, [&] { single(); }, several);
    }
    func::ReturnOp::create(builder, location);
  }

private:
  Value memoryOf(ArrayRef<int64_t> sizes, Type element) {
    return memref::AllocaOp::create(builder, location, MemRefType::get(sizes, element), builder.getI64IntegerAttr(64));
  }

  // One row reads a block of some panels each in turns: memory gives more to several streams.
  void single() {
    Value products = mul(blocks, index(form.elements * kPanel));
    Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(streams));
    tasks(panels, grain, [&](Value first, Value last) {
      Value sums = memoryOf({blockRows(lanes), kPanel}, builder.getF32Type());
      Value whole = add(first, wholeSteps(sub(last, first), streams));
      loop(first, whole, streams, [&](Value number) { singleOf(number, streams, sums); });
      loop(whole, last, 1, [&](Value number) { singleOf(number, 1, sums); });
    });
  }

  void singleOf(Value first, int64_t count, Value sums) {
    tile = 1;
    group = index(0);
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(floats));
    SmallVector<Value> none(static_cast<size_t>(count * vectors), zero);
    SmallVector<Value> totals = loop(index(0), blocks, 1, none, [&](Value number, ValueRange carried) {
      SmallVector<Value> next;
      block = number;
      base = mul(block, index(form.words()));
      for (int64_t s = 0; s < count; ++s) {
        asked.clear();
        panel = add(first, index(s));
        auto mine = carried.slice(s * vectors, vectors);
        totalsOfTile.assign(mine.begin(), mine.end());
        emitBlock();
        next.append(totalsOfTile);
      }
      return next;
    });
    for (int64_t s = 0; s < count; ++s) {
      panel = add(first, index(s));
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(builder, location, totals[s * vectors + v], sums,
                                ValueRange{index(0), index(v * lanes)});
      callFinish(sums, index(0), index(1));
    }
  }

  void asTheyLie() {
    Value most = index(blockRows(lanes)), groups = ceilDiv(rows, most), some = index(kGroups);
    Value products = mul(min(rows, mul(most, some)), mul(blocks, index(form.elements * kPanel)));
    Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(1));
    tasks(mul(panels, ceilDiv(groups, some)), grain, [&](Value first, Value last) {
      Value sums = memoryOf({blockRows(lanes), kPanel}, builder.getF32Type());
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
  }

  // One copy of the code for each size of a tile.
  void tileFor(ArrayRef<int64_t> sizes, Value count, Value sums) {
    if (sizes.size() == 1)
      return emitTile(sizes[0], sums);
    Value fits = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, count, index(sizes[0]));
    ifThenElse(fits, [&] { emitTile(sizes[0], sums); }, [&] { tileFor(sizes.drop_front(), count, sums); });
  }

  void callFinish(Value sums, Value row, Value count, Value slot = {}) {
    Type i64 = builder.getI64Type();
    auto number = [&](Value value) -> Value { return arith::IndexCastOp::create(builder, location, i64, value); };
    Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, location, sums);
    if (slot)
      address = add(address, mul(slot, index(blockRows(lanes) * kPanel * static_cast<int64_t>(sizeof(float)))));
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
  // The low half of each lane, in both halves.
  Value twice(Value a) { return either(both(a, 0xffff), left(a, 16)); }
  // The sum of the two of each lane, times a factor if there is one.
  Value joined(Value pairs, Value factor = {}) {
    factor = factor ? twice(factor) : wide(0x00010001);
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

  // Many rows with AVX2: some blocks of a panel are first opened, once for all rows, so that what is left for each row is bytes from 0
  // on, multiplied and added. Each row of q8_0 takes over the signs of the weight by a shuffle of its quants and their opposites:
  // shuffles have execution units of their own, where vpsignb would take those of the products.
  int64_t openedBlocks() const { return form.encoding == Encoding::q8_0 ? 8 : 2; } // half of the first-level cache
  // Of a panel's words of k: q8_0's are magnitudes and places of quants. Behind them are scales of parts, then factors.
  int64_t openedWord() const { return (form.encoding == Encoding::q8_0 ? 2 : 1) * kPanel * 4; }
  int64_t openedScales() const { return form.quants() * openedWord(); }
  int64_t openedFactors() const { return openedScales() + (form.encoding == Encoding::q8_0 ? 0 : 16 * kPanel * 4); }

  void opened() {
    int64_t most = blockRows(lanes), some = openedBlocks();
    Value groups = ceilDiv(rows, index(most));
    Value products = mul(min(rows, index(most * kOpenedGroups)), mul(blocks, index(form.elements * kPanel)));
    Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(1));
    tasks(mul(panels, ceilDiv(groups, index(kOpenedGroups))), grain, [&](Value first, Value last) {
      Value sums = memoryOf({kOpenedGroups * most, kPanel}, builder.getF32Type());
      room = memoryOf({some, openedFactors() + kPanel * 4}, builder.getI8Type());
      loop(first, last, 1, [&](Value point) {
        panel = rem(point, panels);
        Value from = mul(div(point, panels), index(kOpenedGroups)), to = min(groups, add(from, index(kOpenedGroups)));
        loop(index(0), blocks, some, [&](Value begin) {
          Value count = min(index(some), sub(blocks, begin));
          tile = most;
          loop(index(0), count, 1, [&](Value slot) {
            block = add(begin, slot);
            form.encoding == Encoding::q8_0 ? open_q8_0(slot) : open_q6_k(slot);
          });
          loop(from, to, 1, [&](Value number) {
            group = number;
            openedTile(sums, sub(number, from), begin, count);
          });
        });
        loop(from, to, 1, [&](Value number) {
          Value row = mul(number, index(most));
          callFinish(sums, row, min(index(most), sub(rows, row)), sub(number, from));
        });
      });
    });
  }

  // To the sums of a group, those of some blocks.
  void openedTile(Value sums, Value slot, Value begin, Value count) {
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(floats));
    Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, index(0));
    auto place = [&](int64_t number) {
      return SmallVector<Value>{add(mul(slot, index(tile)), index(number / vectors)), index(number % vectors * lanes)};
    };
    SmallVector<Value> totals;
    for (int64_t number = 0; number < tile * vectors; ++number) {
      Value before = vector::LoadOp::create(builder, location, floats, sums, place(number));
      totals.push_back(arith::SelectOp::create(builder, location, isFirst, zero, before));
    }
    totals = loop(index(0), count, 1, totals, [&](Value at, ValueRange carried) {
      block = add(begin, at);
      base = mul(block, index(tile * form.words(hasOpposites(form, lanes))));
      totalsOfTile.assign(carried.begin(), carried.end());
      form.encoding == Encoding::q8_0 ? opened_q8_0(at) : opened_q6_k(at);
      return totalsOfTile;
    });
    for (auto [number, total] : llvm::enumerate(totals))
      vector::StoreOp::create(builder, location, total, sums, place(number));
  }

  void put(Value slot, int64_t byte, Value vector, Value more = {}) {
    Value place = more ? add(index(byte), more) : index(byte);
    vector::StoreOp::create(builder, location, bytesOf(vector), room, ValueRange{slot, place});
  }
  Value taken(Value slot, int64_t byte, Type element, Value more = {}) {
    Value place = more ? add(index(byte), more) : index(byte);
    auto type = VectorType::get({lanes * 4}, builder.getI8Type());
    Value bytes = vector::LoadOp::create(builder, location, type, room, ValueRange{slot, place});
    return as(element, bytes);
  }
  int64_t ofVector(int64_t v) const { return v * lanes * 4; }

  void open_q8_0(Value slot) {
    loop(index(0), index(8), 1, [&](Value k) {
      Value more = mul(k, index(openedWord()));
      for (int64_t v = 0; v < vectors; ++v) {
        Value bytes = granule(2, v, 4, mul(k, index(4 * kPanel)));
        put(slot, ofVector(v), withSign(bytes, bytes), more);
        put(slot, kPanel * 4 + ofVector(v), either(both(right(bytes, 5), 0x04040404), wide(0x03020100)), more);
      }
    });
    for (int64_t v = 0; v < vectors; ++v)
      put(slot, openedFactors() + ofVector(v), ofHalf(granule(0, v, 2)));
  }

  void opened_q8_0(Value slot) {
    auto bytes = VectorType::get({lanes * 4}, builder.getI8Type());
    auto word = [&](Value k, MutableArrayRef<Value> sums) {
      Value more = mul(k, index(openedWord())), words = mul(k, index(2 * tile));
      SmallVector<Value> weights, places;
      for (int64_t v = 0; v < vectors; ++v) {
        weights.push_back(taken(slot, ofVector(v), builder.getI8Type(), more));
        places.push_back(taken(slot, kPanel * 4 + ofVector(v), builder.getI8Type(), more));
      }
      for (int64_t r = 0; r < tile; ++r) {
        Value place = add(add(base, words), index(2 * r));
        Value two = vector::LoadOp::create(builder, location, VectorType::get({2}, builder.getI32Type()), packed,
                                           ValueRange{group, place});
        Value quants =
            bytesOf(vector::ShuffleOp::create(builder, location, two, two, ArrayRef<int64_t>{0, 1, 0, 1, 0, 1, 0, 1}));
        // Side by side, so that none waits for another.
        SmallVector<Value> each =
            ofEachVector([&](int64_t v) { return call("llvm.x86.avx2.pshuf.b", bytes, quants, places[v]); });
        for (int64_t v = 0; v < vectors; ++v)
          each[v] = pairsOf(weights[v], each[v]);
        for (int64_t v = 0; v < vectors; ++v)
          each[v] = joined(each[v]);
        for (int64_t v = 0; v < vectors; ++v)
          sums[r * vectors + v] = plus(sums[r * vectors + v], each[v]);
      }
    };
    addOpened(trips(8, 2, nothing(builder.getI32Type()), word), slot, 2 * form.quants());
  }

  void addOpened(ArrayRef<Value> sums, Value slot, int64_t scaleWord) {
    SmallVector<Value> factors =
        ofEachVector([&](int64_t v) { return taken(slot, openedFactors() + ofVector(v), builder.getF32Type()); });
    for (int64_t r = 0; r < tile; ++r) {
      Value scale = wide(arith::BitcastOp::create(builder, location, builder.getF32Type(), word(scaleWord, r)));
      for (int64_t v = 0; v < vectors; ++v) {
        Value &total = totalsOfTile[r * vectors + v];
        total =
            vector::FMAOp::create(builder, location, product(toFloat(sums[r * vectors + v]), factors[v]), scale, total);
      }
    }
  }

  void open_q6_k(Value slot) {
    loop(index(0), index(2), 1, [&](Value side) {
      loop(index(0), index(4), 1, [&](Value k) {
        Value bytes = add(mul(side, index(96 * kPanel)), mul(k, index(12 * kPanel)));
        Value more = add(mul(side, index(32 * openedWord())), mul(k, index(openedWord())));
        for (int64_t part = 0; part < 8; ++part)
          for (int64_t v = 0; v < vectors; ++v)
            put(slot, part * 4 * openedWord() + ofVector(v), sixBits(part % 2, part / 2, v, bytes), more);
      });
      for (int64_t part = 0; part < 8; ++part)
        for (int64_t v = 0; v < vectors; ++v) {
          Value scales = granule(192 + part / 4 * 4, v, 4, mul(side, index(8 * kPanel)));
          put(slot, openedScales() + part * kPanel * 4 + ofVector(v), twice(signedByte(scales, part % 4)),
              mul(side, index(8 * kPanel * 4)));
        }
    });
    for (int64_t v = 0; v < vectors; ++v)
      put(slot, openedFactors() + ofVector(v), ofHalf(granule(208, v, 2)));
  }

  void opened_q6_k(Value slot) {
    SmallVector<Value> sums =
        loop(index(0), index(16), 1, nothing(builder.getI32Type()), [&](Value part, ValueRange carried) {
          SmallVector<Value> next(carried), pairs;
          Value more = mul(part, index(4 * openedWord())), words = mul(part, index(4 * tile));
          for (Value start : begin(0, mul(part, index(tile))))
            pairs.append(vectors, as(builder.getI16Type(), start));
          for (int64_t k = 0; k < 4; ++k)
            addAll(pairs, ofEachVector([&](int64_t v) {
                     return taken(slot, k * openedWord() + ofVector(v), builder.getI8Type(), more);
                   }),
                   k, words);
          SmallVector<Value> scales = ofEachVector([&](int64_t v) {
            return taken(slot, openedScales() + ofVector(v), builder.getI16Type(), mul(part, index(kPanel * 4)));
          });
          for (int64_t r = 0; r < tile; ++r)
            for (int64_t v = 0; v < vectors; ++v) {
              Value sum = call("llvm.x86.avx2.pmadd.wd", ints, pairs[r * vectors + v], scales[v]);
              next[r * vectors + v] = plus(next[r * vectors + v], sum);
            }
          return next;
        });
    addOpened(sums, slot, form.quants());
  }

  BlockForm form;
  int64_t lanes, vectors;
  bool vnni, paired; // whether four bytes are multiplied and added at once, or two; else it is one by one
  Value packed, weight, input, finish, record;
  VectorType ints, floats;
  Value rows, blocks, panels;
  int64_t ahead, streams;
  Value room; // of opened blocks
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
