// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an executable exports (see lib/runtime/executable/Abi.h): for each entry a function that takes pointers and sizes, and one that
// says how much scratch it needs; and calls of runtime functions go through the runtime's table.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/memory/Memories.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_LOWERENTRIESPASS
#include "lib/target/cpu/Passes.h.inc"

namespace convention = lower::convention;

namespace {
class EntryBuilder {
public:
  EntryBuilder(func::FuncOp function, ArrayAttr dims, Memories &memories)
      : function(function), dims(dims), memories(memories), builder(function), location(function.getLoc()),
        pointer(LLVM::LLVMPointerType::get(function.getContext())) {}

  // varve_entry_<i>(context, buffers, dims, scratch), with the function's body. What is in the buffers is loaded where it
  // is first needed.
  void addEntry(int64_t number, bool isNeedy) {
    builder.setInsertionPoint(function);
    auto entry = func::FuncOp::create(builder, location, "varve_entry_" + std::to_string(number),
                                      builder.getFunctionType(SmallVector<Type>(4, pointer), {}));
    entry.getBody().takeBody(function.getBody());
    Block &block = entry.front();
    for (unsigned i = 0; i < 4; ++i)
      block.insertArgument(i, pointer, location);
    Operation *start = &block.front();
    builder.setInsertionPoint(start);
    SmallVector<Value> sizes = loadDims(block.getArgument(2));
    unsigned next = 4;
    auto replace = [&](Value value) { block.getArgument(next++).replaceAllUsesWith(value); };
    replace(block.getArgument(0));
    replace(arith::ConstantIntOp::create(builder, location, 0, 64));
    for (Value size : sizes)
      replace(size);
    auto slots = function->getAttrOfType<DenseI64ArrayAttr>(convention::kSlots).asArrayRef();
    auto shapes = function->getAttrOfType<ArrayAttr>(convention::kShapes);
    for (auto [slot, shape] : llvm::zip(slots, shapes)) {
      BlockArgument argument = block.getArgument(next++);
      auto type = cast<MemRefType>(argument.getType());
      argument.replaceAllUsesWith(memories.addAt(builder, location, type, block.getArgument(1), slot,
                                                 unknownSizes(type, cast<ir::DimsAttr>(shape), sizes)));
    }
    if (isNeedy) {
      auto type = cast<MemRefType>(block.getArgument(next).getType());
      Value unknown = arith::ConstantIndexOp::create(builder, location, std::numeric_limits<int64_t>::max());
      replace(memories.add(builder, location, type, block.getArgument(3), {unknown}));
      replace(arith::ConstantIndexOp::create(builder, location, 0));
    }
    block.eraseArguments(4, block.getNumArguments() - 4);
  }

  // varve_scratch_<i>(dims, workers)
  void addScratch(int64_t number, bool isNeedy) {
    Type i64 = builder.getI64Type();
    Block *block = addFunction("varve_scratch_" + std::to_string(number), {pointer, i64}, {i64});
    Value bytes;
    if (isNeedy) {
      SmallVector<Value> sizes = loadDims(block->getArgument(0));
      auto call = func::CallOp::create(builder, location, (function.getName() + ".scratch").str(),
                                       TypeRange{builder.getIndexType()}, sizes);
      bytes = arith::IndexCastOp::create(builder, location, i64, call.getResult(0));
    } else {
      bytes = arith::ConstantIntOp::create(builder, location, 0, 64);
    }
    func::ReturnOp::create(builder, location, bytes);
  }

private:
  Block *addFunction(StringRef name, TypeRange inputs, TypeRange results) {
    builder.setInsertionPoint(function);
    auto entry = func::FuncOp::create(builder, location, name, builder.getFunctionType(inputs, results));
    Block *block = entry.addEntryBlock();
    builder.setInsertionPointToStart(block);
    return block;
  }

  // The module's dimensions from the entry's; one that the entry does not know is not used in it.
  SmallVector<Value> loadDims(Value values) {
    auto symbols = function->getAttrOfType<ArrayAttr>(convention::kSymbols);
    SmallVector<Value> result;
    for (Attribute name : dims) {
      auto *found = llvm::find(symbols, name);
      if (found == symbols.end()) {
        result.push_back(arith::ConstantIndexOp::create(builder, location, 0));
        continue;
      }
      Value place = LLVM::GEPOp::create(builder, location, pointer, builder.getI64Type(), values,
                                        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(found - symbols.begin())});
      Value value = LLVM::LoadOp::create(builder, location, builder.getI64Type(), place);
      result.push_back(arith::IndexCastOp::create(builder, location, builder.getIndexType(), value));
    }
    return result;
  }

  SmallVector<Value> unknownSizes(MemRefType type, ir::DimsAttr shape, ValueRange dimValues) {
    SmallVector<Value> sizes;
    if (type.hasStaticShape()) // also of a weight in panels, whose shape has other axes
      return sizes;
    for (auto [axis, name] : llvm::enumerate(shape.getNames()))
      if (type.isDynamicDim(axis))
        sizes.push_back(lower::evaluate(builder, location, ir::exprOf(name), [&](StringRef wanted) -> Value {
          auto *found = llvm::find_if(dims, [&](Attribute a) { return cast<StringAttr>(a).getValue() == wanted; });
          return found == dims.end() ? Value() : dimValues[found - dims.begin()];
        }));
    return sizes;
  }

  func::FuncOp function;
  ArrayAttr dims;
  Memories &memories;
  OpBuilder builder;
  Location location;
  Type pointer;
};

// varve.rt.print and varve.rt.tap: (context, site, number, memref)
void lowerShow(func::CallOp call, RuntimeFunction function) {
  OpBuilder builder(call);
  Location location = call.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  auto cast = call.getOperand(3).getDefiningOp<memref::CastOp>();
  Value memory = cast.getSource();
  auto type = llvm::cast<MemRefType>(memory.getType());
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, location, memory);
  Value bits = arith::IndexCastOp::create(builder, location, i64, address);
  Value data = LLVM::IntToPtrOp::create(builder, location, pointer, bits);
  OpBuilder entry = OpBuilder::atBlockBegin(&call->getParentOfType<func::FuncOp>().front());
  Value count = LLVM::ConstantOp::create(entry, location, i64, std::max<int64_t>(1, type.getRank()));
  Value sizes = LLVM::AllocaOp::create(entry, location, pointer, i64, count);
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    Value size = memref::DimOp::create(builder, location, memory, axis);
    Value place =
        LLVM::GEPOp::create(builder, location, pointer, i64, sizes, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(axis)});
    Value wide = arith::IndexCastOp::create(builder, location, i64, size);
    LLVM::StoreOp::create(builder, location, wide, place);
  }
  callTable(builder, location, call.getOperand(0), function, {call.getOperand(1), call.getOperand(2), data, sizes});
  call.erase();
  if (cast.use_empty())
    cast.erase();
}

// varve.rt.tapped(context, number): context->taps && context->taps[number]. All off is one load and one branch.
void lowerTapped(func::CallOp call) {
  auto branch = cast<scf::IfOp>(*call.getResult(0).user_begin());
  OpBuilder builder(branch); // not at the call: what the branch uses may be made between them
  Location location = call.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value taps = loadContext(builder, location, call.getOperand(0), ContextField::taps, pointer);
  Value null = LLVM::ZeroOp::create(builder, location, pointer);
  Value any = LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::ne, taps, null);
  auto outer = scf::IfOp::create(builder, location, any, /*withElseRegion=*/false);
  OpBuilder inside = outer.getThenBodyBuilder();
  Value at = LLVM::GEPOp::create(inside, location, pointer, inside.getI8Type(), taps,
                                 ArrayRef<LLVM::GEPArg>{call.getOperand(1)});
  Value flag = LLVM::LoadOp::create(inside, location, inside.getI8Type(), at);
  Value zero = LLVM::ZeroOp::create(inside, location, inside.getI8Type());
  Value isOn = LLVM::ICmpOp::create(inside, location, LLVM::ICmpPredicate::ne, flag, zero);
  branch->moveBefore(outer.thenBlock()->getTerminator());
  branch.getConditionMutable().assign(isOn);
  call.erase();
}

// varve.rt.profile(context, site), with the rest in attributes.
void lowerProfile(func::CallOp call) {
  OpBuilder builder(call);
  Location location = call.getLoc();
  Value event = arith::ConstantIntOp::create(builder, location,
                                             call->getAttrOfType<IntegerAttr>(convention::kEvent).getInt(), 64);
  Value ends = arith::ConstantIntOp::create(builder, location, call->hasAttr(convention::kEnds), 64);
  callTable(builder, location, call.getOperand(0), RuntimeFunction::profile, {call.getOperand(1), event, ends});
  call.erase();
}

struct LowerEntries : impl::LowerEntriesPassBase<LowerEntries> {
  using LowerEntriesPassBase::LowerEntriesPassBase;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    LLVMTypeConverter types(&getContext());
    auto dims = module->getAttrOfType<ArrayAttr>(convention::kDims);
    Memories memories(module, types);
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      auto number = function->getAttrOfType<IntegerAttr>(convention::kEntry);
      if (!number)
        continue;
      bool isNeedy = module.lookupSymbol((function.getName() + ".scratch").str()) != nullptr;
      EntryBuilder entry(function, dims, memories);
      entry.addEntry(number.getInt(), isNeedy);
      entry.addScratch(number.getInt(), isNeedy);
      function.erase();
    }
    memories.narrowCalls();
    SmallVector<func::CallOp> calls;
    module.walk([&](func::CallOp call) { calls.push_back(call); });
    for (func::CallOp call : calls) {
      if (call.getCallee() == convention::kFail) {
        OpBuilder builder(call);
        callTable(builder, call.getLoc(), call.getOperand(0), RuntimeFunction::fail, call.getOperands().drop_front());
        call.erase();
      } else if (call.getCallee() == convention::kProfile) {
        lowerProfile(call);
      } else if (call.getCallee() == convention::kTapped) {
        lowerTapped(call);
      } else if (call.getCallee().starts_with(convention::kTap)) {
        lowerShow(call, RuntimeFunction::tap);
      } else if (call.getCallee().starts_with(convention::kPrint)) {
        lowerShow(call, RuntimeFunction::print);
      }
    }
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function.isDeclaration())
        function.erase();
  }
};
} // namespace

} // namespace varve::target::cpu
