// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pooling: the windows of a plane are joined side by side; floats are summed in f32.
#include "lib/lower/nn/Windows.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
Value indexOf(OpBuilder &b, Location l, int64_t value) { return arith::ConstantIndexOp::create(b, l, value); }

// An index as f32.
Value asFloat(OpBuilder &b, Location l, Value index) {
  return arith::SIToFPOp::create(b, l, b.getF32Type(), arith::IndexCastOp::create(b, l, b.getI64Type(), index));
}

// What a join begins with; in padding, what it does not notice.
Value neutral(OpBuilder &builder, Location location, Join join, Type type) {
  double value = join == Join::maximum ? -std::numeric_limits<double>::infinity() : 0;
  return floatConstant(builder, location, value, type);
}

template <class Op, Join join> struct LowerPool : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), result = ir::dimsOf(op.getType());
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType();
    if (isEmpty(result)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, result, element));
      return success();
    }
    Value image = adaptor.getInput();
    Dims asGiven(result);
    if (op.getChannelsLast()) {
      dims = withChannelsFirst(dims), result = withChannelsFirst(result);
      image = turnChannels(rewriter, op, image, dims, /*toLast=*/false);
    }
    ArrayRef<Dim> front = ArrayRef(result).take_front(2), spatial = ArrayRef(dims).drop_front(2),
                  counts = ArrayRef(result).drop_front(2);
    ir::Windows given = *op.windows();
    unsigned rank = given.rank();
    SlidingWindows windows(rewriter, op, given, front, spatial, counts);
    Value input = windows.layOut(image, neutral(rewriter, op.getLoc(), join, element));

    // (batch, channel, windows.., kernel..)
    Dims loops(front), over = windows.loops(), sizes;
    loops.append(over);
    for (int64_t size : given.kernel)
      sizes.push_back(Dim{size, {}});
    auto joined = llvm::to_vector(llvm::seq<int64_t>(loops.size(), loops.size() + rank));
    loops.append(sizes);
    SmallVector<AffineExpr> all;
    for (unsigned loop = 0; loop < loops.size(); ++loop)
      all.push_back(rewriter.getAffineDimExpr(loop));
    ArrayRef<AffineExpr> each(all), kernel = each.take_back(rank);
    AffineMap inputMap = AffineMap::get(
        loops.size(), 0, windows.place(each.take_front(2), each.slice(2, over.size()), kernel), op.getContext());
    Value value = reduce(rewriter, op, join, loops, joined, f32, {input, windowShape(rewriter, op, sizes)},
                         {inputMap, AffineMap::get(loops.size(), 0, kernel, op.getContext())},
                         [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], f32); });
    value = windows.cut(value, front);
    value = compute(rewriter, op, result, element, value, rewriter.getMultiDimIdentityMap(result.size()),
                    [&](OpBuilder &b, Location l, ValueRange v) {
                      Value mean = v[0];
                      if constexpr (join == Join::sum) {
                        std::optional<int64_t> divisor = op.getDivisorOverride();
                        mean = arith::DivFOp::create(b, l, mean,
                                                     divisor ? floatConstant(b, l, static_cast<double>(*divisor), f32)
                                                             : countOf(b, l, op, given, spatial));
                      }
                      return toFloat(b, l, mean, element);
                    });
    rewriter.replaceOp(op, op.getChannelsLast() ? turnChannels(rewriter, op, value, asGiven, /*toLast=*/true) : value);
    return success();
  }

  // How many elements of a window count, as f32. What hangs over the end's padding never does.
  static Value countOf(OpBuilder &b, Location l, Op op, const ir::Windows &windows, ArrayRef<Dim> spatial) {
    bool withPadding = false;
    if constexpr (std::is_same_v<Op, ir::AvgPoolOp>)
      withPadding = op.getCountIncludePad();
    Value count;
    for (unsigned axis = 0; axis < windows.rank(); ++axis) {
      Value from = linalg::IndexOp::create(b, l, axis + 2); // from here on counted from the padding's beginning
      from = arith::MulIOp::create(b, l, from, indexOf(b, l, windows.strides[axis]));
      Value to = arith::AddIOp::create(b, l, from, indexOf(b, l, windows.kernel[axis]));
      ir::DimExpr size = ir::exprOf(spatial[axis]);
      Value end = sizeOf(b, op, size + windows.begin[axis] + (withPadding ? windows.end[axis] : 0));
      to = arith::MinSIOp::create(b, l, to, end);
      if (!withPadding)
        from = arith::MaxSIOp::create(b, l, from, indexOf(b, l, windows.begin[axis]));
      Value here = arith::SubIOp::create(b, l, to, from);
      count = count ? arith::MulIOp::create(b, l, count, here) : here;
    }
    return asFloat(b, l, count);
  }
};

// Where window `index` of `count` begins and ends in `size` elements.
std::pair<Value, Value> adaptiveWindow(OpBuilder &b, Location l, Value index, int64_t count, Value size) {
  Value n = indexOf(b, l, count), from = arith::MulIOp::create(b, l, index, size);
  Value to = arith::AddIOp::create(b, l, from, arith::AddIOp::create(b, l, size, indexOf(b, l, count - 1)));
  return {arith::DivUIOp::create(b, l, from, n), arith::DivUIOp::create(b, l, to, n)};
}

template <class Op, Join join> struct LowerAdaptivePool : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), result = ir::dimsOf(op.getType());
    Type element = op.getType().getElementType();
    if (isEmpty(result)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, result, element));
      return success();
    }
    ArrayRef<Dim> spatial = ArrayRef(dims).drop_front(2);
    ArrayRef<int64_t> counts = op.getSize();
    bool isEven = llvm::all_of(llvm::zip(spatial, counts), [](auto pair) {
      auto [dim, count] = pair;
      return ir::exprOf(dim).dividedBy(count).has_value();
    });
    Value value = isEven ? even(op, adaptor.getInput(), rewriter) : uneven(op, adaptor.getInput(), rewriter);
    value = compute(rewriter, op, result, element, value, rewriter.getMultiDimIdentityMap(result.size()),
                    [&](OpBuilder &b, Location l, ValueRange v) {
                      Value mean = v[0];
                      if constexpr (join == Join::sum) {
                        Value total;
                        for (auto [axis, dim] : llvm::enumerate(spatial)) {
                          Value index = linalg::IndexOp::create(b, l, axis + 2);
                          auto [from, to] = adaptiveWindow(b, l, index, counts[axis], sizeOf(b, op, dim));
                          Value here = arith::SubIOp::create(b, l, to, from);
                          total = total ? arith::MulIOp::create(b, l, total, here) : here;
                        }
                        mean = arith::DivFOp::create(b, l, mean, asFloat(b, l, total));
                      }
                      return toFloat(b, l, mean, element);
                    });
    rewriter.replaceOp(op, value);
    return success();
  }

  // Windows of one size that do not overlap: axes of their own.
  static Value even(Op op, Value input, OpBuilder &builder) {
    Dims dims = ir::dimsOf(op.getInput().getType()), split(ArrayRef(dims).take_front(2));
    SmallVector<int64_t> joined;
    for (auto [dim, count] : llvm::zip(ArrayRef(dims).drop_front(2), op.getSize())) {
      split.push_back(Dim{count, {}});
      joined.push_back(split.size());
      split.push_back(ir::dimOf(*ir::exprOf(dim).dividedBy(count), op.getContext()));
    }
    Type f32 = builder.getF32Type();
    input = reshape(builder, op, input, dims, split);
    return reduce(builder, op, join, split, joined, f32, input, builder.getMultiDimIdentityMap(split.size()),
                  [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], f32); });
  }

  // Windows of sizes that differ by two at most: each place of the greatest is looked at, if it is in the window.
  static Value uneven(Op op, Value input, OpBuilder &builder) {
    Dims dims = ir::dimsOf(op.getInput().getType()), loops = ir::dimsOf(op.getType()), sizes;
    ArrayRef<int64_t> counts = op.getSize();
    unsigned rank = counts.size();
    for (auto [dim, count] : llvm::zip(ArrayRef(dims).drop_front(2), counts))
      sizes.push_back(ir::dimOf((ir::exprOf(dim) + (count - 1)).floorDiv(count) + 1, op.getContext()));
    auto joined = llvm::to_vector(llvm::seq<int64_t>(loops.size(), loops.size() + rank));
    SmallVector<unsigned> window(joined.begin(), joined.end());
    loops.append(sizes);
    Type f32 = builder.getF32Type();
    return reduce(builder, op, join, loops, joined, f32, windowShape(builder, op, sizes),
                  mapOf(builder, loops.size(), window), [&](OpBuilder &b, Location l, ValueRange) -> Value {
                    SmallVector<Value> place{linalg::IndexOp::create(b, l, 0), linalg::IndexOp::create(b, l, 1)};
                    Value within;
                    for (unsigned axis = 0; axis < rank; ++axis) {
                      Value index = linalg::IndexOp::create(b, l, axis + 2);
                      auto [from, to] = adaptiveWindow(b, l, index, counts[axis], sizeOf(b, op, dims[axis + 2]));
                      Value at = arith::AddIOp::create(b, l, from, linalg::IndexOp::create(b, l, rank + 2 + axis));
                      Value here = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, at, to);
                      within = within ? arith::AndIOp::create(b, l, within, here) : here;
                      Value last = arith::SubIOp::create(b, l, to, indexOf(b, l, 1));
                      place.push_back(arith::MinSIOp::create(b, l, at, last));
                    }
                    Value value = toFloat(b, l, tensor::ExtractOp::create(b, l, input, place), f32);
                    return arith::SelectOp::create(b, l, within, value, neutral(b, l, join, f32));
                  });
  }
};
} // namespace

void addPoolPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerPool<ir::MaxPoolOp, Join::maximum>, LowerPool<ir::AvgPoolOp, Join::sum>,
               LowerAdaptivePool<ir::AdaptiveMaxPoolOp, Join::maximum>,
               LowerAdaptivePool<ir::AdaptiveAvgPoolOp, Join::sum>>(types, patterns.getContext());
}

} // namespace varve::lower
