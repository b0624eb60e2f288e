// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolutions: for each output channel, vectors of windows that are multiplied by one weight after the other, in f32.
#include "lib/lower/nn/Windows.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
AffineMap mapTo(OpBuilder &builder, unsigned loops, ArrayRef<AffineExpr> exprs) {
  return AffineMap::get(loops, 0, exprs, builder.getContext());
}

// The expressions of `count` loops from one on; which is then the next.
SmallVector<AffineExpr> take(OpBuilder &builder, unsigned &loop, unsigned count) {
  SmallVector<AffineExpr> exprs;
  for (unsigned end = loop + count; loop < end; ++loop)
    exprs.push_back(builder.getAffineDimExpr(loop));
  return exprs;
}

// The sums plus the bias of their output channel, in the result's type. Sums are read where the map finds them in loops
// over [batch, group, channel, spatial..].
Value addBias(OpBuilder &builder, Operation *at, Value sums, AffineMap map, Value bias, ArrayRef<Dim> grouped,
              Type element) {
  SmallVector<Value> inputs{sums};
  SmallVector<AffineMap> maps{map};
  if (bias) {
    Dim channels = ir::dimOf(ir::productOf(grouped.slice(1, 2)), at->getContext());
    inputs.push_back(reshape(builder, at, bias, {channels}, grouped.slice(1, 2)));
    maps.push_back(mapOf(builder, grouped.size(), {1, 2}));
  }
  Type f32 = builder.getF32Type();
  return compute(builder, at, grouped, element, inputs, maps, [&](OpBuilder &b, Location l, ValueRange v) {
    Value sum = v[0];
    if (bias)
      sum = arith::AddFOp::create(b, l, sum, toFloat(b, l, v[1], f32));
    return toFloat(b, l, sum, element);
  });
}

// The batch, the groups and what a group has of some channels.
Dims groupedDims(MLIRContext *context, const Dim &batch, int64_t groups, const Dim &channels) {
  return {batch, Dim{groups, {}}, ir::dimOf(*ir::exprOf(channels).dividedBy(groups), context)};
}

// A weight for Winograd's F(2x2, 3x3) as it was before: of U = G g G' it is H U H', but for what rounding does.
Value unpackWinograd(OpBuilder &builder, ir::ConvOp op, Value weight) {
  auto type = op.getWeight().getType();
  int64_t rows = cast<ir::PanelsAttr>(type.getEncoding()).getRows(), channels = type.getDimSize(1);
  Type f32 = builder.getF32Type();
  float values[] = {1, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0, 1};
  Value back = arith::ConstantOp::create(builder, op.getLoc(),
                                         DenseElementsAttr::get(RankedTensorType::get({3, 4}, f32), ArrayRef(values)));
  Dims loops = ir::dimsOf(type);
  loops.append(2, Dim{4, {}});
  AffineExpr d[6];
  bindDimsList(builder.getContext(), MutableArrayRef(d));
  AffineExpr column = (d[4] * 4 + d[5]) * channels + d[1];
  return reduce(builder, op, Join::sum, loops, {4, 5}, f32, {weight, back, back},
                {mapTo(builder, 6, {d[0].floorDiv(rows), column, d[0] % rows}), mapTo(builder, 6, {d[2], d[4]}),
                 mapTo(builder, 6, {d[3], d[5]})},
                [](OpBuilder &b, Location l, ValueRange v) -> Value {
                  return arith::MulFOp::create(b, l, arith::MulFOp::create(b, l, v[0], v[1]), v[2]);
                });
}

// A weight in panels as it is without: [out, channels, kernel..].
Value unpack(OpBuilder &builder, ir::ConvOp op, Value weight) {
  auto panels = dyn_cast_or_null<ir::PanelsAttr>(op.getWeight().getType().getEncoding());
  Dims dims = ir::dimsOf(op.getWeight().getType());
  if (!panels)
    return weight;
  if (panels.getWinograd())
    return unpackWinograd(builder, op, weight);
  AffineExpr out = builder.getAffineDimExpr(0), column = builder.getAffineConstantExpr(0);
  for (auto [axis, dim] : llvm::enumerate(ArrayRef(dims).drop_front()))
    column = column * dim.size + builder.getAffineDimExpr(axis + 1);
  int64_t rows = panels.getRows();
  return compute(builder, op, dims, op.getWeight().getType().getElementType(), weight,
                 mapTo(builder, dims.size(), {out.floorDiv(rows), column, out % rows}),
                 [](OpBuilder &, Location, ValueRange v) { return v[0]; });
}

struct LowerConv : OpConversionPattern<ir::ConvOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ConvOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), kernel = ir::dimsOf(op.getWeight().getType()),
         result = ir::dimsOf(op.getType()), given = result;
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType();
    if (isEmpty(result)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, result, element));
      return success();
    }
    Value image = adaptor.getInput();
    bool channelsLast = op.getChannelsLast();
    if (channelsLast) {
      dims = withChannelsFirst(dims), result = withChannelsFirst(result);
      image = turnChannels(rewriter, op, image, dims, /*toLast=*/false);
    }
    int64_t groups = op.getGroups();
    Dims lead = groupedDims(getContext(), dims[0], groups, dims[1]),
         front = groupedDims(getContext(), dims[0], groups, result[1]);
    ArrayRef<Dim> spatial = ArrayRef(dims).drop_front(2), counts = ArrayRef(result).drop_front(2),
                  sizes = ArrayRef(kernel).drop_front(2);
    unsigned rank = spatial.size();

    Dims split(lead), weights{front[1], front[2]};
    split.append(spatial.begin(), spatial.end());
    weights.append(kernel.begin() + 1, kernel.end());
    Value input = reshape(rewriter, op, image, dims, split);
    Value weight = reshape(rewriter, op, unpack(rewriter, op, adaptor.getWeight()), kernel, weights);
    SlidingWindows windows(rewriter, op, *op.windows(), lead, spatial, counts);
    input = windows.layOut(input, floatConstant(rewriter, op.getLoc(), 0, f32));

    // (batch, group, out, windows.., channel, kernel..)
    Dims loops(front), over = windows.loops();
    loops.append(over);
    auto summed = llvm::to_vector(llvm::seq<int64_t>(loops.size(), loops.size() + 1 + rank));
    loops.push_back(lead[2]);
    loops.append(sizes.begin(), sizes.end());
    unsigned next = 0;
    SmallVector<AffineExpr> outer = take(rewriter, next, 3), window = take(rewriter, next, over.size()),
                            channel = take(rewriter, next, 1), element_ = take(rewriter, next, rank);
    SmallVector<AffineExpr> weightPlace{outer[1], outer[2], channel[0]};
    weightPlace.append(element_);
    AffineMap inputMap = mapTo(rewriter, next, windows.place({outer[0], outer[1], channel[0]}, window, element_));
    Value sums =
        reduce(rewriter, op, Join::sum, loops, summed, f32, {input, weight},
               {inputMap, mapTo(rewriter, next, weightPlace)}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                 return arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), toFloat(b, l, v[1], f32));
               });
    sums = windows.cut(sums, front);
    Dims grouped(front);
    grouped.append(counts.begin(), counts.end());
    Value total = addBias(rewriter, op, sums, rewriter.getMultiDimIdentityMap(grouped.size()), adaptor.getBias(),
                          grouped, element);
    total = reshape(rewriter, op, total, grouped, result);
    rewriter.replaceOp(op, channelsLast ? turnChannels(rewriter, op, total, given, /*toLast=*/true) : total);
    return success();
  }
};

// Element e of the kernel, of an input at i, adds to i * stride + e of the result before it is cut. So the result falls into
// `stride` phases, each the convolution of the input with every stride-th weight, turned round.
struct LowerConvTranspose : OpConversionPattern<ir::ConvTransposeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ConvTransposeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), kernel = ir::dimsOf(op.getWeight().getType()),
         result = ir::dimsOf(op.getType());
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType();
    if (isEmpty(result)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, result, element));
      return success();
    }
    int64_t groups = op.getGroups();
    ir::Windows given = *op.windows(), turned;
    unsigned rank = given.rank();
    Dims lead = groupedDims(getContext(), dims[0], groups, dims[1]),
         front = groupedDims(getContext(), dims[0], groups, result[1]);
    Dims split(lead), weights{lead[1], lead[2], front[2]}, counts, phased(front);
    split.append(dims.begin() + 2, dims.end());
    weights.append(kernel.begin() + 2, kernel.end());
    Value input = reshape(rewriter, op, adaptor.getInput(), dims, split);
    Value weight = reshape(rewriter, op, adaptor.getWeight(), kernel, weights);
    for (unsigned axis = 0; axis < rank; ++axis) {
      int64_t stride = given.strides[axis];
      // As many weights in each phase, with zeros between and behind them.
      turned.kernel.push_back(stride == 1 ? given.kernel[axis] : int64_t(llvm::divideCeil(given.extent(axis), stride)));
      turned.dilations.push_back(stride == 1 ? given.dilations[axis] : 1);
      turned.strides.push_back(1);
      turned.begin.push_back(turned.extent(axis) - 1);
      ir::DimExpr size = ir::exprOf(dims[axis + 2]), last = ir::exprOf(result[axis + 2]) + given.begin[axis] - 1;
      counts.push_back(ir::dimOf(last.floorDiv(stride) + 1, getContext()));
      // What is beyond the input, by a number that does not depend on its size; less than 0: the result is cut there.
      turned.end.push_back(std::max<int64_t>(0, (ir::exprOf(counts[axis]) - size).constant().value_or(0)));
      phased.push_back(Dim{stride, {}});
    }
    weight = spread(rewriter, op, weight, weights, given, turned);
    SlidingWindows windows(rewriter, op, turned, lead, ArrayRef(dims).drop_front(2), counts);
    input = windows.layOut(input, floatConstant(rewriter, op.getLoc(), 0, f32));

    // (batch, group, out, phases.., windows.., channel, kernel..)
    Dims loops(phased), over = windows.loops();
    loops.append(over);
    auto summed = llvm::to_vector(llvm::seq<int64_t>(loops.size(), loops.size() + 1 + rank));
    loops.push_back(lead[2]);
    Dims sizes;
    for (int64_t size : turned.kernel)
      sizes.push_back(Dim{size, {}});
    loops.append(sizes);
    unsigned next = 0;
    SmallVector<AffineExpr> outer = take(rewriter, next, 3), phase = take(rewriter, next, rank),
                            window = take(rewriter, next, over.size()), channel = take(rewriter, next, 1),
                            element_ = take(rewriter, next, rank), backwards;
    SmallVector<AffineExpr> weightPlace{outer[1], channel[0], outer[2]};
    for (unsigned axis = 0; axis < rank; ++axis) {
      backwards.push_back((turned.kernel[axis] - 1) - element_[axis]);
      weightPlace.push_back(given.strides[axis] == 1 ? element_[axis]
                                                     : element_[axis] * given.strides[axis] + phase[axis]);
    }
    AffineMap inputMap = mapTo(rewriter, next, windows.place({outer[0], outer[1], channel[0]}, window, backwards));
    Value sums = reduce(rewriter, op, Join::sum, loops, summed, f32, {input, weight, windowShape(rewriter, op, sizes)},
                        {inputMap, mapTo(rewriter, next, weightPlace), mapTo(rewriter, next, element_)},
                        [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                          return arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), toFloat(b, l, v[1], f32));
                        });
    sums = windows.cut(sums, phased);

    Dims grouped(front);
    grouped.append(result.begin() + 2, result.end());
    next = 0;
    SmallVector<AffineExpr> place = take(rewriter, next, 3), spatial = take(rewriter, next, rank), cells;
    for (unsigned axis = 0; axis < rank; ++axis) {
      AffineExpr whole = spatial[axis] + given.begin[axis];
      place.push_back(whole % given.strides[axis]);
      cells.push_back(whole.floorDiv(given.strides[axis]));
    }
    place.append(cells);
    Value total = addBias(rewriter, op, sums, mapTo(rewriter, next, place), adaptor.getBias(), grouped, element);
    rewriter.replaceOp(op, reshape(rewriter, op, total, grouped, result));
    return success();
  }

  // The weights [group, channel, out, kernel..] at their places in a kernel that the strides divide, zeros elsewhere. Along an
  // axis of stride 1 they stay.
  static Value spread(OpBuilder &builder, Operation *at, Value weight, ArrayRef<Dim> dims, const ir::Windows &given,
                      const ir::Windows &turned) {
    Dims wide(dims.take_front(3));
    SmallVector<OpFoldResult> offsets(dims.size(), builder.getIndexAttr(0)), steps(3, builder.getIndexAttr(1));
    for (unsigned axis = 0; axis < given.rank(); ++axis) {
      bool stays = given.strides[axis] == 1;
      wide.push_back(Dim{stays ? given.kernel[axis] : turned.kernel[axis] * given.strides[axis], {}});
      steps.push_back(builder.getIndexAttr(stays ? 1 : given.dilations[axis]));
    }
    if (wide == Dims(dims) || isEmpty(dims))
      return weight;
    Value zero = floatConstant(builder, at->getLoc(), 0, cast<RankedTensorType>(weight.getType()).getElementType());
    return tensor::InsertSliceOp::create(builder, at->getLoc(), weight, filledTensor(builder, at, wide, zero), offsets,
                                         sizesOf(builder, at, dims), steps);
  }
};
} // namespace

void addConvPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerConv, LowerConvTranspose>(types, patterns.getContext());
}

} // namespace varve::lower
