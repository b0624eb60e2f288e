// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that go along a sequence with a state.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::DimExpr;
using ir::Dims;

namespace {
// State and input behind each other, then for each position the sum over the kernel; vectors run over the channels.
struct LowerCausalConv : OpConversionPattern<ir::CausalConvOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::CausalConvOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), weights = ir::dimsOf(op.getWeight().getType()),
         past = ir::dimsOf(op.getState().getType());
    Type f32 = rewriter.getF32Type(), element = op.getInput().getType().getElementType();
    Dims whole = dims;
    whole[1] = ir::dimOf(ir::exprOf(past[1]) + ir::exprOf(dims[1]), getContext());
    Value all = emptyTensor(rewriter, op, whole, element);
    auto insert = [&](Value part, ArrayRef<Dim> own, const DimExpr &offset) {
      if (isEmpty(own))
        return;
      SmallVector<OpFoldResult> zeros(3, rewriter.getIndexAttr(0)), ones(3, rewriter.getIndexAttr(1));
      zeros[1] = sizesOf(rewriter, op, ir::dimOf(offset, getContext()))[0];
      all = tensor::InsertSliceOp::create(rewriter, op.getLoc(), part, all, zeros, sizesOf(rewriter, op, own), ones);
    };
    insert(adaptor.getState(), past, 0);
    insert(adaptor.getInput(), dims, ir::exprOf(past[1]));

    Dims turned{weights[1], weights[0]};
    Value weight = compute(rewriter, op, turned, f32, adaptor.getWeight(), mapOf(rewriter, 2, {1, 0}),
                           [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], f32); });
    // (batch, position, kernel, channel)
    AffineExpr batch, position, kernel, channel;
    bindDims(getContext(), batch, position, kernel, channel);
    AffineMap inputMap = AffineMap::get(4, 0, {batch, position + kernel, channel}, getContext());
    Value sums = reduce(rewriter, op, Join::sum, {dims[0], dims[1], weights[1], dims[2]}, 2, f32, {all, weight},
                        {inputMap, mapOf(rewriter, 4, {2, 3})}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                          return arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), v[1]);
                        });
    Value last = slice(rewriter, op, all, {0, ir::exprOf(dims[1]), 0}, past);
    rewriter.replaceOp(op, {convert(rewriter, op, sums, dims, element), last});
    return success();
  }
};

// A loop over positions that carries the state.
struct LowerSelectiveScan : OpConversionPattern<ir::SelectiveScanOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::SelectiveScanOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), kept = ir::dimsOf(op.getState().getType());
    Type f32 = rewriter.getF32Type(), element = op.getInput().getType().getElementType();
    Location location = op.getLoc();
    Value result = emptyTensor(rewriter, op, dims, element);
    if (isEmpty(dims) || isEmpty(kept)) {
      Value zero = arith::ConstantOp::create(rewriter, location, rewriter.getZeroAttr(element));
      rewriter.replaceOp(op, {filledTensor(rewriter, op, dims, zero), adaptor.getState()});
      return success();
    }
    Value none = arith::ConstantIndexOp::create(rewriter, location, 0),
          one = arith::ConstantIndexOp::create(rewriter, location, 1);
    // A state of its own, which each step overwrites; a copy that bufferisation made would have sizes of `memref.dim`.
    SmallVector<OpFoldResult> zeros(3, rewriter.getIndexAttr(0)), ones(3, rewriter.getIndexAttr(1));
    Value state =
        tensor::InsertSliceOp::create(rewriter, location, adaptor.getState(), emptyTensor(rewriter, op, kept, f32),
                                      zeros, sizesOf(rewriter, op, kept), ones);
    auto loop = scf::ForOp::create(
        rewriter, location, none, sizeOf(rewriter, op, dims[1]), one, ValueRange{state, result},
        [&](OpBuilder &b, Location l, Value position, ValueRange carried) {
          Dims row{dims[0], dims[2]}, rank{dims[0], kept[2]};
          auto at = [&](Value tensor, ArrayRef<Dim> own) {
            SmallVector<OpFoldResult> offsets(3, b.getIndexAttr(0)), sizes = sizesOf(b, op, own),
                                                                     ones(3, b.getIndexAttr(1));
            offsets[1] = position;
            sizes.insert(sizes.begin() + 1, b.getIndexAttr(1));
            SmallVector<int64_t> shape;
            for (const Dim &dim : own)
              shape.push_back(dim.name ? ShapedType::kDynamic : dim.size);
            auto type = RankedTensorType::get(shape, cast<RankedTensorType>(tensor.getType()).getElementType());
            return tensor::ExtractSliceOp::create(b, l, type, tensor, offsets, sizes, ones).getResult();
          };
          Value input = at(adaptor.getInput(), row), delta = at(adaptor.getDelta(), row);
          Value inward = at(adaptor.getB(), rank), outward = at(adaptor.getC(), rank);
          // (batch, channel, n)
          AffineMap all = b.getMultiDimIdentityMap(3), channel = mapOf(b, 3, {0, 1}), each = mapOf(b, 3, {0, 2});
          // In place: each element of the state becomes the next.
          SmallVector<AffineMap> maps{channel, mapOf(b, 3, {1, 2}), each, channel, all};
          SmallVector<utils::IteratorType> iterators(3, utils::IteratorType::parallel);
          auto step = linalg::GenericOp::create(
              b, l, carried[0].getType(), ValueRange{delta, adaptor.getA(), inward, input}, carried[0], maps, iterators,
              [&](OpBuilder &nested, Location where, ValueRange v) {
                SmallVector<Value> wide;
                for (Value scalar : v)
                  wide.push_back(toFloat(nested, where, scalar, f32));
                auto times = [&](Value x, Value y) -> Value { return arith::MulFOp::create(nested, where, x, y); };
                Value decay = math::ExpOp::create(nested, where, times(wide[0], wide[1]));
                Value added = times(times(wide[0], wide[2]), wide[3]);
                Value sum = arith::AddFOp::create(nested, where, times(decay, wide[4]), added);
                linalg::YieldOp::create(nested, where, sum);
              });
          Value next = step.getResult(0);
          Value sums = reduce(b, op, Join::sum, kept, 2, f32, {next, outward}, {all, each},
                              [&](OpBuilder &nested, Location where, ValueRange v) -> Value {
                                return arith::MulFOp::create(nested, where, v[0], toFloat(nested, where, v[1], f32));
                              });
          sums = convert(b, op, sums, row, element);
          SmallVector<OpFoldResult> offsets(3, b.getIndexAttr(0)), sizes = sizesOf(b, op, row),
                                                                   ones(3, b.getIndexAttr(1));
          offsets[1] = position;
          sizes.insert(sizes.begin() + 1, b.getIndexAttr(1));
          Value results = tensor::InsertSliceOp::create(b, l, sums, carried[1], offsets, sizes, ones);
          scf::YieldOp::create(b, l, ValueRange{next, results});
        });
    rewriter.replaceOp(op, {loop.getResult(1), loop.getResult(0)});
    return success();
  }
};
} // namespace

void addScanPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerCausalConv, LowerSelectiveScan>(types, patterns.getContext());
}

} // namespace varve::lower
