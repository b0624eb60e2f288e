// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is done with the sums of a convolution's panel: the body of the op, on vectors of windows. What depends on the channel
// alone is computed once for each.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/convolution/Convolution.h"
#include "lib/target/cpu/loops/Vectorize.h"

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
    Value batch = number(2), firstChannel = number(3), firstWindow = number(4);
    Value rows = number(5), rowPitch = number(6), count = number(7), given = number(8), pitch = number(9);
    Value whole = wholeSteps(count, tile.lanes), step = index(tile.lanes);
    auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) -> Value {
      return arith::CmpIOp::create(builder, location, predicate, a, b);
    };
    Value isWide = compare(arith::CmpIPredicate::sge, count, step);
    Value isRest = compare(arith::CmpIPredicate::slt, whole, count);
    Value channels = sub(memref::DimOp::create(builder, location, memories.back(), 1), firstChannel);
    loop(index(0), min(given, channels), 1, [&](Value c) {
      Value channel = add(firstChannel, c);
      IRMapping fixed = computeFixed(batch, channel);
      loop(index(0), rows, 1, [&](Value row) {
        Value from = add(mul(c, pitch), mul(row, rowPitch)), to = add(firstWindow, mul(row, count));
        auto compute = [&](Value lane, Value mask) {
          return element(fixed, add(from, lane), {batch, channel, add(to, lane)}, mask);
        };
        auto store = [&](Value value, Value lane) {
          vector::StoreOp::create(builder, location, value, memories.back(), ValueRange{batch, channel, add(to, lane)});
        };
        ifThenElse(
            isWide,
            [&] {
              // The last windows are a whole vector too, some of it for the second time: masks are slow, above all of 16
              // bits. What it reads is read first, since the output may lie where that is.
              Value end = sub(count, step);
              Value last = choose(isRest, [&] { return compute(end, {}); });
              loop(index(0), whole, tile.lanes, [&](Value lane) { store(compute(lane, {}), lane); });
              ifThen(isRest, [&] { store(last, end); });
            },
            [&] {
              auto type = VectorType::get({tile.lanes}, builder.getI1Type());
              Value mask = vector::CreateMaskOp::create(builder, location, type, count);
              vector::MaskedStoreOp::create(builder, location, memories.back(), ValueRange{batch, channel, to}, mask,
                                            compute(index(0), mask));
            });
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

  // A vector of the output, or zeros.
  Value choose(Value condition, llvm::function_ref<Value()> inside) {
    auto type = VectorType::get({tile.lanes}, cast<MemRefType>(memories.back().getType()).getElementType());
    auto branch = scf::IfOp::create(builder, location, TypeRange{type}, condition, /*withElse=*/true);
    OpBuilder around = builder;
    builder.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(builder, location, inside());
    builder.setInsertionPointToStart(branch.elseBlock());
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
    scf::YieldOp::create(builder, location, zero);
    builder = around;
    return branch.getResult(0);
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

  // What becomes of one vector of windows, whose sums lie at a place.
  Value element(const IRMapping &fixed, Value sumPlace, ArrayRef<Value> place, Value mask) {
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
    return BodyEmitter::widen(builder, location, given, tile.lanes);
  }

  ConvolutionOp op;
  Tile tile;
  func::FuncOp function;
  SmallVector<Value> memories; // extra operands, then the output
};
} // namespace

func::FuncOp buildConvolutionFinish(OpBuilder &builder, StringRef name, ConvolutionOp op, Tile tile) {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> types{pointer, pointer};
  types.append(8, builder.getI64Type());
  auto function =
      func::FuncOp::create(builder, UnknownLoc::get(builder.getContext()), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  ConvolutionFinish(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, tile).emit();
  return function;
}

} // namespace varve::target::cpu
