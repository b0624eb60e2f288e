// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is used for one row at a time has memory for one row, or has that of the result's row, if nothing else needs it.
#include "lib/target/cpu/loops/RowLoops.h"
#include "dialect/Place.h"
#include "lib/target/cpu/Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace varve::target::cpu {

static Value rootOf(Value memory) {
  while (auto view = memory.getDefiningOp<ViewLikeOpInterface>())
    memory = view.getViewSource();
  return memory;
}

// Allocations are memory of their own, and so is what a function is given: its results are no one's input.
bool mayBeSame(Value a, Value b) {
  a = rootOf(a), b = rootOf(b);
  if (a == b)
    return true;
  auto isAlloc = [](Value value) { return value.getDefiningOp<memref::AllocOp>() != nullptr; };
  auto isOutside = [](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return value.getDefiningOp<memref::GetGlobalOp>() ||
           (argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()));
  };
  return !(isAlloc(a) || isOutside(a)) || !(isAlloc(b) || isOutside(b));
}

namespace {
// Of one row's memory on a task's stack; what is larger stays where it is.
constexpr int64_t kStackBytes = 65536, kStackInAll = 131072;
// Short rows are computed so many at a time, op by op, so that the chain from a row's sum to the numbers that are made of it
// overlaps with another row. Of longer ones the next row is asked for while one is computed.
constexpr int64_t kTogether = 2, kTogetherBytes = 4096;

class RowsEmitter : Loops {
public:
  RowsEmitter(ArrayRef<linalg::LinalgOp> ops, unsigned rows)
      : Loops(OpBuilder(ops.back()), ops.back()->getLoc()), ops(ops), rows(rows) {}

  void emit() {
    for (linalg::LinalgOp op : ops)
      location = ir::withMarksOf(location, op.getLoc());
    findOwn();
    findInResult();
    SmallVector<Value> sizes;
    Value total = index(1), work = index(0);
    for (unsigned loop = 0; loop < rows; ++loop) {
      sizes.push_back(sizeOf(ops.front(), loop));
      total = mul(total, sizes.back());
    }
    for (linalg::LinalgOp op : ops) {
      Value points = index(1);
      for (unsigned loop = rows; loop < op.getNumLoops(); ++loop)
        points = mul(points, sizeOf(op, loop));
      work = add(work, points);
    }
    tasks(total, evenGrain(total, div(index(kTaskPoints), max(work, index(1)))), [&](Value first, Value last) {
      allocate();
      firstRow = placeOf(first, sizes);
      auto emitSome = [&](Value row, int64_t count) {
        SmallVector<SmallVector<Value>> places;
        for (int64_t r = 0; r < count; ++r)
          places.push_back(placeOf(r == 0 ? row : add(row, index(r)), sizes));
        for (linalg::LinalgOp op : ops)
          for (int64_t r = 0; r < count; ++r)
            emitRow(op, r, places[r]);
      };
      Value rest = first;
      if (together > 1) {
        rest = add(first, wholeSteps(sub(last, first), together));
        loop(first, rest, together, [&](Value row) { emitSome(row, together); });
      }
      loop(rest, last, 1, [&](Value row) { emitSome(row, 1); });
    });
    for (linalg::LinalgOp op : ops)
      op->erase();
    for (memref::AllocOp alloc : own)
      if (alloc->use_empty())
        alloc->erase();
  }

private:
  Value sizeOf(linalg::LinalgOp op, unsigned loop) {
    for (OpOperand &operand : op->getOpOperands())
      for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
        if (expr == getAffineDimExpr(loop, op.getContext())) {
          auto type = cast<MemRefType>(operand.get().getType());
          return type.isDynamicDim(axis) ? memref::DimOp::create(builder, location, operand.get(), axis).getResult()
                                         : index(type.getDimSize(axis));
        }
    return index(1);
  }

  SmallVector<Value> placeOf(Value row, ArrayRef<Value> sizes) {
    SmallVector<Value> place(rows);
    for (unsigned loop = rows; loop-- > 1;) {
      place[loop] = rem(row, sizes[loop]);
      row = div(row, sizes[loop]);
    }
    place[0] = row;
    return place;
  }

  bool isOwn(Value memory) {
    auto alloc = memory.getDefiningOp<memref::AllocOp>();
    return alloc && own.contains(alloc);
  }

  // Memory that nothing else uses: a row of it at a time is enough.
  void findOwn() {
    for (linalg::LinalgOp op : ops)
      for (OpOperand &output : op.getDpsInitsMutable())
        if (auto alloc = output.get().getDefiningOp<memref::AllocOp>())
          if (llvm::all_of(alloc->getUsers(), [&](Operation *user) { return llvm::is_contained(ops, user); }))
            own.insert(alloc);
  }

  // Where the last op that reads such memory writes each element where it has read it, and nothing has used that before, what
  // is written is the memory: one row less in the cache.
  void findInResult() {
    for (memref::AllocOp alloc : own) {
      auto *last =
          std::find_if(ops.rbegin(), ops.rend(),
                       [&](linalg::LinalgOp op) { return llvm::is_contained(op->getOperands(), Value(alloc)); })
              .base() -
          1;
      linalg::LinalgOp op = *last;
      if (op.getNumDpsInits() != 1 || op.getNumReductionLoops() > 0)
        continue;
      OpOperand &output = *op.getDpsInitOperand(0);
      bool fits = output.get() != alloc && output.get().getType() == alloc.getType() &&
                  !op.payloadUsesValueFromOperand(&output) &&
                  !llvm::is_contained(llvm::make_second_range(inResult), output.get());
      for (OpOperand &input : op->getOpOperands())
        if (&input != &output)
          fits = fits && (input.get() == alloc
                              ? op.getMatchingIndexingMap(&input) == op.getMatchingIndexingMap(&output)
                              : !isa<MemRefType>(input.get().getType()) || !mayBeSame(input.get(), output.get()));
      for (linalg::LinalgOp before : ArrayRef(ops.begin(), last))
        for (Value operand : before->getOperands())
          fits = fits && (!isa<MemRefType>(operand.getType()) || !mayBeSame(operand, output.get()));
      if (fits)
        inResult[alloc] = output.get();
    }
  }

  static std::optional<int64_t> bytesOf(MemRefType row) {
    if (!row.hasStaticShape())
      return {};
    return row.getNumElements() * std::max<int64_t>(1, row.getElementTypeBitWidth() / 8);
  }

  // On the stack, where it is the same memory for all tasks of a thread, if it is not too large.
  void allocate() {
    std::optional<int64_t> longest = 0;
    for (linalg::LinalgOp op : ops)
      for (OpOperand &operand : op->getOpOperands())
        if (auto type = dyn_cast<MemRefType>(operand.get().getType())) {
          SmallVector<int64_t> shape;
          for (auto [expr, size] : llvm::zip(op.getMatchingIndexingMap(&operand).getResults(), type.getShape()))
            if (!rowLoop(expr, rows))
              shape.push_back(size);
          std::optional<int64_t> bytes = bytesOf(MemRefType::get(shape, type.getElementType()));
          longest = longest && bytes ? std::optional(std::max(*longest, *bytes)) : std::nullopt;
        }
    isShort = longest && *longest <= kTogetherBytes;
    together = isShort ? kTogether : 1;
    int64_t left = kStackInAll;
    for (memref::AllocOp alloc : own) {
      if (inResult.contains(alloc))
        continue;
      MemRefType type = alloc.getType();
      auto row = MemRefType::get(type.getShape().drop_front(rows), type.getElementType());
      std::optional<int64_t> bytes = bytesOf(row);
      if (!bytes || *bytes > kStackBytes || *bytes * together > left) {
        together = 1;
        continue;
      }
      left -= *bytes * together;
      for (int64_t r = 0; r < together; ++r)
        onStack[alloc].push_back(memref::AllocaOp::create(builder, location, row, builder.getI64IntegerAttr(64)));
    }
  }

  // What one row of an op has of an operand, of the rows that are computed together the r-th.
  Value rowOf(Value memory, AffineMap map, int64_t r, ArrayRef<Value> place) {
    auto type = dyn_cast<MemRefType>(memory.getType());
    if (!type)
      return memory;
    if (Value result = inResult.lookup(memory))
      return rowOf(result, map, r, place);
    if (auto stack = onStack.find(memory); stack != onStack.end())
      return stack->second[r];
    SmallVector<OpFoldResult> offsets, sizes, strides(type.getRank(), builder.getIndexAttr(1));
    SmallVector<int64_t> shape;
    for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
      if (std::optional<unsigned> loop = rowLoop(expr, rows)) {
        offsets.push_back(isOwn(memory) ? firstRow[*loop] : place[*loop]);
        sizes.push_back(builder.getIndexAttr(1));
        continue;
      }
      offsets.push_back(builder.getIndexAttr(0));
      shape.push_back(type.getDimSize(axis));
      sizes.push_back(type.isDynamicDim(axis)
                          ? OpFoldResult(memref::DimOp::create(builder, location, memory, axis).getResult())
                          : OpFoldResult(builder.getIndexAttr(type.getDimSize(axis))));
    }
    if (static_cast<int64_t>(shape.size()) == type.getRank())
      return memory;
    MemRefType row = memref::SubViewOp::inferRankReducedResultType(shape, type, offsets, sizes, strides);
    return memref::SubViewOp::create(builder, location, row, memory, offsets, sizes, strides);
  }

  // Whether the next row of an operand is to be asked for: by the last op that reads it, which has it from a cache, if that
  // computes a function, so that memory would have nothing to do.
  bool asksFor(linalg::LinalgOp op, OpOperand &operand) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    bool isLong =
        llvm::any_of(op.getBlock()->getOperations(), [](Operation &inner) { return isa<math::ExpOp>(inner); });
    return !isShort && isLong && type && type.getLayout().isIdentity() && op.isDpsInput(&operand) &&
           op.getNumLoops() == rows + 1 && isParallel(op, rows) && op.getMatchingIndexingMap(&operand).isIdentity() &&
           !isOwn(operand.get()) && llvm::none_of(ops, [&](linalg::LinalgOp other) {
             return op->isBeforeInBlock(other) && llvm::is_contained(other->getOperands(), operand.get());
           });
  }

  void emitRow(linalg::LinalgOp op, int64_t r, ArrayRef<Value> place) {
    unsigned loops = op.getNumLoops() - rows;
    SmallVector<AffineExpr> dims;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      dims.push_back(loop < rows ? builder.getAffineConstantExpr(0) : builder.getAffineDimExpr(loop - rows));
    SmallVector<AffineMap> maps;
    SmallVector<Value> inputs, outputs;
    SmallVector<int64_t> asked;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      SmallVector<AffineExpr> kept;
      for (AffineExpr expr : map.getResults())
        if (!rowLoop(expr, rows))
          kept.push_back(expr.replaceDims(dims));
      maps.push_back(AffineMap::get(loops, 0, kept, builder.getContext()));
      (op.isDpsInput(&operand) ? inputs : outputs).push_back(rowOf(operand.get(), map, r, place));
      if (asksFor(op, operand))
        asked.push_back(operand.getOperandNumber());
    }
    SmallVector<utils::IteratorType> iterators(ArrayRef(op.getIteratorTypesArray()).drop_front(rows));
    auto row = linalg::GenericOp::create(
        builder, op.getLoc(), inputs, outputs, maps, iterators, [&](OpBuilder &nested, Location, ValueRange scalars) {
          IRMapping values;
          values.map(op.getBlock()->getArguments(), scalars);
          for (Operation &inner : op.getBlock()->getOperations()) {
            auto at = dyn_cast<linalg::IndexOp>(inner);
            if (at && at.getDim() < rows)
              values.map(at.getResult(), place[at.getDim()]);
            else if (at)
              values.map(at.getResult(), linalg::IndexOp::create(nested, at.getLoc(), at.getDim() - rows).getResult());
            else
              nested.clone(inner, values);
          }
        });
    if (!asked.empty())
      row->setAttr(kNextRow, builder.getDenseI64ArrayAttr(asked));
  }

  ArrayRef<linalg::LinalgOp> ops;
  unsigned rows;
  int64_t together = 1;
  bool isShort = false;
  SmallVector<Value> firstRow; // of a task
  SetVector<memref::AllocOp> own;
  DenseMap<Value, Value> inResult;
  DenseMap<Value, SmallVector<Value>> onStack;
};
} // namespace

void emitRows(ArrayRef<linalg::LinalgOp> ops, unsigned rows) { RowsEmitter(ops, rows).emit(); }

} // namespace varve::target::cpu
