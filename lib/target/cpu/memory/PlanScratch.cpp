// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Allocations become slices of one scratch memory. A function's slices are its frame; what it calls gets the memory
// behind it, as on a stack.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include <map>

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_PLANSCRATCHPASS
#include "lib/target/cpu/Passes.h.inc"

namespace convention = lower::convention;

namespace {
constexpr int64_t kAlignment = 64;
constexpr llvm::StringLiteral kScratchSuffix = ".scratch";

// Copies the computation of sizes from a function's dimensions to another place, each value once.
class SizeCopier {
public:
  SizeCopier(OpBuilder builder, func::FuncOp from, unsigned dims, ValueRange values) : builder(builder) {
    for (unsigned index = 0; index < dims; ++index)
      map.map(from.getArgument(convention::dims + index), values[index]);
  }
  // Null if the value depends on more than dimensions.
  Value copy(Value value) {
    if (Value known = map.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    if (!op || op->getNumRegions() || !isPure(op) || !isa<arith::ArithDialect>(op->getDialect()))
      return {};
    SmallVector<void *> key{op->getName().getAsOpaquePointer(),
                            const_cast<void *>(op->getAttrDictionary().getAsOpaquePointer())};
    for (Value operand : op->getOperands()) {
      Value copied = copy(operand);
      if (!copied)
        return {};
      key.push_back(copied.getAsOpaquePointer());
    }
    Value &result = numbered[key];
    if (!result)
      result = builder.clone(*op, map)->getResult(0);
    map.map(value, result);
    return result;
  }
  OpBuilder builder;

private:
  IRMapping map;
  std::map<SmallVector<void *>, Value> numbered;
};

// A place in the frame: buffers of one size that live at different times.
struct Slot {
  int64_t elementBytes;     // times all static sizes
  SmallVector<Value> sizes; // copied to the function's entry
  int64_t freeAfter;
};

class FramePlanner {
public:
  FramePlanner(func::FuncOp function, unsigned dims) : function(function), dims(dims) {}

  LogicalResult run(const llvm::StringSet<> &needy) {
    Block &entry = function.front();
    number(function.getBody());
    SmallVector<memref::AllocOp> allocs;
    SmallVector<func::CallOp> calls;
    function.walk([&](Operation *op) {
      if (auto alloc = dyn_cast<memref::AllocOp>(op))
        allocs.push_back(alloc);
      else if (auto call = dyn_cast<func::CallOp>(op); call && needy.contains(call.getCallee()))
        calls.push_back(call);
    });
    if (allocs.empty() && calls.empty())
      return success();
    isNeedy = true;
    SizeCopier copier(OpBuilder::atBlockBegin(&entry), function, dims,
                      ValueRange(entry.getArguments()).slice(convention::dims, dims));
    SmallVector<unsigned> places;
    for (memref::AllocOp alloc : allocs) {
      FailureOr<unsigned> place = assign(alloc, copier);
      if (failed(place))
        return failure();
      places.push_back(*place);
    }
    // The frame, at the function's entry.
    auto memory = entry.addArgument(MemRefType::get({ShapedType::kDynamic}, IntegerType::get(function.getContext(), 8)),
                                    function.getLoc());
    Value base = entry.addArgument(IndexType::get(function.getContext()), function.getLoc());
    function.setFunctionType(FunctionType::get(function.getContext(), entry.getArgumentTypes(), {}));
    OpBuilder &builder = copier.builder;
    SmallVector<Value> offsets;
    Value end = base;
    for (Slot &slot : slots) {
      offsets.push_back(end);
      end = arith::AddIOp::create(builder, function.getLoc(), end, bytesOf(builder, slot, slot.sizes));
    }
    for (auto [alloc, place] : llvm::zip(allocs, places)) {
      OpBuilder at(alloc);
      Value view =
          memref::ViewOp::create(at, alloc.getLoc(), alloc.getType(), memory, offsets[place], alloc.getDynamicSizes());
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    }
    for (func::CallOp call : calls)
      call->insertOperands(call.getNumOperands(), {memory, end});
    addScratchFunction(calls);
    return success();
  }
  bool isNeedy = false;

private:
  // An op's time is from its place in the text to the end of what is in it.
  struct Time {
    int64_t begin, end;
  };
  void number(Region &region) {
    for (Block &block : region)
      for (Operation &op : block) {
        int64_t begin = now++;
        for (Region &inner : op.getRegions())
          number(inner);
        times[&op] = {begin, now++};
      }
  }

  // When the last op that may use the memory ends. An op of the block that it is in counts with all that is inside, since a
  // loop comes back to its beginning. Views are the same memory, and so may be what a branch or a loop hands out of it, and
  // records that its descriptor is put into.
  FailureOr<int64_t> lastUse(Value memory) {
    int64_t last = times.lookup(memory.getDefiningOp()).begin;
    for (Operation *user : memory.getUsers()) {
      Operation *here = memory.getParentBlock()->findAncestorOpInBlock(*user);
      last = std::max(last, times.lookup(here).end);
      if (user->hasTrait<OpTrait::IsTerminator>()) {
        user = user->getParentOp();
        if (isa<LoopLikeOpInterface>(user))
          return memory.getDefiningOp()->emitOpError("expects memory of one trip of a loop to be used in that trip");
      }
      SmallVector<Value> others(user->getResults());
      if (auto store = dyn_cast<LLVM::StoreOp>(user)) // of a record that kernels read
        others.push_back(store.getAddr());
      for (Value other : others) {
        if (!isa<BaseMemRefType, LLVM::LLVMStructType, LLVM::LLVMPointerType>(other.getType()) || other == memory)
          continue;
        FailureOr<int64_t> later = lastUse(other);
        if (failed(later))
          return failure();
        last = std::max(last, *later);
      }
    }
    return last;
  }

  FailureOr<unsigned> assign(memref::AllocOp alloc, SizeCopier &copier) {
    MemRefType type = alloc.getType();
    int64_t bytes = std::max<int64_t>(1, type.getElementTypeBitWidth() / 8);
    for (int64_t size : type.getShape())
      if (!ShapedType::isDynamic(size))
        bytes *= size;
    SmallVector<Value> sizes;
    for (Value size : alloc.getDynamicSizes()) {
      sizes.push_back(copier.copy(size));
      if (!sizes.back())
        return alloc.emitOpError("expects sizes that are computed from the dimensions of the program alone");
    }
    FailureOr<int64_t> end = lastUse(alloc);
    if (failed(end))
      return failure();
    for (auto [number, slot] : llvm::enumerate(slots))
      if (slot.elementBytes == bytes && slot.sizes == sizes && slot.freeAfter < times.lookup(alloc).begin) {
        slot.freeAfter = *end;
        return number;
      }
    slots.push_back({bytes, sizes, *end});
    return slots.size() - 1;
  }

  Value bytesOf(OpBuilder &builder, const Slot &slot, ValueRange sizes) {
    Location location = function.getLoc();
    Value bytes = arith::ConstantIndexOp::create(builder, location, slot.elementBytes);
    for (Value size : sizes)
      bytes = arith::MulIOp::create(builder, location, bytes, size);
    Value mask = arith::ConstantIndexOp::create(builder, location, -kAlignment);
    Value up = arith::ConstantIndexOp::create(builder, location, kAlignment - 1);
    return arith::AndIOp::create(builder, location, arith::AddIOp::create(builder, location, bytes, up), mask);
  }

  // (dimensions) -> bytes: this frame and the most that a call needs.
  void addScratchFunction(ArrayRef<func::CallOp> calls) {
    OpBuilder builder(function);
    Location location = function.getLoc();
    Type index = builder.getIndexType();
    auto scratch = func::FuncOp::create(builder, location, (function.getName() + kScratchSuffix).str(),
                                        builder.getFunctionType(SmallVector<Type>(dims, index), {index}));
    scratch.setPrivate();
    Block *block = scratch.addEntryBlock();
    builder.setInsertionPointToStart(block);
    // The sizes at the function's entry are computed from its dimensions alone, so they can be copied again.
    SizeCopier copier(builder, function, dims, block->getArguments());
    Value total = arith::ConstantIndexOp::create(copier.builder, location, 0);
    for (Slot &slot : slots) {
      SmallVector<Value> sizes;
      for (Value size : slot.sizes)
        sizes.push_back(copier.copy(size));
      total = arith::AddIOp::create(copier.builder, location, total, bytesOf(copier.builder, slot, sizes));
    }
    Value most = arith::ConstantIndexOp::create(copier.builder, location, 0);
    llvm::StringSet<> seen;
    for (func::CallOp call : calls)
      if (seen.insert(call.getCallee()).second) {
        auto needed = func::CallOp::create(copier.builder, location, (call.getCallee() + kScratchSuffix).str(),
                                           TypeRange{index}, block->getArguments());
        most = arith::MaxSIOp::create(copier.builder, location, most, needed.getResult(0));
      }
    func::ReturnOp::create(copier.builder, location,
                           arith::AddIOp::create(copier.builder, location, total, most).getResult());
  }

  func::FuncOp function;
  unsigned dims;
  DenseMap<Operation *, Time> times;
  int64_t now = 0;
  SmallVector<Slot> slots;
};

struct PlanScratch : impl::PlanScratchPassBase<PlanScratch> {
  using PlanScratchPassBase::PlanScratchPassBase;
  void runOnOperation() override {
    auto names = getOperation()->getAttrOfType<ArrayAttr>(convention::kDims);
    unsigned dims = names ? names.size() : 0;
    // Callees before callers; programs do not recurse.
    SetVector<func::FuncOp> ordered;
    std::function<void(func::FuncOp)> visit = [&](func::FuncOp function) {
      if (ordered.contains(function) || function.isDeclaration())
        return;
      function.walk([&](func::CallOp call) {
        if (auto callee = getOperation().lookupSymbol<func::FuncOp>(call.getCallee()); callee && callee != function)
          visit(callee);
      });
      ordered.insert(function);
    };
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      visit(function);
    llvm::StringSet<> needy;
    for (func::FuncOp function : ordered) {
      FramePlanner planner(function, dims);
      if (failed(planner.run(needy)))
        return signalPassFailure();
      if (planner.isNeedy)
        needy.insert(function.getName());
    }
  }
};
} // namespace

} // namespace varve::target::cpu
