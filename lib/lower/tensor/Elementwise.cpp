// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise ops become linalg.generic with the scalar computation of Scalar.cpp.
#include "lib/lower/Loops.h"
#include "lib/lower/Scalar.h"

using namespace mlir;

namespace varve::lower {

namespace {
template <class Op> struct LowerElementwise : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    SmallVector<Input> inputs;
    for (auto [lowered, operand] : llvm::zip(adaptor.getOperands(), op->getOperands()))
      inputs.push_back({lowered, cast<RankedTensorType>(operand.getType())});
    bool understood = true;
    Value result = elementwise(rewriter, op, inputs, op.getType(), [&](OpBuilder &b, Location l, ValueRange scalars) {
      Value value = scalarOf(op, b, scalars);
      understood &= value != nullptr;
      return value ? value : scalars.front();
    });
    if (!understood)
      return rewriter.notifyMatchFailure(op, "expects an elementwise op with a scalar meaning");
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void addElementwisePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  using namespace ir;
  auto add = [&]<class... Ops>() { patterns.add<LowerElementwise<Ops>...>(types, patterns.getContext()); };
  add.template operator()<NegOp, AbsOp, ExpOp, Exp2Op, Expm1Op, LogOp, Log1pOp, Log2Op, Log10Op, SqrtOp, RsqrtOp, SinOp,
                          CosOp, TanOp, AsinOp, AcosOp, AtanOp, SinhOp, CoshOp, TanhOp, AsinhOp, AcoshOp, AtanhOp,
                          ErfOp, SigmoidOp, SiluOp, GeluOp, ReluOp, FloorOp, CeilOp, RoundOp, TruncOp, SignOp, NotOp>();
  add.template
  operator()<AddOp, SubOp, MulOp, DivOp, FloorDivideOp, RemainderOp, PowOp, Atan2Op, CopysignOp, NextafterOp, MaximumOp,
             MinimumOp, AndOp, OrOp, XorOp, ShiftLeftOp, ShiftRightOp, CompareOp, SelectOp, CastOp>();
}

} // namespace varve::lower
