// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A lane has a row of the weight, and a word of it four neighbours along k: one vpdpbusd multiplies them with four quants of an
// input's row, of bytes from 0 to 255 by signed ones. What makes the weight's bytes so is taken off by where the sums begin,
// the same for all lanes. Sums are integers within a block and f32 between blocks, in the order of k, held in registers for all
// of k. Panels are read once, from the first byte to the last, for up to a group of rows; for more rows a panel stays in cache.
// AVX2 multiplies pairs instead, and adds them in 16 bits as often as they fit; that is exact too. For many rows blocks are opened
// into what is left to multiply, some at a time, and sums wait between these in the task's memory.
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/kernel/BlockCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

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
  // Sums of two vectors, as integers and as floats, take 24 of 32 vector registers. Of 16, those as integers take 8.
  return lanes == 16 ? SmallVector<int64_t>{1, 2, 3, 4, 6} : SmallVector<int64_t>{1, 2, 4};
}
int64_t blockRows(int64_t lanes) { return blockTiles(lanes).back(); }
bool isOpened(int64_t lanes) { return lanes >= 8; }
bool hasOpposites(const BlockForm &form, int64_t lanes) { return lanes == 8 && form.encoding == Encoding::q8_0; }

namespace {
constexpr int64_t kGroups = 8; // of rows that a panel is read for while it is in cache
} // namespace

void BlockKernel::emit() {
  rows = memref::DimOp::create(builder, location, input, 0);
  blocks = memref::DimOp::create(builder, location, weight, 1);
  panels = memref::DimOp::create(builder, location, weight, 0);
  auto several = [&] {
    if (!isOpened(lanes))
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

void BlockKernel::single() {
  Value products = mul(blocks, index(form.elements * kPanel));
  Value grain = max(div(index(kTaskProducts), max(products, index(1))), index(streams));
  tasks(panels, grain, [&](Value first, Value last) {
    Value sums = memoryOf({blockRows(lanes), kPanel}, builder.getF32Type());
    Value whole = add(first, wholeSteps(sub(last, first), streams));
    loop(first, whole, streams, [&](Value number) { singleOf(number, streams, sums); });
    loop(whole, last, 1, [&](Value number) { singleOf(number, 1, sums); });
  });
}

void BlockKernel::singleOf(Value first, int64_t count, Value sums) {
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
      vector::StoreOp::create(builder, location, totals[s * vectors + v], sums, ValueRange{index(0), index(v * lanes)});
    callFinish(sums, index(0), index(1));
  }
}

void BlockKernel::asTheyLie() {
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

void BlockKernel::tileFor(ArrayRef<int64_t> sizes, Value count, Value sums) {
  if (sizes.size() == 1)
    return emitTile(sizes[0], sums);
  Value fits = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, count, index(sizes[0]));
  ifThenElse(fits, [&] { emitTile(sizes[0], sums); }, [&] { tileFor(sizes.drop_front(), count, sums); });
}

void BlockKernel::callFinish(Value sums, Value row, Value count, Value slot) {
  Type i64 = builder.getI64Type();
  auto number = [&](Value value) -> Value { return arith::IndexCastOp::create(builder, location, i64, value); };
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, location, sums);
  if (slot)
    address = add(address, mul(slot, index(blockRows(lanes) * kPanel * static_cast<int64_t>(sizeof(float)))));
  Value place = LLVM::IntToPtrOp::create(builder, location, finish.getType(), number(address));
  callAddress(builder, location, finish, {record, place, number(row), number(panel), number(count)});
}

void BlockKernel::emitTile(int64_t size, Value sums) {
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
      vector::StoreOp::create(builder, location, totals[r * vectors + v], sums, ValueRange{index(r), index(v * lanes)});
}

void BlockKernel::emitBlock() {
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
