// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Softmax and the norms: reductions to a number for each row, in f32, then one pass over the elements.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// What the passes over one input share: its loops, and how the input and the numbers of its rows are read in them.
struct Rows {
  OpBuilder &builder;
  Operation *at;
  Dims dims, rows;
  int64_t axis;
  AffineMap all, row;
  Type f32;

  Rows(OpBuilder &builder, Operation *at, RankedTensorType type, int64_t axis)
      : builder(builder), at(at), dims(ir::dimsOf(type)), rows(ir::withoutAxes(dims, axis, /*keepDims=*/false)),
        axis(axis), all(builder.getMultiDimIdentityMap(dims.size())), row(all.dropResult(axis)),
        f32(builder.getF32Type()) {}

  // One number for each row: of the input, and of numbers that the rows have.
  Value reduced(Join join, Value input, ValueRange numbers, Body body) const {
    SmallVector<Value> inputs{input};
    llvm::append_range(inputs, numbers);
    SmallVector<AffineMap> maps(inputs.size(), row);
    maps[0] = all;
    return reduce(builder, at, join, dims, axis, f32, inputs, maps, body);
  }
  // A number for each row from another.
  Value each(Value numbers, Body body) const {
    return compute(builder, at, rows, f32, numbers, builder.getMultiDimIdentityMap(rows.size()), body);
  }
};

struct LowerSoftmax : OpConversionPattern<ir::SoftmaxOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::SoftmaxOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    Rows rows(rewriter, op, type, *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), type.getRank()));
    Type f32 = rows.f32, element = type.getElementType();
    auto wide = [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], f32); };
    // A NaN makes the sum, and with it all of the row, NaN: the maximum need not, and that is one instruction.
    Value most = rows.reduced(Join::maximumNumber, adaptor.getInput(), {}, wide);
    // In a row of minus infinities the difference is NaN, and so is the result.
    Value powers = compute(rewriter, op, rows.dims, f32, {adaptor.getInput(), most}, {rows.all, rows.row},
                           [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                             Value difference = arith::SubFOp::create(b, l, wide(b, l, v), v[1]);
                             auto power = math::ExpOp::create(b, l, difference);
                             power->setDiscardableAttr(kOfNegative, b.getUnitAttr());
                             return power;
                           });
    Value sum = rows.reduced(Join::sum, powers, {}, wide);
    // One division for each row.
    Value scale = rows.each(sum, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      return arith::DivFOp::create(b, l, floatConstant(b, l, 1, f32), v[0]);
    });
    rewriter.replaceOp(op, compute(rewriter, op, rows.dims, element, {powers, scale}, {rows.all, rows.row},
                                   [&](OpBuilder &b, Location l, ValueRange v) {
                                     return toFloat(b, l, arith::MulFOp::create(b, l, v[0], v[1]), element);
                                   }));
    return success();
  }
};

// 1 / sqrt(sum / n + epsilon) for each row.
Value inverseRoots(const Rows &rows, Value sums, Value count, const APFloat &epsilon) {
  return rows.each(sums, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value mean = arith::DivFOp::create(b, l, v[0], count);
    mean = arith::AddFOp::create(b, l, mean, floatConstant(b, l, epsilon.convertToDouble(), rows.f32));
    Value root = math::SqrtOp::create(b, l, mean);
    return arith::DivFOp::create(b, l, floatConstant(b, l, 1, rows.f32), root);
  });
}

struct LowerLayerNorm : OpConversionPattern<ir::LayerNormOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::LayerNormOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    unsigned rank = type.getRank();
    Rows rows(rewriter, op, type, rank - 1);
    Type f32 = rows.f32, element = type.getElementType();
    Value input = adaptor.getInput(), count = floatSize(rewriter, op, rows.dims.back());
    auto fromMean = [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      return arith::SubFOp::create(b, l, toFloat(b, l, v[0], f32), v[1]);
    };
    Value sum = rows.reduced(Join::sum, input, {},
                             [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], f32); });
    Value mean = rows.each(
        sum, [&](OpBuilder &b, Location l, ValueRange v) -> Value { return arith::DivFOp::create(b, l, v[0], count); });
    Value squares = rows.reduced(Join::sum, input, mean, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value distance = fromMean(b, l, v);
      return arith::MulFOp::create(b, l, distance, distance);
    });
    Value roots = inverseRoots(rows, squares, count, op.getEpsilon());

    AffineMap column = mapOf(rewriter, rank, rank - 1);
    SmallVector<Value> inputs{input, mean, roots, adaptor.getWeight()};
    SmallVector<AffineMap> maps{rows.all, rows.row, rows.row, column};
    if (Value bias = adaptor.getBias()) {
      inputs.push_back(bias);
      maps.push_back(column);
    }
    rewriter.replaceOp(
        op, compute(rewriter, op, rows.dims, element, inputs, maps, [&](OpBuilder &b, Location l, ValueRange v) {
          Value value = arith::MulFOp::create(b, l, fromMean(b, l, v), v[2]);
          value = arith::MulFOp::create(b, l, value, toFloat(b, l, v[3], f32));
          if (v.size() > 4)
            value = arith::AddFOp::create(b, l, value, toFloat(b, l, v[4], f32));
          return toFloat(b, l, value, element);
        }));
    return success();
  }
};

struct LowerRmsNorm : OpConversionPattern<ir::RmsNormOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::RmsNormOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    unsigned rank = type.getRank();
    Rows rows(rewriter, op, type, rank - 1);
    Type f32 = rows.f32, element = type.getElementType();
    Value input = adaptor.getInput(), count = floatSize(rewriter, op, rows.dims.back());
    Value squares = rows.reduced(Join::sum, input, {}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value wide = toFloat(b, l, v[0], f32);
      return arith::MulFOp::create(b, l, wide, wide);
    });
    Value roots = inverseRoots(rows, squares, count, op.getEpsilon());
    rewriter.replaceOp(op, compute(rewriter, op, rows.dims, element, {input, roots, adaptor.getWeight()},
                                   {rows.all, rows.row, mapOf(rewriter, rank, rank - 1)},
                                   [&](OpBuilder &b, Location l, ValueRange v) {
                                     Value value = arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), v[1]);
                                     // Hugging Face's Llama multiplies by the weight in the input's type.
                                     value = toFloat(b, l, toFloat(b, l, value, element), f32);
                                     value = arith::MulFOp::create(b, l, value, toFloat(b, l, v[2], f32));
                                     return toFloat(b, l, value, element);
                                   }));
    return success();
  }
};

// value * weight + bias, for as many parameters as there are; all f32.
Value applyParameters(OpBuilder &b, Location l, Value value, ValueRange parameters) {
  Type f32 = b.getF32Type();
  if (!parameters.empty())
    value = arith::MulFOp::create(b, l, value, toFloat(b, l, parameters[0], f32));
  if (parameters.size() > 1)
    value = arith::AddFOp::create(b, l, value, toFloat(b, l, parameters[1], f32));
  return value;
}

struct LowerGroupNorm : OpConversionPattern<ir::GroupNormOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::GroupNormOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    Dims dims = ir::dimsOf(type);
    Type f32 = rewriter.getF32Type(), element = type.getElementType();
    if (isEmpty(dims)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, dims, element));
      return success();
    }
    int64_t groups = op.getGroups();
    Dim own = ir::dimOf(*ir::exprOf(dims[1]).dividedBy(groups), getContext());
    Dim plane = ir::dimOf(ir::productOf(ArrayRef(dims).drop_front(2)), getContext());
    Dim inGroup = ir::dimOf(ir::exprOf(own) * ir::exprOf(plane), getContext());
    Dims wide{dims[0], Dim{groups, {}}, own, plane}, grouped{dims[0], Dim{groups, {}}, inGroup};
    Value input = reshape(rewriter, op, adaptor.getInput(), dims, wide);
    Rows rows(rewriter, op, ir::tensorOf(grouped, element), 2);
    Value flat = reshape(rewriter, op, input, wide, grouped), count = floatSize(rewriter, op, inGroup);
    Value sum = rows.reduced(Join::sum, flat, {},
                             [&](OpBuilder &b, Location l, ValueRange v) { return toFloat(b, l, v[0], f32); });
    Value mean = rows.each(
        sum, [&](OpBuilder &b, Location l, ValueRange v) -> Value { return arith::DivFOp::create(b, l, v[0], count); });
    auto fromMean = [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      return arith::SubFOp::create(b, l, toFloat(b, l, v[0], f32), v[1]);
    };
    Value squares = rows.reduced(Join::sum, flat, mean, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value distance = fromMean(b, l, v);
      return arith::MulFOp::create(b, l, distance, distance);
    });
    Value roots = inverseRoots(rows, squares, count, op.getEpsilon());

    AffineMap group = mapOf(rewriter, 4, {0, 1}), channel = mapOf(rewriter, 4, {1, 2});
    SmallVector<Value> inputs{input, mean, roots};
    SmallVector<AffineMap> maps{rewriter.getMultiDimIdentityMap(4), group, group};
    for (Value parameter : adaptor.getParameters()) {
      inputs.push_back(reshape(rewriter, op, parameter, {dims[1]}, {Dim{groups, {}}, own}));
      maps.push_back(channel);
    }
    Value result = compute(rewriter, op, wide, element, inputs, maps, [&](OpBuilder &b, Location l, ValueRange v) {
      Value value = arith::MulFOp::create(b, l, fromMean(b, l, v), v[2]);
      return toFloat(b, l, applyParameters(b, l, value, v.drop_front(3)), element);
    });
    rewriter.replaceOp(op, reshape(rewriter, op, result, wide, dims));
    return success();
  }
};

// What is the same for all elements of a channel is computed once.
struct LowerBatchNorm : OpConversionPattern<ir::BatchNormOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::BatchNormOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    Dims dims = ir::dimsOf(type);
    Type f32 = rewriter.getF32Type(), element = type.getElementType();
    if (isEmpty(dims)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op, dims, element));
      return success();
    }
    unsigned axis = ir::channelAxis(dims.size(), op.getChannelsLast());
    Dims wide(dims); // a plane is one axis
    if (!op.getChannelsLast())
      wide = {dims[0], dims[1], ir::dimOf(ir::productOf(ArrayRef(dims).drop_front(2)), getContext())};
    AffineMap each = rewriter.getMultiDimIdentityMap(1), channel = mapOf(rewriter, wide.size(), {axis});
    SmallVector<Value> numbers{adaptor.getVariance()};
    llvm::append_range(numbers, adaptor.getParameters().take_front(1));
    Value scale = compute(rewriter, op, dims[axis], f32, numbers, SmallVector<AffineMap>(numbers.size(), each),
                          [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                            Value epsilon = floatConstant(b, l, op.getEpsilon().convertToDouble(), f32);
                            Value root = math::SqrtOp::create(
                                b, l, arith::AddFOp::create(b, l, toFloat(b, l, v[0], f32), epsilon).getResult());
                            Value inverse = arith::DivFOp::create(b, l, floatConstant(b, l, 1, f32), root);
                            return applyParameters(b, l, inverse, v.drop_front(1));
                          });
    numbers = {adaptor.getMean(), scale};
    llvm::append_range(numbers,
                       adaptor.getParameters().drop_front(std::min<size_t>(1, adaptor.getParameters().size())));
    Value shift = compute(rewriter, op, dims[axis], f32, numbers, SmallVector<AffineMap>(numbers.size(), each),
                          [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                            Value bias = v.size() > 2 ? toFloat(b, l, v[2], f32) : floatConstant(b, l, 0, f32);
                            Value mean = arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), v[1]);
                            return arith::SubFOp::create(b, l, bias, mean);
                          });
    Value result = compute(
        rewriter, op, wide, element, {reshape(rewriter, op, adaptor.getInput(), dims, wide), scale, shift},
        {rewriter.getMultiDimIdentityMap(wide.size()), channel, channel}, [&](OpBuilder &b, Location l, ValueRange v) {
          Value value = arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), v[1]);
          return toFloat(b, l, arith::AddFOp::create(b, l, value, v[2]), element);
        });
    rewriter.replaceOp(op, reshape(rewriter, op, result, wide, dims));
    return success();
  }
};
} // namespace

void addNormalizePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerSoftmax, LowerLayerNorm, LowerRmsNorm, LowerGroupNorm, LowerBatchNorm>(types,
                                                                                           patterns.getContext());
}

} // namespace varve::lower
