// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops on the same rows, of which one is a reduction of each row, become one parallel loop over rows: softmax, norms, a sum of
// residuals and the norm of it. So a row stays in the first-level cache from the first op to the last, and what is used for
// one row at a time has memory for one row. Each op is computed for a row as it would be for all, so the bits are the same.
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/loops/RowLoops.h"
#include "lib/target/cpu/loops/Vectorize.h"
#include "lib/target/cpu/memory/Memory.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_FUSEROWSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// Shorter rows are not worth computing what is one number for each as a scalar.
constexpr int64_t kLeastRow = 64;

// How many loops a reduction of rows has before those within a row; 0 of any other op.
unsigned rowLoopsOf(linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic || !planVector(generic).isReduction)
    return 0;
  unsigned rows = generic.getNumParallelLoops();
  int64_t length = 1;
  SmallVector<int64_t> sizes = generic.getStaticLoopRanges();
  for (unsigned loop = 0; loop < generic.getNumLoops(); ++loop) {
    if (isParallel(generic, loop) != (loop < rows))
      return 0;
    if (loop >= rows)
      length = ShapedType::isDynamic(sizes[loop]) || ShapedType::isDynamic(length) ? ShapedType::kDynamic
                                                                                   : length * sizes[loop];
  }
  return ShapedType::isDynamic(length) || length >= kLeastRow ? rows : 0;
}

// Whether the operand is the rows, one after the other: what one row has of it no other has.
bool isByRows(AffineMap map, unsigned rows) {
  if (map.getNumResults() < rows)
    return false;
  for (unsigned axis = 0; axis < map.getNumResults(); ++axis) {
    std::optional<unsigned> loop = rowLoop(map.getResult(axis), rows);
    if (axis < rows ? loop != axis : loop.has_value())
      return false;
  }
  return true;
}

// Whether a row of the op can be computed by itself, on vectors along the row.
bool hasRows(linalg::LinalgOp op, unsigned rows) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() < rows)
    return false;
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic && !isa<linalg::FillOp>(op.getOperation()))
    return false;
  for (unsigned loop = 0; loop < rows; ++loop)
    if (!isParallel(op, loop))
      return false;
  for (OpOperand &operand : op->getOpOperands())
    for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults())
      for (unsigned loop = 0; loop < rows; ++loop)
        if (expr.isFunctionOfDim(loop) && !rowLoop(expr, rows))
          return false;
  for (OpOperand &output : op.getDpsInitsMutable())
    if (!isByRows(op.getMatchingIndexingMap(&output), rows) || !isUnitStride(cast<MemRefType>(output.get().getType())))
      return false;
  unsigned wide = 0; // parallel loops within a row: tasks of one row each might be too few for them
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (unsigned loop = rows; loop < op.getNumLoops(); ++loop)
    wide += isParallel(op, loop) && sizes[loop] != 1;
  if (wide > 1)
    return false;
  if (!generic)
    return true;
  for (Operation &inner : generic.getBody()->without_terminator())
    if (inner.getNumRegions() || !(isMemoryEffectFree(&inner) || isa<memref::LoadOp>(inner)))
      return false;
  if (op.getNumLoops() == rows)
    return true;
  VectorPlan plan = planVector(generic);
  return plan.loop && *plan.loop >= rows;
}

// A size that is known to be equal to another: a number, a value, or an axis of some memory.
using Size = std::pair<void *, int64_t>;
Size sizeOf(Value memory, unsigned axis) {
  auto type = cast<MemRefType>(memory.getType());
  if (!type.isDynamicDim(axis))
    return {nullptr, type.getDimSize(axis)};
  if (auto alloc = memory.getDefiningOp<memref::AllocOp>())
    return {alloc.getDynamicSizes()[type.getDynamicDimIndex(axis)].getAsOpaquePointer(), -1};
  return {memory.getAsOpaquePointer(), axis};
}

class Group {
public:
  Group(linalg::LinalgOp reduction, unsigned rows) : rows(rows), sizes(rows) {
    ops.push_back(reduction);
    learn(reduction);
  }

  // Takes the op in, before or after the others, if it is computed on the same rows and its order among them does not matter
  // beyond a row.
  bool add(linalg::LinalgOp op, bool inFront) {
    if (!hasRows(op, rows) || !hasSizes(op))
      return false;
    for (linalg::LinalgOp other : ops)
      if (!areSeparate(op, other) || !areSeparate(other, op))
        return false;
    learn(op);
    ops.insert(inFront ? ops.begin() : ops.end(), op);
    return true;
  }

  // Leaves ops at the ends alone that have nothing to do with the others.
  void trim() {
    while (ops.size() > 1 && !isLinked(ops.front()))
      ops.erase(ops.begin());
    while (ops.size() > 1 && !isLinked(ops.back()))
      ops.pop_back();
  }

  unsigned rows;
  SmallVector<linalg::LinalgOp> ops;

private:
  void forSizes(linalg::LinalgOp op, llvm::function_ref<void(unsigned, Size)> each) {
    for (OpOperand &operand : op->getOpOperands())
      if (isa<MemRefType>(operand.get().getType()))
        for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
          if (std::optional<unsigned> loop = rowLoop(expr, rows))
            each(*loop, sizeOf(operand.get(), axis));
  }
  void learn(linalg::LinalgOp op) {
    forSizes(op, [&](unsigned loop, Size size) { sizes[loop].insert(size); });
  }
  bool hasSizes(linalg::LinalgOp op) {
    SmallVector<bool> known(rows);
    forSizes(op, [&](unsigned loop, Size size) { known[loop] = known[loop] || sizes[loop].contains(size); });
    return llvm::all_of(known, [](bool each) { return each; });
  }

  // Whether what `writer` writes is, of what `other` uses, the same row's only.
  bool areSeparate(linalg::LinalgOp writer, linalg::LinalgOp other) {
    for (OpOperand &output : writer.getDpsInitsMutable()) {
      for (OpOperand &operand : other->getOpOperands()) {
        if (!isa<MemRefType>(operand.get().getType()) || !mayBeSame(output.get(), operand.get()))
          continue;
        if (output.get() != operand.get() || !isByRows(other.getMatchingIndexingMap(&operand), rows))
          return false;
      }
      WalkResult loads = other->walk([&](memref::LoadOp load) {
        return mayBeSame(output.get(), load.getMemRef()) ? WalkResult::interrupt() : WalkResult::advance();
      });
      if (loads.wasInterrupted())
        return false;
    }
    return true;
  }

  bool isLinked(linalg::LinalgOp op) {
    auto shares = [](linalg::LinalgOp writer, linalg::LinalgOp other) {
      return llvm::any_of(writer.getDpsInits(),
                          [&](Value output) { return llvm::is_contained(other->getOperands(), output); });
    };
    return llvm::any_of(
        ops, [&](linalg::LinalgOp other) { return other != op && (shares(op, other) || shares(other, op)); });
  }

  SmallVector<DenseSet<Size>> sizes; // of each row loop, all that are equal
};

// What may stand between ops of a group, and comes before them then.
bool isHarmless(Operation *op) { return isMemoryEffectFree(op) || isa<memref::AllocOp>(op); }

struct FuseRows : impl::FuseRowsPassBase<FuseRows> {
  using FuseRowsPassBase::FuseRowsPassBase;
  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      Operation *parent = block->getParentOp();
      if (!isa<linalg::LinalgOp, ModuleOp>(parent) && !isa<VarveCpuDialect>(parent->getDialect()))
        blocks.push_back(block);
    });
    for (Block *block : blocks) {
      SmallVector<linalg::LinalgOp> run;
      for (Operation &op : llvm::make_early_inc_range(*block)) {
        if (auto linalg = dyn_cast<linalg::LinalgOp>(op)) {
          run.push_back(linalg);
        } else if (!isHarmless(&op)) {
          fuse(run);
          run.clear();
        }
      }
      fuse(run);
    }
  }

  // Ops with nothing but what is harmless between them.
  static void fuse(ArrayRef<linalg::LinalgOp> run) {
    size_t free = 0; // what comes before is in a group
    for (size_t at = 0; at < run.size(); ++at) {
      unsigned rows = rowLoopsOf(run[at]);
      if (rows == 0 || !hasRows(run[at], rows))
        continue;
      Group group(run[at], rows);
      size_t begin = at, end = at + 1;
      while (begin > free && group.add(run[begin - 1], /*inFront=*/true))
        --begin;
      while (end < run.size() && group.add(run[end], /*inFront=*/false))
        ++end;
      group.trim();
      if (group.ops.size() < 2)
        continue;
      linalg::LinalgOp last = group.ops.back();
      free = static_cast<size_t>(llvm::find(run, last) - run.begin()) + 1;
      at = free - 1;
      emitRows(group.ops, rows);
    }
  }
};
} // namespace

} // namespace varve::target::cpu
