// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that count positions or look them up. An index comes from data: it is checked, and what is wrong is reported when the
// run has ended, so no memory outside the tensor is touched meanwhile.
#include "lib/lower/Decode.h"
#include "lib/lower/Loops.h"
#include "lib/lower/Scalar.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// Reports each index outside [-size, size).
void checkIndices(OpBuilder &builder, ir::GatherOp op, Value indices, Value size) {
  Location location = op.getLoc();
  Type i64 = builder.getI64Type();
  auto function = op->getParentOfType<func::FuncOp>();
  int64_t number = op->getAttrOfType<IntegerAttr>(convention::kNumber).getInt();
  Dims dims = ir::dimsOf(op.getIndices().getType());
  Value failure = arith::ConstantIntOp::create(builder, location, number, 64);
  Value bound = arith::IndexCastOp::create(builder, location, i64, size);
  Value zero = arith::ConstantIntOp::create(builder, location, 0, 64);
  Value least = arith::SubIOp::create(builder, location, zero, bound);
  SmallVector<Value> from(dims.size(), arith::ConstantIndexOp::create(builder, location, 0)), to,
      steps(dims.size(), arith::ConstantIndexOp::create(builder, location, 1));
  for (const Dim &dim : dims)
    to.push_back(sizeOf(builder, op, dim));
  scf::buildLoopNest(builder, location, from, to, steps, [&](OpBuilder &b, Location l, ValueRange place) {
    Value index = tensor::ExtractOp::create(b, l, indices, place);
    if (index.getType() != i64)
      index = arith::ExtSIOp::create(b, l, i64, index);
    Value below = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, index, least);
    Value above = arith::CmpIOp::create(b, l, arith::CmpIPredicate::sge, index, bound);
    scf::IfOp::create(b, l, arith::OrIOp::create(b, l, below, above), [&](OpBuilder &then, Location where) {
      callRuntime(then, op, convention::kFail, {function.getArgument(convention::context), failure, index, bound});
      scf::YieldOp::create(then, where);
    });
  });
}

// The row that an index means: negative ones count from the end; what is outside is moved inside.
Value rowOf(OpBuilder &b, Location l, Value index, Value size) {
  Value zero = arith::ConstantIndexOp::create(b, l, 0), one = arith::ConstantIndexOp::create(b, l, 1);
  index = arith::IndexCastOp::create(b, l, b.getIndexType(), index);
  Value negative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, index, zero);
  Value fromEnd = arith::AddIOp::create(b, l, index, size);
  Value row = arith::SelectOp::create(b, l, negative, fromEnd, index);
  row = arith::MinSIOp::create(b, l, row, arith::SubIOp::create(b, l, size, one));
  return arith::MaxSIOp::create(b, l, row, zero);
}

struct LowerGather : OpConversionPattern<ir::GatherOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::GatherOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!op->hasAttr(convention::kNumber) || !op->getParentOfType<func::FuncOp>())
      return rewriter.notifyMatchFailure(op, "expects a gather that was numbered, in a function");
    Location location = op.getLoc();
    Dims from = ir::dimsOf(op.getInput().getType()), results = ir::dimsOf(op.getType()), dims = results;
    Encoding encoding = ir::encodingOf(op.getInput().getType().getElementType());
    std::optional<Decoder> decoder; // of rows in blocks
    if (encoding != Encoding::none && !isEmpty(results) && !isEmpty(from)) {
      decoder.emplace(rewriter, location, adaptor.getInput(), encoding);
      dims.pop_back();
      for (int64_t each : decoder->loops())
        dims.push_back({each, {}});
    }
    unsigned rank = dims.size(), count = ir::dimsOf(op.getIndices().getType()).size();
    unsigned axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), from.size());
    Value input = adaptor.getInput();
    Value size = sizeOf(rewriter, op, from[axis]);
    checkIndices(rewriter, op, adaptor.getIndices(), size);

    auto panels = dyn_cast_or_null<ir::PanelsAttr>(op.getInput().getType().getEncoding());
    AffineMap indexMap = mapOf(rewriter, rank, llvm::to_vector(llvm::seq(axis, axis + count)));
    auto lookUp = [&](OpBuilder &b, Location l, ValueRange scalars) -> Value {
      SmallVector<Value> place;
      for (unsigned loop = 0; loop < rank; ++loop)
        if (loop < axis || loop >= axis + count)
          place.push_back(linalg::IndexOp::create(b, l, loop));
      Value row = rowOf(b, l, scalars[0], size);
      if (decoder) {
        size_t inner = place.size() - decoder->loops().size();
        place.insert(place.begin(), row);
        return decoder->element(b, l, ArrayRef(place).take_front(inner + 1), ArrayRef(place).drop_front(inner + 1));
      }
      if (panels) { // row r, column c is at [r / n, c, r % n]
        Value rows = arith::ConstantIndexOp::create(b, l, panels.getRows());
        place = {arith::DivUIOp::create(b, l, row, rows), place[0], arith::RemUIOp::create(b, l, row, rows)};
      } else {
        place.insert(place.begin() + axis, row);
      }
      return tensor::ExtractOp::create(b, l, input, place);
    };

    Value into = emptyTensor(rewriter, op, dims, storageOf(op.getType().getElementType()));
    // From an axis without places there is nothing to read, whatever the index.
    auto fill = [&](OpBuilder &b) {
      TypedAttr zero = b.getZeroAttr(cast<RankedTensorType>(into.getType()).getElementType());
      return linalg::FillOp::create(b, location, arith::ConstantOp::create(b, location, zero).getResult(), into)
          .getResult(0);
    };
    if (!from[axis].name) {
      bool nothing = from[axis].size == 0 || (encoding != Encoding::none && !decoder);
      Value found = nothing ? fill(rewriter) : computeInto(rewriter, op, into, adaptor.getIndices(), indexMap, lookUp);
      rewriter.replaceOp(op, reshape(rewriter, op, found, dims, results));
      return success();
    }
    Value none = arith::ConstantIndexOp::create(rewriter, location, 0);
    Value some = arith::CmpIOp::create(rewriter, location, arith::CmpIPredicate::sgt, size, none);
    auto choice = scf::IfOp::create(
        rewriter, location, some,
        [&](OpBuilder &b, Location l) {
          scf::YieldOp::create(b, l, computeInto(b, op, into, adaptor.getIndices(), indexMap, lookUp));
        },
        [&](OpBuilder &b, Location l) { scf::YieldOp::create(b, l, fill(b)); });
    rewriter.replaceOp(op, choice.getResults());
    return success();
  }
};

struct LowerIota : OpConversionPattern<ir::IotaOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::IotaOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType());
    Type element = op.getType().getElementType(), i64 = rewriter.getI64Type();
    int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), dims.size());
    rewriter.replaceOp(
        op, compute(rewriter, op, dims, storageOf(element), {}, {}, [&](OpBuilder &b, Location l, ValueRange) {
          Value place = linalg::IndexOp::create(b, l, axis);
          place = arith::IndexCastOp::create(b, l, i64, place);
          return castScalar(b, l, place, i64, element);
        }));
    return success();
  }
};
} // namespace

void addIndexPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerGather, LowerIota>(types, patterns.getContext());
}

} // namespace varve::lower
