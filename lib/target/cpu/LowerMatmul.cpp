// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products with a weight in panels become calls of shared kernels.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/MatmulKernel.h"
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_LOWERMATMULPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// Whether the value is the body's argument, perhaps extended.
bool isElement(Value value, BlockArgument argument) {
  if (auto extend = value.getDefiningOp<arith::ExtFOp>())
    value = extend.getIn();
  return value == argument;
}

// (m, p, k, l): y[m, p, l] += x[m, k] * w[p, k, l], as lib/lower/Contract.cpp writes it.
bool isPanelProduct(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || op.getNumLoops() != 4)
    return false;
  MLIRContext *context = op.getContext();
  auto map = [&](ArrayRef<unsigned> axes) { return AffineMap::getMultiDimMapWithTargets(4, axes, context); };
  if (op.getIndexingMapsArray() != SmallVector<AffineMap>{map({0, 2}), map({1, 2, 3}), map({0, 1, 3})})
    return false;
  Block *body = op.getBody();
  auto sum = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  auto product = sum ? sum.getRhs().getDefiningOp<arith::MulFOp>() : nullptr;
  return product && sum.getLhs() == body->getArgument(2) && isElement(product.getLhs(), body->getArgument(0)) &&
         isElement(product.getRhs(), body->getArgument(1)) && body->getArgument(0).getType().isF32() &&
         body->getArgument(2).getType().isF32();
}

struct LowerMatmul : impl::LowerMatmulPassBase<LowerMatmul> {
  using LowerMatmulPassBase::LowerMatmulPassBase;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<linalg::GenericOp> products;
    module.walk([&](linalg::GenericOp op) {
      if (isPanelProduct(op))
        products.push_back(op);
    });
    for (linalg::GenericOp op : products) {
      auto weight = cast<MemRefType>(op->getOperand(1).getType());
      std::string name;
      llvm::raw_string_ostream(name) << "varve.matmul." << weight.getElementType() << "." << weight.getDimSize(2);
      auto kernel = module.lookupSymbol<func::FuncOp>(name);
      if (!kernel) {
        OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
        kernel = buildMatmulKernel(builder, UnknownLoc::get(&getContext()), name, weight.getElementType(),
                                   {lanes, rows, weight.getDimSize(2)});
      }
      OpBuilder builder(op);
      SmallVector<Value> operands{op->getParentOfType<func::FuncOp>().getArgument(lower::convention::context)};
      for (auto [operand, type] : llvm::zip(op->getOperands(), ArrayRef(kernel.getArgumentTypes()).drop_front()))
        operands.push_back(operand.getType() == type
                               ? operand
                               : memref::CastOp::create(builder, op.getLoc(), type, operand).getResult());
      func::CallOp::create(builder, op.getLoc(), kernel, operands);
      op.erase();
    }
  }
};
} // namespace

} // namespace varve::target::cpu
