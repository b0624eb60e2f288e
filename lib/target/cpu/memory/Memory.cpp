// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/memory/Memory.h"
#include "lib/lower/Lower.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;

namespace varve::target::cpu {

// Whether the tensor is, or is a view of, what lies in a memref: state, or the result of a call.
static bool isInMemory(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (isa<bufferization::ToTensorOp>(op))
      return true;
    if (!isa<tensor::ExtractSliceOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op))
      return false;
    tensor = op->getOperand(0);
  }
  return false;
}

bool passesWrite(Operation *producer, Operation *consumer) {
  bool reads = false;
  producer->walk([&](Operation *op) { reads |= llvm::any_of(op->getOperands(), isInMemory); });
  if (!reads)
    return false;
  // Backwards from the consumer, out of the bodies that it is in.
  for (Operation *at = consumer; at != producer;) {
    Operation *before = at->getPrevNode();
    if (!before) {
      at = at->getParentOp();
      if (isa<LoopLikeOpInterface>(at) && !isMemoryEffectFree(at)) // what follows in a body is also before it
        return true;
      continue;
    }
    at = before;
    if (at != producer && !lower::isTap(at) && !isMemoryEffectFree(at)) // a tap writes nothing but its copy
      return true;
  }
  return false;
}

bool isContiguous(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
      if (slice.getMixedStrides().empty() || getConstantIntValue(slice.getMixedStrides().back()) != 1)
        return false;
    } else if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op)) {
      return true;
    }
    tensor = op->getOperand(0);
  }
  return true;
}

bool isUnitStride(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && (strides.empty() || strides.back() == 1);
}

} // namespace varve::target::cpu
