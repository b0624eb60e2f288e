// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A producer that only one op reads is computed where it is read. Upstream's pass also moves reshapes through ops, which
// makes sizes that are no longer computed from the program's dimensions (22.1); the patterns here keep them. What a tap
// shows is computed again in its branch where it would keep ops apart, so that a tap that is off changes nothing.
#include "dialect/Place.h"
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/memory/Memory.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// Whether the producer would be computed at every trip of a loop that the consumer is in.
bool entersLoop(Operation *producer, Operation *consumer) {
  for (Operation *around = consumer->getParentOp(); around && !around->isProperAncestor(producer);
       around = around->getParentOp())
    if (isa<LoopLikeOpInterface>(around))
      return true;
  return false;
}

// Whether to compute an element is much more than to read it.
bool isCostly(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (generic && generic.getNumDpsInputs() > 1)
    return true;
  return generic && llvm::any_of(generic.getBody()->getOperations(), [](Operation &inner) {
           return isa<arith::DivFOp>(inner) || isa<math::MathDialect>(inner.getDialect());
         });
}

// Whether each row of several reads the operand's elements along its own.
bool isReadAlongRows(linalg::GenericOp consumer, OpOperand &operand) {
  return consumer.getMatchingIndexingMap(&operand).isFunctionOfDim(consumer.getNumLoops() - 1);
}

// Whether the producer of the operand may be computed in the op that reads it, if that is the only one.
bool isFusable(OpOperand &operand) {
  Operation *producer = operand.get().getDefiningOp();
  auto consumer = dyn_cast<linalg::GenericOp>(operand.getOwner());
  if (!producer || !consumer || entersLoop(producer, consumer) || passesWrite(producer, consumer))
    return false;
  bool isReduced = consumer.getNumReductionLoops() != 0,
       isReadOnce = consumer.getMatchingIndexingMap(&operand).isPermutation();
  // One that reads what it writes over, as a state, keeps its result when it is fused: it must be computed once for each element.
  auto generic = dyn_cast<linalg::GenericOp>(producer);
  if (generic && llvm::any_of(generic.getRegionOutputArgs(), [](Value output) { return !output.use_empty(); }))
    return !isReduced && isReadOnce;
  // A product reads each element many times: it would be computed as often. So would be what rows have in common, where
  // nothing can be taken out of the loop over a row's elements.
  return isReadOnce || !(isReduced || (isCostly(producer) && isReadAlongRows(consumer, operand)));
}

bool isInTap(Operation *op) {
  auto branch = op->getParentOfType<scf::IfOp>();
  return branch && lower::isTap(branch);
}

// Whether a tap gets its own copy of the op: only taps need what it gives, or it could be fused with another user.
bool isIsolated(Operation *op) {
  auto others = llvm::make_filter_range(op->getUses(), [](OpOperand &use) { return !isInTap(use.getOwner()); });
  if (others.empty() || isa<tensor::EmptyOp>(op))
    return true;
  auto generic = dyn_cast<linalg::GenericOp>(op);
  bool isElementwise = isa<linalg::FillOp>(op) || (generic && generic.getNumReductionLoops() == 0);
  return isElementwise && llvm::any_of(others, isFusable);
}

// Copies into the branch of a tap what would else keep other ops apart.
void isolate(scf::IfOp tap) {
  SmallVector<Value> needed;
  auto need = [&](Operation *op) { llvm::append_range(needed, op->getOperands()); };
  tap.getThenRegion().walk(need);
  while (!needed.empty()) {
    Value value = needed.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || tap->isProperAncestor(op) || !isa<TensorType>(value.getType()) || !isMemoryEffectFree(op) ||
        op->hasTrait<OpTrait::ConstantLike>() || passesWrite(op, tap) || !isIsolated(op))
      continue;
    OpBuilder builder(&tap.thenBlock()->front());
    Operation *own = builder.clone(*op);
    op->replaceUsesWithIf(own->getResults(), [&](OpOperand &use) { return tap->isProperAncestor(use.getOwner()); });
    need(own);
    if (op->use_empty()) { // else it would count as a user of its operands
      llvm::erase_if(needed, [&](Value each) { return each.getDefiningOp() == op; });
      op->erase();
    }
  }
}

// A reduction whose elements make no difference, as a product of zeros, still gives what it began with where there are none.
// Upstream's RemoveOutsDependency (22.1) forgets that, so what it began with is read after all, of elements that are there.
struct KeepInitOfReduction : OpRewritePattern<linalg::GenericOp> {
  explicit KeepInitOfReduction(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/10) {}
  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    SmallVector<unsigned> loops;
    op.getReductionDims(loops);
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    bool mayBeEmpty =
        llvm::any_of(loops, [&](unsigned loop) { return sizes[loop] == 0 || ShapedType::isDynamic(sizes[loop]); });
    if (!mayBeEmpty || op.hasPureBufferSemantics())
      return rewriter.notifyMatchFailure(op, "expects a reduction of perhaps no elements");
    auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
    for (auto [index, init] : llvm::enumerate(op.getRegionOutputArgs())) {
      if (!init.use_empty() || op.getDpsInitOperand(index)->get().getDefiningOp<tensor::EmptyOp>())
        continue;
      rewriter.setInsertionPoint(yield);
      Location location = yield.getLoc();
      Value place = linalg::IndexOp::create(rewriter, location, loops[0]);
      Value zero = arith::ConstantIndexOp::create(rewriter, location, 0);
      Value isThere = arith::CmpIOp::create(rewriter, location, arith::CmpIPredicate::sge, place, zero);
      Value chosen = arith::SelectOp::create(rewriter, location, isThere, yield.getOperand(index), init);
      rewriter.modifyOpInPlace(yield, [&] { yield->setOperand(index, chosen); });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "expects a reduction that does not read what it begins with");
  }
};

struct FuseElementwise : impl::FuseElementwisePassBase<FuseElementwise> {
  using FuseElementwisePassBase::FuseElementwisePassBase;
  void runOnOperation() override {
    getOperation().walk([](scf::IfOp branch) {
      if (lower::isTap(branch))
        isolate(branch);
    });
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      if (!producer || !producer->hasOneUse() || !isFusable(*operand))
        return false;
      Operation *consumer = operand->getOwner(); // whose location the fused op gets
      consumer->setLoc(ir::withMarksOf(consumer->getLoc(), producer->getLoc()));
      return true;
    });
    patterns.add<KeepInitOfReduction>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

} // namespace varve::target::cpu
