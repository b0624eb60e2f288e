// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is done with the sums of a tile of rows and columns: the body of the op, on vectors.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/Product.h"
#include "lib/target/cpu/loops/Vectorize.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
template <class Op> class Finish : Loops {
public:
  Finish(OpBuilder builder, func::FuncOp function, Op op, Tile tile)
      : Loops(builder, function.getLoc()), op(op), tile(tile), panel(panelOf(op)), function(function) {}

  void emit() {
    memories = readRecord(builder, location, function.getArgument(0), recordOf(op));
    auto number = [&](unsigned argument) -> Value {
      return arith::IndexCastOp::create(builder, location, builder.getIndexType(), function.getArgument(argument));
    };
    Value firstRow = number(2), firstColumn = mul(number(3), index(panel));
    Value columns = memref::DimOp::create(builder, location, memories.back(), 1);
    Value end = min(index(panel), sub(columns, firstColumn)), whole = wholeSteps(end, tile.lanes);
    Value rows = number(4), isTile = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ne, rows, index(1));
    loop(index(0), rows, 1, [&](Value r) {
      Value row = add(firstRow, r);
      ifThen(isTile, [&] { askFor(add(row, rows), firstColumn); });
      auto element = [&](Value lane, Value mask) {
        store(add(mul(r, index(panel)), lane), row, add(firstColumn, lane), mask);
      };
      loop(index(0), whole, tile.lanes, [&](Value lane) { element(lane, {}); });
      loop(whole, end, tile.lanes, [&](Value lane) { // at most once
        auto type = VectorType::get({tile.lanes}, builder.getI1Type());
        element(lane, vector::CreateMaskOp::create(builder, location, type, sub(end, lane)));
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  // Of the tile of rows behind this one, what it will read and write: rows lie too far apart for the machine to see it.
  void askFor(Value row, Value column) {
    constexpr int64_t line = 64;
    auto maps = llvm::to_vector(op.getMaps().template getAsValueRange<AffineMapAttr>());
    for (auto [number, memory] : llvm::enumerate(memories)) {
      bool isOutput = number == maps.size();
      if (!isOutput && !maps[number].isIdentity())
        continue;
      int64_t elements = line * 8 / cast<MemRefType>(memory.getType()).getElementTypeBitWidth();
      for (int64_t lane = 0; lane < panel; lane += elements)
        memref::PrefetchOp::create(builder, location, memory, ValueRange{row, add(column, index(lane))}, isOutput,
                                   /*localityHint=*/3, /*isDataCache=*/true);
    }
  }

  // One vector of elements, whose sums lie at a place of the tile.
  void store(Value sumPlace, Value row, Value column, Value mask) {
    IRMapping values;
    Block &body = op.getBody().front();
    Type f32 = builder.getF32Type();
    Value offset = arith::IndexCastOp::create(builder, location, builder.getI64Type(), sumPlace);
    Value address = LLVM::GEPOp::create(builder, location, function.getArgument(1).getType(), f32,
                                        function.getArgument(1), ValueRange{offset});
    values.map(body.getArgument(0),
               LLVM::LoadOp::create(builder, location, VectorType::get({tile.lanes}, f32), address, /*alignment=*/4));
    for (auto [number, map] : llvm::enumerate(op.getMaps().template getAsValueRange<AffineMapAttr>())) {
      SmallVector<Value> place;
      for (AffineExpr expr : map.getResults())
        place.push_back(cast<AffineDimExpr>(expr).getPosition() == 0 ? row : column);
      Value extra = map.isFunctionOfDim(1)
                        ? loadLanes(builder, location, memories[number], place, mask, tile)
                        : memref::LoadOp::create(builder, location, memories[number], place).getResult();
      values.map(body.getArgument(1 + number), extra);
    }
    for (Operation &inner : body.without_terminator())
      cloneWide(builder, inner, values, tile.lanes);
    Value given = values.lookupOrDefault(cast<YieldOp>(body.getTerminator()).getValue());
    given = BodyEmitter::widen(builder, location, given, tile.lanes);
    if (mask)
      vector::MaskedStoreOp::create(builder, location, memories.back(), ValueRange{row, column}, mask, given);
    else
      vector::StoreOp::create(builder, location, given, memories.back(), ValueRange{row, column});
  }

  Op op;
  Tile tile;
  int64_t panel;
  func::FuncOp function;
  SmallVector<Value> memories; // extra operands, then the output
};
} // namespace

SmallVector<Value> readRecord(OpBuilder &builder, Location location, Value record, ArrayRef<MemRefType> of) {
  LLVMTypeConverter types(builder.getContext());
  SmallVector<Type> fields;
  for (MemRefType type : of)
    fields.push_back(types.convertType(type));
  Value loaded =
      LLVM::LoadOp::create(builder, location, LLVM::LLVMStructType::getLiteral(builder.getContext(), fields), record);
  SmallVector<Value> memories;
  for (auto [number, type] : llvm::enumerate(of)) {
    Value field = LLVM::ExtractValueOp::create(builder, location, loaded, number);
    memories.push_back(UnrealizedConversionCastOp::create(builder, location, type, field).getResult(0));
  }
  return memories;
}

Value loadLanes(OpBuilder &builder, Location location, Value memory, ValueRange place, Value mask, Tile tile) {
  auto type = VectorType::get({tile.lanes}, cast<MemRefType>(memory.getType()).getElementType());
  if (!mask)
    return vector::LoadOp::create(builder, location, type, memory, place);
  Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, location, type, memory, place, mask, zero);
}

SmallVector<MemRefType> recordOf(ValueRange extras, ArrayAttr maps, Value output) {
  int64_t any = ShapedType::kDynamic;
  auto strided = [&](Value value, unsigned rank, bool isUnit) {
    SmallVector<int64_t> strides(rank, any);
    if (isUnit)
      strides.back() = 1;
    return MemRefType::get(SmallVector<int64_t>(rank, any), cast<MemRefType>(value.getType()).getElementType(),
                           StridedLayoutAttr::get(output.getContext(), any, strides));
  };
  unsigned last = cast<MemRefType>(output.getType()).getRank() - 1;
  SmallVector<MemRefType> types;
  for (auto [extra, map] : llvm::zip(extras, maps.getAsValueRange<AffineMapAttr>()))
    types.push_back(strided(extra, map.getNumResults(), map.isFunctionOfDim(last)));
  types.push_back(strided(output, last + 1, true));
  return types;
}

template <class Op> func::FuncOp buildFinish(OpBuilder &builder, StringRef name, Op op, Tile tile) {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext()), i64 = builder.getI64Type();
  auto function = func::FuncOp::create(builder, UnknownLoc::get(builder.getContext()), name,
                                       builder.getFunctionType({pointer, pointer, i64, i64, i64}, {}));
  function.setPrivate();
  Finish<Op>(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, tile).emit();
  return function;
}
template func::FuncOp buildFinish(OpBuilder &, StringRef, ProductOp, Tile);
template func::FuncOp buildFinish(OpBuilder &, StringRef, ConvolutionOp, Tile);

} // namespace varve::target::cpu
