// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What came of marked ops tells the runtime when it begins and ends. After fusion, so that the code is what it is without.
#include "dialect/Place.h"
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_INSERTPROFILEPASS
#include "lib/target/cpu/Passes.h.inc"

namespace convention = lower::convention;

namespace {
// "" of what is no work of its own.
std::string kindOf(Operation *op) {
  if (isa<VarveCpuDialect>(op->getDialect()))
    return op->getName().stripDialect().str();
  if (isa<memref::CopyOp>(op))
    return "copy";
  if (isa<linalg::LinalgOp, scf::ForallOp>(op)) // one op, or some on the same rows
    return "loop";
  // A loop of the author's has no mark, and is many things.
  return isa<LoopLikeOpInterface>(op) && !ir::marksOf(op->getLoc()).empty() ? "steps" : "";
}

// A sum of products of two operands, which a kernel with tiles would compute many times faster.
bool isProduct(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || generic.getNumReductionLoops() == 0 || generic.getNumParallelLoops() < 2 ||
      generic.getNumDpsInputs() < 2)
    return false;
  for (OpOperand *input : generic.getDpsInputOperands()) // one that has all loops is not read again
    if (generic.getMatchingIndexingMap(input).getNumDims() == generic.getMatchingIndexingMap(input).getNumResults())
      return false;
  bool multiplies = false;
  generic.getBody()->walk([&](arith::MulFOp) { multiplies = true; });
  return multiplies;
}

// What its products are made of, if not of numbers of f32.
StringRef unitOf(Operation *op) {
  auto product = dyn_cast<ProductOp>(op);
  return !product ? "" : product.getEncoding() ? "int8" : product.getPairs() ? "bf16" : "";
}

struct InsertProfile : impl::InsertProfilePassBase<InsertProfile> {
  using InsertProfilePassBase::InsertProfilePassBase;
  void runOnOperation() override {
    SmallVector<Operation *> work;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (kindOf(op).empty())
        return WalkResult::advance();
      work.push_back(op);
      return WalkResult::skip();
    });
    Builder builder(&getContext());
    SmallVector<Attribute> events;
    for (Operation *op : work) {
      bool misses = false;
      op->walk([&](Operation *inner) { misses |= isProduct(inner); });
      SmallVector<NamedAttribute> event{
          builder.getNamedAttr("kind", builder.getStringAttr(kindOf(op))),
          builder.getNamedAttr("ops", builder.getDenseI64ArrayAttr(ir::marksOf(op->getLoc())))};
      if (misses)
        event.push_back(builder.getNamedAttr("slow", builder.getUnitAttr()));
      if (StringRef unit = unitOf(op); !unit.empty())
        event.push_back(builder.getNamedAttr("unit", builder.getStringAttr(unit)));
      IntegerAttr number = builder.getI64IntegerAttr(events.size());
      events.push_back(builder.getDictionaryAttr(event));
      call(op, number, false);
      call(op, number, true);
    }
    getOperation()->setAttr(convention::kEvents, builder.getArrayAttr(events));
  }

  static void call(Operation *op, IntegerAttr number, bool isEnd) {
    OpBuilder builder(op);
    if (isEnd)
      builder.setInsertionPointAfter(op);
    auto function = op->getParentOfType<func::FuncOp>();
    auto call = lower::callRuntime(builder, op, convention::kProfile,
                                   {function.getArgument(convention::context), function.getArgument(convention::site)});
    call->setAttr(convention::kEvent, number);
    if (isEnd)
      call->setAttr(convention::kEnds, builder.getUnitAttr());
  }
};
} // namespace

} // namespace varve::target::cpu
