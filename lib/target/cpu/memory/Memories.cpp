// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A memref stands as a cast of its parts, pointer and sizes, until it is known who needs it whole.
#include "lib/target/cpu/memory/Memories.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::target::cpu {

// On the cast of a memref: its pointer is that of a table, and this the place of its own in it.
static constexpr llvm::StringLiteral kSlot = "slot";

static MemRefType isContiguous(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getLayout().isIdentity() ? memref : MemRefType();
}

// The place in a table that a static memref has, or nothing.
static std::optional<int64_t> slotOf(Value value) {
  auto memory = value.getDefiningOp<UnrealizedConversionCastOp>();
  auto slot = memory && memory.getInputs().size() == 1 ? memory->getAttrOfType<IntegerAttr>(kSlot) : IntegerAttr();
  return slot ? std::optional(slot.getInt()) : std::nullopt;
}

// Where a value is first needed in its block, or null.
static Operation *firstUse(Value value) {
  Operation *first = nullptr;
  for (Operation *user : value.getUsers()) {
    Operation *here = value.getParentBlock()->findAncestorOpInBlock(*user);
    if (!first || here->isBeforeInBlock(first))
      first = here;
  }
  return first;
}

Memories::Memories(ModuleOp module, const LLVMTypeConverter &types)
    : module(module), types(types), pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

Value Memories::add(OpBuilder &builder, Location location, MemRefType type, Value data, ValueRange sizes) {
  SmallVector<Value> parts{data};
  llvm::append_range(parts, sizes);
  all.push_back(UnrealizedConversionCastOp::create(builder, location, type, parts));
  return all.back().getResult(0);
}

Value Memories::addAt(OpBuilder &builder, Location location, MemRefType type, Value table, int64_t slot,
                      ValueRange sizes) {
  Value memory = add(builder, location, type, table, sizes);
  all.back()->setAttr(kSlot, builder.getI64IntegerAttr(slot));
  return memory;
}

Value Memories::placeIn(OpBuilder &builder, Location location, Value table, int64_t slot) {
  return LLVM::GEPOp::create(builder, location, pointer, pointer, table,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(slot)});
}

Value Memories::dataOf(OpBuilder &builder, UnrealizedConversionCastOp memory) {
  auto slot = memory->getAttrOfType<IntegerAttr>(kSlot);
  if (!slot)
    return memory.getInputs().front();
  Value place = placeIn(builder, memory.getLoc(), memory.getInputs().front(), slot.getInt());
  return LLVM::LoadOp::create(builder, memory.getLoc(), pointer, place);
}

Value Memories::descriptor(OpBuilder &builder, UnrealizedConversionCastOp memory) {
  Location location = memory.getLoc();
  auto type = cast<MemRefType>(memory.getType(0));
  Value data = dataOf(builder, memory);
  auto descriptor = MemRefDescriptor::poison(builder, location, types.convertType(type));
  descriptor.setAllocatedPtr(builder, location, data);
  descriptor.setAlignedPtr(builder, location, data);
  descriptor.setConstantOffset(builder, location, 0);
  Value stride = arith::ConstantIntOp::create(builder, location, 1, 64);
  unsigned next = memory.getInputs().size();
  for (int64_t axis = type.getRank(); axis-- > 0;) {
    Value size = type.isDynamicDim(axis)
                     ? arith::IndexCastOp::create(builder, location, builder.getI64Type(), memory.getInputs()[--next])
                           .getResult()
                     : arith::ConstantIntOp::create(builder, location, type.getDimSize(axis), 64).getResult();
    descriptor.setSize(builder, location, axis, size);
    descriptor.setStride(builder, location, axis, stride);
    stride = arith::MulIOp::create(builder, location, stride, size);
  }
  return UnrealizedConversionCastOp::create(builder, location, type, Value(descriptor)).getResult(0);
}

SmallVector<Memories::Run> Memories::runsOf(ArrayRef<func::CallOp> calls) {
  auto follows = [&](unsigned index) { // in every call
    return llvm::all_of(calls, [&](func::CallOp call) {
      std::optional<int64_t> before = slotOf(call.getOperand(index - 1)), slot = slotOf(call.getOperand(index));
      return before && slot == *before + 1;
    });
  };
  SmallVector<Run> runs;
  unsigned count = calls.empty() ? 0 : calls.front()->getNumOperands();
  for (unsigned first = 0; first < count;) {
    unsigned last = first + 1;
    while (last < count && follows(last))
      ++last;
    if (last - first > 1)
      runs.push_back({first, last - first});
    first = last;
  }
  return runs;
}

void Memories::narrowArguments(func::FuncOp function, ArrayRef<Run> runs) {
  Block &block = function.front();
  OpBuilder builder = OpBuilder::atBlockBegin(&block);
  SmallVector<Value> old(block.getArguments());
  for (unsigned i = 0; i < old.size(); ++i) {
    Location location = old[i].getLoc();
    if (!runs.empty() && runs.front().first == i) {
      Value table = block.addArgument(pointer, location);
      for (unsigned slot = 0; slot < runs.front().count; ++slot, ++i)
        old[i].replaceAllUsesWith(addAt(builder, location, cast<MemRefType>(old[i].getType()), table, slot, {}));
      runs = runs.drop_front();
      --i;
    } else if (MemRefType type = isContiguous(old[i].getType())) {
      Value data = block.addArgument(pointer, location);
      SmallVector<Value> sizes;
      for (unsigned axis = 0; axis < type.getNumDynamicDims(); ++axis)
        sizes.push_back(block.addArgument(builder.getIndexType(), location));
      old[i].replaceAllUsesWith(add(builder, location, type, data, sizes));
    } else {
      old[i].replaceAllUsesWith(block.addArgument(old[i].getType(), location));
    }
  }
  block.eraseArguments(0, old.size());
  function.removeArgAttrsAttr();
  function.setType(builder.getFunctionType(block.getArgumentTypes(), function.getResultTypes()));
}

void Memories::narrowOperands(func::CallOp call, ArrayRef<Run> runs) {
  OpBuilder builder(call);
  Location location = call.getLoc();
  SmallVector<Value> operands;
  for (unsigned i = 0; i < call.getNumOperands(); ++i) {
    Value operand = call.getOperand(i);
    auto memory = operand.getDefiningOp<UnrealizedConversionCastOp>();
    MemRefType type = isContiguous(operand.getType());
    if (!runs.empty() && runs.front().first == i) {
      operands.push_back(placeIn(builder, location, memory.getInputs().front(), *slotOf(operand)));
      i += runs.front().count - 1;
      runs = runs.drop_front();
    } else if (!type) {
      operands.push_back(operand);
    } else if (memory) {
      operands.push_back(dataOf(builder, memory));
      llvm::append_range(operands, memory.getInputs().drop_front());
    } else {
      Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, location, operand);
      Value bits = arith::IndexCastOp::create(builder, location, builder.getI64Type(), address);
      operands.push_back(LLVM::IntToPtrOp::create(builder, location, pointer, bits));
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        if (type.isDynamicDim(axis))
          operands.push_back(memref::DimOp::create(builder, location, operand, axis));
    }
  }
  call->setOperands(operands);
}

void Memories::narrowCalls() {
  llvm::MapVector<Operation *, SmallVector<func::CallOp>> calls; // by function
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration())
      calls[function];
  SymbolTable symbols(module);
  module.walk([&](func::CallOp call) {
    if (auto found = calls.find(symbols.lookup(call.getCallee())); found != calls.end())
      found->second.push_back(call);
  });
  llvm::DenseMap<Operation *, SmallVector<Run>> runs; // all are found before anything changes
  for (auto &[function, theirs] : calls)
    runs[function] = runsOf(theirs);
  for (auto &[function, theirs] : calls) {
    for (func::CallOp call : theirs)
      narrowOperands(call, runs[function]);
    narrowArguments(cast<func::FuncOp>(function), runs[function]);
  }
  for (UnrealizedConversionCastOp memory : all) {
    Value whole = memory.getResult(0);
    if (Operation *first = firstUse(whole)) {
      OpBuilder builder(first);
      whole.replaceAllUsesWith(descriptor(builder, memory));
    }
    memory.erase();
  }
}

} // namespace varve::target::cpu
