// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each op of varve_cpu becomes a call of a kernel. Ops that differ in sizes alone share one.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/kernel/Product.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_LOWERKERNELSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
bool isUnitStride(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && (strides.empty() || strides.back() == 1);
}

// A text that ops have in common if one kernel does for them.
std::string keyOf(Operation *op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << op->getName() << op->getAttrDictionary();
  for (Value operand : op->getOperands()) {
    auto type = cast<MemRefType>(operand.getType());
    out << ' ' << type.getElementType() << type.getRank() << isUnitStride(type);
  }
  for (int64_t size :
       cast<MemRefType>(op->getOperand(op->getNumOperands() > 2 ? 2 : 1).getType()).getShape().take_back())
    out << ' ' << size;
  DenseMap<Value, unsigned> numbers;
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      for (BlockArgument argument : block.getArguments())
        numbers.insert({argument, numbers.size()});
      for (Operation &inner : block) {
        out << '\n' << inner.getName() << inner.getAttrDictionary();
        for (Value operand : inner.getOperands())
          out << ' ' << numbers.lookup(operand);
        for (Value result : inner.getResults()) {
          numbers.insert({result, numbers.size()});
          out << ' ' << result.getType();
        }
      }
    }
  return key;
}

struct LowerKernels : impl::LowerKernelsPassBase<LowerKernels> {
  using LowerKernelsPassBase::LowerKernelsPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<PackOp, ProductOp>(op))
        ops.push_back(op);
    });
    llvm::StringMap<func::FuncOp> kernels;
    for (Operation *op : ops) {
      if (!llvm::all_of(op->getOperandTypes(), llvm::IsaPred<MemRefType>)) {
        op->emitOpError("expects memrefs as operands");
        return signalPassFailure();
      }
      func::FuncOp &kernel = kernels[keyOf(op)];
      if (!kernel)
        kernel = build(op, kernels.size() - 1);
      if (failed(call(op, kernel)))
        return signalPassFailure();
      op->erase();
    }
  }

  func::FuncOp build(Operation *op, size_t number) {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    Tile tile{lanes, rows};
    std::string name = ("varve." + op->getName().stripDialect() + "." + Twine(number)).str();
    if (auto pack = dyn_cast<PackOp>(op))
      return buildPack(builder, name, pack, tile);
    return buildProduct(builder, name, cast<ProductOp>(op), tile);
  }

  static LogicalResult call(Operation *op, func::FuncOp kernel) {
    OpBuilder builder(op);
    SmallVector<Value> operands{op->getParentOfType<func::FuncOp>().getArgument(lower::convention::context)};
    for (auto [operand, type] : llvm::zip(op->getOperands(), ArrayRef(kernel.getArgumentTypes()).drop_front())) {
      if (isUnitStride(cast<MemRefType>(type)) && !isUnitStride(cast<MemRefType>(operand.getType())))
        return op->emitOpError("expects operands that are contiguous along their last axis, but got ")
               << operand.getType();
      operands.push_back(operand.getType() == type
                             ? operand
                             : memref::CastOp::create(builder, op->getLoc(), type, operand).getResult());
    }
    func::CallOp::create(builder, op->getLoc(), kernel, operands);
    return success();
  }
};
} // namespace

} // namespace varve::target::cpu
