// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// linalg on memrefs becomes parallel loops over vectors. How the points are divided into tasks depends on sizes alone,
// never on the number of threads, and each result element is computed by one task: so results are equal bit for bit.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/loops/RowLoops.h"
#include "lib/target/cpu/loops/TurnedLoops.h"
#include "lib/target/cpu/loops/Vectorize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_LOWERLOOPSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// Vectors in flight where each depends on the one before: latency over throughput of a fused multiply-add.
constexpr int64_t kChains = 4;
// Vectors that are computed together, as one of their lanes, where each is by itself. The chains of a function's arithmetic are
// long, and a machine sees only some hundred instructions ahead.
constexpr int64_t kTogether = 2;

class LoopEmitter : Loops {
public:
  LoopEmitter(linalg::GenericOp op, VectorPlan plan, int64_t lanes)
      : Loops(OpBuilder(op), op.getLoc()), op(op), plan(plan), lanes(plan.loop ? lanes : 1), body(op, plan) {
    for (auto [loop, type] : llvm::enumerate(op.getIteratorTypesArray())) {
      if (plan.loop == loop)
        continue;
      (type == utils::IteratorType::parallel ? outer : inner).push_back(loop);
    }
  }

  void emit() {
    sizes = loopSizes(builder, op);
    // A task's own op is not divided. Of others a vector loop with nothing around it is, in chunks.
    bool isInTask = op->getParentOfType<scf::ForallOp>() != nullptr;
    bool isChunked = !isInTask && outer.empty() && plan.loop && !plan.isReduction;
    Value chunk = index(kTaskPoints);
    Value total = isChunked ? ceilDiv(sizes[*plan.loop], chunk) : index(1);
    for (unsigned loop : outer)
      total = mul(total, sizes[loop]);
    auto compute = [&](Value point) {
      Points points = outerPoint(point);
      if (!plan.loop)
        return this->compute(points, 1);
      if (plan.isReduction)
        return reduce(points);
      Value low = isChunked ? mul(point, chunk) : index(0), size = sizes[*plan.loop];
      overVectors(points, low, isChunked ? min(size, add(low, chunk)) : size);
    };
    if (isInTask && outer.empty())
      compute(index(0));
    else if (isInTask)
      loop(index(0), total, 1, compute);
    else
      parallel(total, isChunked ? index(1) : evenGrain(total, pointsPerTask()), compute);
  }

private:
  // How many outer points make a task, from the work of one.
  Value pointsPerTask() {
    Value work = index(1);
    for (unsigned loop : inner)
      work = mul(work, sizes[loop]);
    if (plan.loop)
      work = mul(work, sizes[*plan.loop]);
    return div(index(kTaskPoints), max(work, index(1)));
  }

  // The outer loops' indices of a linear point.
  Points outerPoint(Value point) {
    Points points;
    points.indices.resize(op.getNumLoops());
    for (unsigned position = outer.size(); position-- > 0;) {
      unsigned loop = outer[position];
      if (position == 0) {
        points.indices[loop] = point;
        break;
      }
      points.indices[loop] = rem(point, sizes[loop]);
      point = div(point, sizes[loop]);
    }
    return points;
  }

  // The reduction loops around `inside`, carrying values.
  SmallVector<Value> overReductions(Points &points, ArrayRef<unsigned> loops, ValueRange carried,
                                    llvm::function_ref<SmallVector<Value>(ValueRange)> inside) {
    if (loops.empty())
      return inside(carried);
    return loop(index(0), sizes[loops.front()], 1, carried, [&](Value i, ValueRange values) {
      points.indices[loops.front()] = i;
      return overReductions(points, loops.drop_front(), values, inside);
    });
  }

  // `count` blocks of lanes side by side, from points' vector index on: load outputs, reduce, store.
  void compute(Points points, int64_t count) {
    SmallVector<Points> blocks(count, points);
    for (int64_t block = 1; block < count; ++block)
      blocks[block].indices[*plan.loop] = add(points.indices[*plan.loop], index(block * points.lanes));
    int64_t outputs = op.getNumDpsInits();
    SmallVector<Value> carried;
    for (Points &block : blocks)
      for (auto [output, argument] : llvm::zip(op.getDpsInitsMutable(), op.getRegionOutputArgs()))
        if (!inner.empty() || !argument.use_empty())
          carried.push_back(BodyEmitter::widen(builder, location, body.load(builder, output, block), points.lanes));
    bool isCarried = !carried.empty();
    if (isCarried && static_cast<int64_t>(carried.size()) !=
                         outputs * count) { // mixed: load the rest too, so that each has its place
      carried.clear();
      for (Points &block : blocks)
        for (OpOperand &output : op.getDpsInitsMutable())
          carried.push_back(BodyEmitter::widen(builder, location, body.load(builder, output, block), points.lanes));
    }
    SmallVector<Value> results = overReductions(points, inner, carried, [&](ValueRange values) {
      SmallVector<Value> next;
      for (auto [number, block] : llvm::enumerate(blocks)) {
        for (unsigned loop : inner)
          block.indices[loop] = points.indices[loop];
        SmallVector<Value> given(outputs);
        if (isCarried)
          given.assign(values.begin() + number * outputs, values.begin() + (number + 1) * outputs);
        for (Value value : body.compute(builder, given, block))
          next.push_back(BodyEmitter::widen(builder, location, value, points.lanes));
      }
      return next;
    });
    for (auto [number, block] : llvm::enumerate(blocks))
      for (auto [position, output] : llvm::enumerate(op.getDpsInitsMutable()))
        body.store(builder, results[number * outputs + position], output, block);
  }

  // A single element after the last whole vector is computed as a scalar: LLVM 22.1 writes past the end of a masked store
  // of a truncated vector whose mask is known to have one lane (its issue 179489).
  bool isLastAlone() { return op.getStaticLoopRanges()[*plan.loop] % lanes == 1; }
  static Points alone(Points points) {
    points.lanes = 1;
    return points;
  }

  // A parallel vector loop: several vectors at a time if they carry sums, then one, then the rest under a mask.
  void overVectors(Points points, Value low, Value high) {
    unsigned vectorLoop = *plan.loop;
    Value size = sub(high, low);
    auto end = [&](int64_t step) { return add(low, wholeSteps(size, step)); };
    if (inner.empty()) {
      points.indices[vectorLoop] = low;
      body.hoist(builder, points);
    }
    points.lanes = lanes;
    Value from = low;
    if (!inner.empty()) {
      Value blocked = end(lanes * kChains);
      loop(from, blocked, lanes * kChains, [&](Value i) {
        points.indices[vectorLoop] = i;
        compute(points, kChains);
      });
      from = blocked;
    }
    if (inner.empty() && lanes > 1) {
      Value blocked = end(lanes * kTogether);
      points.lanes = lanes * kTogether;
      loop(from, blocked, points.lanes, [&](Value i) {
        points.indices[vectorLoop] = i;
        askForNextRow(points, size);
        compute(points, 1);
      });
      points.lanes = lanes;
      from = blocked;
    }
    Value whole = end(lanes);
    loop(from, whole, lanes, [&](Value i) {
      points.indices[vectorLoop] = i;
      compute(points, 1);
    });
    if (lanes == 1)
      return;
    // At most once: a loop, so that nothing happens where nothing is left.
    loop(whole, high, lanes, [&](Value i) {
      points.indices[vectorLoop] = i;
      if (isLastAlone())
        return compute(alone(points), 1);
      Value rest = sub(high, i);
      points.mask =
          vector::CreateMaskOp::create(builder, location, VectorType::get({lanes}, builder.getI1Type()), rest);
      compute(points, 1);
    });
    points.mask = {};
  }

  // Line by line.
  void askForNextRow(Points points, Value size) {
    auto operands = op->getAttrOfType<DenseI64ArrayAttr>(kNextRow);
    for (int64_t number : operands ? operands.asArrayRef() : ArrayRef<int64_t>()) {
      Value memory = op->getOperand(number);
      int64_t line = 512 / std::max(8u, cast<MemRefType>(memory.getType()).getElementTypeBitWidth());
      for (int64_t lane = 0; lane < points.lanes; lane += line) {
        Value place = add(points.indices[*plan.loop], add(size, index(lane)));
        memref::PrefetchOp::create(builder, location, memory, place, /*isWrite=*/false, /*localityHint=*/2,
                                   /*isDataCache=*/true);
      }
    }
  }

  // With partial results, and what is masked, nothing is contracted: where a size is known these may be products to LLVM, which
  // would then not be rounded, else not.
  Value combine(Value a, Value b, bool isPartial = false) {
    Operation *combiner = combinerOf(op);
    if (isa<arith::MaxNumFOp>(combiner)) { // `a` is no NaN: what it began with is none
      Value isMore = arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OGT, b, a);
      return arith::SelectOp::create(builder, location, isMore, b, a);
    }
    IRMapping map;
    map.map(combiner->getOperand(0), a);
    map.map(combiner->getOperand(1), b);
    Operation *clone = builder.clone(*combiner, map);
    clone->getResult(0).setType(a.getType());
    if (!isPartial)
      allowFusedMultiplyAdd(clone);
    return clone->getResult(0);
  }

  // A reduction along the vector: kChains partial results, combined at the end.
  void reduce(Points points) {
    unsigned vectorLoop = *plan.loop;
    Operation *combiner = combinerOf(op);
    Value out = op.getRegionOutputArgs()[0];
    Value element = combiner->getOperand(0) == out ? combiner->getOperand(1) : combiner->getOperand(0);
    auto type = VectorType::get({lanes}, out.getType());
    TypedAttr least = *arith::getNeutralElement(combiner);
    if (auto floats = dyn_cast<FloatType>(out.getType());
        floats && isa<arith::MaxNumFOp>(combiner)) // upstream's is NaN
      least = builder.getFloatAttr(floats, APFloat::getInf(floats.getFloatSemantics(), /*Negative=*/true));
    Value neutral = arith::ConstantOp::create(builder, location, DenseElementsAttr::get(type, least));
    Value size = sizes[vectorLoop];
    Value blocked = wholeSteps(size, lanes * kChains), whole = wholeSteps(size, lanes);
    points.lanes = lanes;
    auto value = [&](Value at) {
      points.indices[vectorLoop] = at;
      return BodyEmitter::widen(builder, location, body.computeValue(builder, element, points), lanes);
    };
    SmallVector<Value> parts =
        overReductions(points, inner, SmallVector<Value>(kChains, neutral), [&](ValueRange start) {
          SmallVector<Value> sums = loop(index(0), blocked, lanes * kChains, start, [&](Value i, ValueRange carried) {
            SmallVector<Value> next;
            for (auto [number, part] : llvm::enumerate(carried))
              next.push_back(combine(part, value(add(i, index(number * lanes)))));
            return next;
          });
          sums[0] = loop(blocked, whole, lanes, sums[0], [&](Value i, ValueRange carried) {
            return SmallVector<Value>{combine(carried[0], value(i))};
          })[0];
          sums[0] = loop(whole, size, lanes, sums[0], [&](Value i, ValueRange carried) {
            Value rest = sub(size, i);
            points.mask =
                vector::CreateMaskOp::create(builder, location, VectorType::get({lanes}, builder.getI1Type()), rest);
            Value masked = arith::SelectOp::create(builder, location, points.mask, value(i), neutral);
            points.mask = {};
            return SmallVector<Value>{combine(carried[0], masked, true)};
          })[0];
          return sums;
        });
    Value sum = combine(combine(parts[0], parts[1], true), combine(parts[2], parts[3], true), true);
    // The lanes by halves; in their order they would be a chain as long as a short row takes.
    for (int64_t half = lanes / 2; half > 0; half /= 2) {
      SmallVector<int64_t> order(lanes);
      for (int64_t lane = 0; lane < lanes; ++lane)
        order[lane] = lane ^ half;
      sum = combine(sum, vector::ShuffleOp::create(builder, location, sum, sum, order), true);
    }
    Value scalar = vector::ExtractOp::create(builder, location, sum, 0);
    points.lanes = 1;
    OpOperand &output = op.getDpsInitsMutable()[0];
    body.store(builder, combine(body.load(builder, output, points), scalar, true), output, points);
  }

  linalg::GenericOp op;
  VectorPlan plan;
  int64_t lanes;
  BodyEmitter body;
  SmallVector<unsigned> outer, inner; // parallel and reduction loops, without the vector's
  SmallVector<Value> sizes;
};

// Of an op without a vector, the loop that is one inside of a task: the last parallel one. Else a point of the loops would be
// found by divisions for each element.
std::optional<unsigned> innermostLoop(linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto hasRegions = [](Operation &inner) { return inner.getNumRegions() > 0; };
  if (llvm::any_of(op.getBody()->without_terminator(), hasRegions)) // of which not all is seen
    return std::nullopt;
  for (unsigned loop = op.getNumLoops(); loop-- > 0;)
    if (op.getIteratorTypesArray()[loop] == utils::IteratorType::parallel && sizes[loop] != 1)
      return loop;
  return std::nullopt;
}

// The op with loops joined that all operands have side by side: more of it is whole blocks.
linalg::GenericOp withJoinedLoops(IRRewriter &rewriter, linalg::GenericOp op) {
  SmallVector<ReassociationIndices> groups;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool isJoined = loop > 0 && llvm::all_of(op.getIndexingMapsArray(), [&](AffineMap map) {
                      ReassociationIndices both = groups.back();
                      both.push_back(loop);
                      return linalg::isDimSequencePreserved(map, both);
                    });
    if (isJoined)
      groups.back().push_back(loop);
    else
      groups.push_back({loop});
  }
  bool isPermuted = llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) { return map.isProjectedPermutation(); });
  if (groups.size() == op.getNumLoops() || !isPermuted || op.hasIndexSemantics())
    return op;
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::CollapseResult> joined = linalg::collapseOpIterationDims(op, groups, rewriter);
  if (failed(joined))
    return op;
  rewriter.eraseOp(op);
  return cast<linalg::GenericOp>(joined->collapsedOp);
}

struct LowerLoops : impl::LowerLoopsPassBase<LowerLoops> {
  using LowerLoopsPassBase::LowerLoopsPassBase;
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp copy) { copies.push_back(copy); });
    for (memref::CopyOp copy : copies) {
      rewriter.setInsertionPoint(copy);
      rewriter.replaceOp(copy, linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(), copy.getTarget()));
    }
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops) {
      auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
      if (!generic) {
        rewriter.setInsertionPoint(op);
        FailureOr<linalg::GenericOp> general = linalg::generalizeNamedOp(rewriter, op);
        if (failed(general)) {
          op->emitOpError("expects an op that has a general form");
          return signalPassFailure();
        }
        generic = *general;
      }
      if (!generic.hasPureBufferSemantics()) {
        generic.emitOpError("expects memrefs as operands");
        return signalPassFailure();
      }
      VectorPlan plan = planVector(generic);
      int64_t width = lanes;
      if (!plan.loop) {
        generic = withJoinedLoops(rewriter, generic);
        if (std::optional<TurnedPlan> turned = planTurned(generic, lanes)) {
          emitTurned(generic, *turned, lanes);
          rewriter.eraseOp(generic);
          continue;
        }
      }
      if (!plan.loop && generic.getNumLoops() > 0) {
        generic.emitRemark("computed element by element: no loop is contiguous in every operand");
        width = 1;
        plan.loop = innermostLoop(generic);
      }
      LoopEmitter(generic, plan, width).emit();
      rewriter.eraseOp(generic);
    }
  }
};
} // namespace

} // namespace varve::target::cpu
