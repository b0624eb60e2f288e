// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A producer that only one op reads is computed where it is read. Upstream's pass also moves reshapes through ops, which
// makes sizes that are no longer computed from the program's dimensions (22.1); the patterns here keep them.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace varve::cpu {

#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
struct FuseElementwise : impl::FuseElementwisePassBase<FuseElementwise> {
  using FuseElementwisePassBase::FuseElementwisePassBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
      if (!producer || !producer->hasOneUse() || !consumer)
        return false;
      // A product reads each element many times: it would be computed as often.
      return consumer.getNumReductionLoops() == 0 || consumer.getMatchingIndexingMap(operand).isPermutation();
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

} // namespace varve::cpu
