// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is done with the sums of a convolution's panel: the body of the op, on vectors of windows. What depends on the channel
// alone is computed once for each.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/Vectorize.h"
#include "lib/target/cpu/kernel/Convolution.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
class ConvolutionFinish : Loops {
public:
  ConvolutionFinish(OpBuilder builder, func::FuncOp function, ConvolutionOp op, Tile tile)
      : Loops(builder, function.getLoc()), op(op), tile(tile), function(function) {}

  void emit() {
    memories = readRecord(builder, location, function.getArgument(0), recordOf(op));
    auto number = [&](unsigned argument) -> Value {
      return arith::IndexCastOp::create(builder, location, builder.getIndexType(), function.getArgument(argument));
    };
    Value batch = number(2), firstChannel = number(3), firstWindow = number(4), count = number(5);
    Value whole = wholeSteps(count, tile.lanes),
          panel = index(cast<MemRefType>(op.getWeight().getType()).getDimSize(2));
    Value channels = sub(memref::DimOp::create(builder, location, memories.back(), 1), firstChannel);
    loop(index(0), min(panel, channels), 1, [&](Value c) {
      Value channel = add(firstChannel, c);
      IRMapping fixed = computeFixed(batch, channel);
      auto element = [&](Value lane, Value mask) {
        store(fixed, add(mul(c, index(windowsOf(tile))), lane), {batch, channel, add(firstWindow, lane)}, mask);
      };
      loop(index(0), whole, tile.lanes, [&](Value lane) { element(lane, {}); });
      loop(whole, count, tile.lanes, [&](Value lane) { // at most once
        auto type = VectorType::get({tile.lanes}, builder.getI1Type());
        element(lane, vector::CreateMaskOp::create(builder, location, type, sub(count, lane)));
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  auto extras() { return llvm::enumerate(op.getMaps().getAsValueRange<AffineMapAttr>()); }
  Value argument(size_t extra) { return op.getBody().getArgument(1 + extra); }
  static SmallVector<Value> placeOf(AffineMap map, ArrayRef<Value> place) {
    SmallVector<Value> result;
    for (unsigned i = 0; i < map.getNumResults(); ++i)
      result.push_back(place[map.getDimPosition(i)]);
    return result;
  }

  // The values of the body that no window has a part in.
  IRMapping computeFixed(Value batch, Value channel) {
    IRMapping values;
    for (auto [number, map] : extras())
      if (!map.isFunctionOfDim(2))
        values.map(
            argument(number),
            memref::LoadOp::create(builder, location, memories[number], placeOf(map, {batch, channel})).getResult());
    for (Operation &inner : op.getBody().front().without_terminator())
      if (llvm::all_of(inner.getOperands(), [&](Value value) { return values.contains(value); }))
        cloneWide(builder, inner, values, tile.lanes);
    return values;
  }

  // One vector of windows, whose sums lie at a place of the turned panel.
  void store(const IRMapping &fixed, Value sumPlace, ArrayRef<Value> place, Value mask) {
    IRMapping values(fixed);
    Type f32 = builder.getF32Type();
    Value offset = arith::IndexCastOp::create(builder, location, builder.getI64Type(), sumPlace);
    Value address = LLVM::GEPOp::create(builder, location, function.getArgument(1).getType(), f32,
                                        function.getArgument(1), ValueRange{offset});
    values.map(op.getBody().getArgument(0),
               LLVM::LoadOp::create(builder, location, VectorType::get({tile.lanes}, f32), address, /*alignment=*/4)
                   .getResult());
    for (auto [number, map] : extras())
      if (map.isFunctionOfDim(2))
        values.map(argument(number), loadLanes(builder, location, memories[number], placeOf(map, place), mask, tile));
    for (Operation &inner : op.getBody().front().without_terminator())
      if (!llvm::all_of(inner.getResults(), [&](Value value) { return values.contains(value); }))
        cloneWide(builder, inner, values, tile.lanes);
    Value given = values.lookupOrDefault(cast<YieldOp>(op.getBody().front().getTerminator()).getValue());
    given = BodyEmitter::widen(builder, location, given, tile.lanes);
    if (mask)
      vector::MaskedStoreOp::create(builder, location, memories.back(), place, mask, given);
    else
      vector::StoreOp::create(builder, location, given, memories.back(), place);
  }

  ConvolutionOp op;
  Tile tile;
  func::FuncOp function;
  SmallVector<Value> memories; // extra operands, then the output
};
} // namespace

func::FuncOp buildConvolutionFinish(OpBuilder &builder, StringRef name, ConvolutionOp op, Tile tile) {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext()), i64 = builder.getI64Type();
  auto function = func::FuncOp::create(builder, UnknownLoc::get(builder.getContext()), name,
                                       builder.getFunctionType({pointer, pointer, i64, i64, i64, i64}, {}));
  function.setPrivate();
  ConvolutionFinish(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, tile).emit();
  return function;
}

} // namespace varve::target::cpu
