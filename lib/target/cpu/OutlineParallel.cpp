// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Parallel loops become kernels: kernel(context, arguments, task, worker), called by the runtime for each task. What a
// loop uses from around it travels in a struct on the caller's stack.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_OUTLINEPARALLELPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
Value castTo(OpBuilder &builder, Location location, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(builder, location, type, value).getResult(0);
}

struct OutlineParallel : impl::OutlineParallelPassBase<OutlineParallel> {
  using OutlineParallelPassBase::OutlineParallelPassBase;
  void runOnOperation() override {
    LLVMTypeConverter types(&getContext());
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      SmallVector<scf::ForallOp> loops;
      function.walk([&](scf::ForallOp loop) { loops.push_back(loop); });
      for (auto [number, loop] : llvm::enumerate(loops))
        if (failed(outline(function, loop, number, types)))
          return signalPassFailure();
    }
  }

  LogicalResult outline(func::FuncOp function, scf::ForallOp loop, unsigned number, const LLVMTypeConverter &types) {
    if (loop.getRank() != 1 || loop.getNumResults() != 0 || loop->getParentOfType<scf::ForallOp>())
      return loop.emitOpError("expects a parallel loop over one range of tasks, on memrefs, in no other");
    Location location = loop.getLoc();
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getRegion(), used);
    SmallVector<Value> captures;
    SmallVector<Operation *> constants;
    for (Value value : used) {
      Operation *op = value.getDefiningOp();
      if (op && op->hasTrait<OpTrait::ConstantLike>())
        constants.push_back(op);
      else
        captures.push_back(value);
    }
    SmallVector<Type> fields;
    for (Value value : captures)
      fields.push_back(types.convertType(value.getType()));
    if (llvm::is_contained(fields, Type()))
      return loop.emitOpError("expects values that have a form in LLVM");
    auto record = LLVM::LLVMStructType::getLiteral(&getContext(), fields);
    auto pointer = LLVM::LLVMPointerType::get(&getContext());

    // The kernel.
    OpBuilder builder(function);
    Type i64 = builder.getI64Type();
    auto kernel = func::FuncOp::create(builder, location, (function.getName() + ".task" + Twine(number)).str(),
                                       builder.getFunctionType({pointer, pointer, i64, i64}, {}));
    kernel.setPrivate();
    Block *block = kernel.addEntryBlock();
    builder.setInsertionPointToStart(block);
    IRMapping map;
    for (Operation *constant : constants)
      builder.clone(*constant, map);
    if (!captures.empty()) {
      Value loaded = LLVM::LoadOp::create(builder, location, record, block->getArgument(1));
      for (auto [index, value] : llvm::enumerate(captures)) {
        Value field = LLVM::ExtractValueOp::create(builder, location, loaded, index);
        map.map(value, castTo(builder, location, field, value.getType()));
      }
    }
    // The function's context is the kernel's.
    if (Value context = function.getArgument(lower::convention::context); used.contains(context))
      map.map(context, block->getArgument(0));
    map.map(loop.getInductionVars()[0],
            arith::IndexCastOp::create(builder, location, builder.getIndexType(), block->getArgument(2)));
    for (Operation &op : loop.getBody()->without_terminator())
      builder.clone(op, map);
    func::ReturnOp::create(builder, location);

    // The call. The record is allocated once in the function, not at each turn of a loop, and aligned as the vectors in it.
    builder.setInsertionPointToStart(&function.front());
    Value one = LLVM::ConstantOp::create(builder, location, i64, 1);
    Value memory = LLVM::AllocaOp::create(builder, location, pointer, record, one);
    builder.setInsertionPoint(loop);
    Value filled = LLVM::UndefOp::create(builder, location, record);
    for (auto [index, value] : llvm::enumerate(captures))
      filled = LLVM::InsertValueOp::create(builder, location, filled, castTo(builder, location, value, fields[index]),
                                           index);
    LLVM::StoreOp::create(builder, location, filled, memory);
    Value address =
        castTo(builder, location,
               func::ConstantOp::create(builder, location, kernel.getFunctionType(), kernel.getName()), pointer);
    OpFoldResult bound = loop.getMixedUpperBound()[0];
    Value tasks = getValueOrCreateConstantIndexOp(builder, location, bound);
    tasks = arith::IndexCastOp::create(builder, location, i64, tasks);
    callTable(builder, location, function.getArgument(lower::convention::context), RuntimeFunction::parallel,
              {address, memory, tasks});
    loop.erase();
    return success();
  }
};
} // namespace

} // namespace varve::target::cpu
