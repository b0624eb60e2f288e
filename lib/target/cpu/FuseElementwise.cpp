// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A producer that only one op reads is computed where it is read. Upstream's pass also moves reshapes through ops, which
// makes sizes that are no longer computed from the program's dimensions (22.1); the patterns here keep them.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// Whether the tensor is, or is a view of, what lies in a memref: state, or the result of a call.
bool isInMemory(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (isa<bufferization::ToTensorOp>(op))
      return true;
    if (!isa<tensor::ExtractSliceOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op))
      return false;
    tensor = op->getOperand(0);
  }
  return false;
}

// Whether moving the producer down to its consumer moves a read of memory past a write of it.
bool passesWrite(Operation *producer, Operation *consumer) {
  bool reads = false;
  producer->walk([&](Operation *op) { reads |= llvm::any_of(op->getOperands(), isInMemory); });
  if (!reads)
    return false;
  Operation *end = producer->getBlock()->findAncestorOpInBlock(*consumer);
  for (Operation *op = producer->getNextNode(); op && op != end; op = op->getNextNode())
    if (!isMemoryEffectFree(op))
      return true;
  return false;
}

struct FuseElementwise : impl::FuseElementwisePassBase<FuseElementwise> {
  using FuseElementwisePassBase::FuseElementwisePassBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
      if (!producer || !producer->hasOneUse() || !consumer || passesWrite(producer, consumer))
        return false;
      // A product reads each element many times: it would be computed as often.
      return consumer.getNumReductionLoops() == 0 || consumer.getMatchingIndexingMap(operand).isPermutation();
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

} // namespace varve::target::cpu
