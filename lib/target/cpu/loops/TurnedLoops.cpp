// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A block has as many vectors as a vector has lanes: of an operand that lies the other way round they are read as they lie and
// transposed in registers, so that the body sees them as it sees the others.
#include "lib/target/cpu/loops/TurnedLoops.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/Transpose.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
// Results side by side that a task computes before the next block: while lines of turned operands are in the first-level cache,
// the blocks beside this one read what is left of them.
constexpr int64_t kAcross = 64;

class TurnedEmitter : Loops {
public:
  TurnedEmitter(linalg::GenericOp op, const TurnedPlan &plan, int64_t lanes)
      : Loops(OpBuilder(op), op.getLoc()), op(op), plan(plan), lanes(lanes), body(op, {plan.across}) {}

  void emit() {
    SmallVector<Value> sizes = loopSizes(builder, op);
    Value width = sizes[plan.across], height = sizes[plan.along], lane = index(lanes);
    Value chunks = ceilDiv(width, index(kAcross)), blocks = ceilDiv(height, lane), total = mul(chunks, blocks);
    SmallVector<unsigned> outer;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (loop != plan.across && loop != plan.along) {
        outer.push_back(loop);
        total = mul(total, sizes[loop]);
      }
    auto compute = [&](Value point) { // blocks go fastest
      Points points;
      points.indices.resize(op.getNumLoops());
      Value first = mul(rem(point, blocks), lane), rest = div(point, blocks);
      Value from = mul(rem(rest, chunks), index(kAcross));
      rest = div(rest, chunks);
      for (unsigned loop : llvm::reverse(outer)) {
        points.indices[loop] = rem(rest, sizes[loop]);
        rest = div(rest, sizes[loop]);
      }
      Value to = min(width, add(from, index(kAcross))), last = min(height, add(first, lane));
      Value isWhole = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, sub(last, first), lane);
      ifThenElse(
          isWhole,
          [&] {
            Value whole = add(from, wholeSteps(sub(to, from), lanes));
            loop(from, whole, lanes, [&](Value i) { block(points, i, first); });
            single(points, whole, to, first, last);
          },
          [&] { single(points, from, to, first, last); });
    };
    if (op->getParentOfType<scf::ForallOp>())
      loop(index(0), total, 1, compute);
    else
      parallel(total, evenGrain(total, index(kTaskPoints / (kAcross * lanes))), compute);
  }

private:
  // Lanes by lanes results.
  void block(Points points, Value from, Value first) {
    DenseMap<unsigned, SmallVector<Value>> read;
    for (unsigned number : plan.turned) {
      OpOperand &operand = op->getOpOperand(number);
      BodyEmitter along(op, {plan.along});
      Points at = points;
      at.lanes = lanes;
      at.indices[plan.along] = first;
      for (int64_t r = 0; r < lanes; ++r) {
        at.indices[plan.across] = add(from, index(r));
        read[number].push_back(along.load(builder, operand, at));
      }
      read[number] = transpose(builder, location, read[number]);
    }
    points.lanes = lanes;
    points.indices[plan.across] = from;
    for (int64_t r = 0; r < lanes; ++r) {
      points.indices[plan.along] = add(first, index(r));
      BodyEmitter row(body);
      for (unsigned number : plan.turned)
        row.give(op->getOpOperand(number), read[number][r]);
      store(row, points);
    }
  }

  // One after the other.
  void single(Points points, Value from, Value to, Value first, Value last) {
    loop(first, last, 1, [&](Value along) {
      loop(from, to, 1, [&](Value across) {
        points.indices[plan.along] = along;
        points.indices[plan.across] = across;
        store(body, points);
      });
    });
  }

  void store(const BodyEmitter &emitter, const Points &points) {
    SmallVector<Value> results = emitter.compute(builder, SmallVector<Value>(op.getNumDpsInits()), points);
    for (auto [result, output] : llvm::zip(results, op.getDpsInitsMutable()))
      emitter.store(builder, result, output, points);
  }

  linalg::GenericOp op;
  const TurnedPlan &plan;
  int64_t lanes;
  BodyEmitter body;
};
} // namespace

std::optional<TurnedPlan> planTurned(linalg::GenericOp op, int64_t lanes) {
  if (op.getNumReductionLoops() != 0 ||
      llvm::any_of(op.getRegionOutputArgs(), [](Value argument) { return !argument.use_empty(); }))
    return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto isWide = [&](unsigned loop) { return ShapedType::isDynamic(sizes[loop]) || sizes[loop] >= lanes; };
  auto fits = [&](OpOperand &operand, unsigned across, unsigned along) { // lies the other way round
    AffineMap map = op.getMatchingIndexingMap(&operand);
    return map.isProjectedPermutation() && map.isFunctionOfDim(across) && isContiguous(op, operand, along) &&
           map.isFunctionOfDim(along);
  };
  for (unsigned across = op.getNumLoops(); across-- > 0;) {
    bool isWritten = llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
      return op.getMatchingIndexingMap(&output).isFunctionOfDim(across) && isContiguous(op, output, across);
    });
    if (!isWritten || !isWide(across) || !isBodyVectorizable(op, across))
      continue;
    for (unsigned along = 0; along < op.getNumLoops(); ++along) {
      if (along == across || !isWide(along))
        continue;
      TurnedPlan plan{across, along, {}};
      bool isAll = llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
        if (isContiguous(op, operand, across))
          return true;
        plan.turned.push_back(operand.getOperandNumber());
        return fits(operand, across, along);
      });
      if (isAll)
        return plan;
    }
  }
  return std::nullopt;
}

void emitTurned(linalg::GenericOp op, const TurnedPlan &plan, int64_t lanes) { TurnedEmitter(op, plan, lanes).emit(); }

} // namespace varve::target::cpu
