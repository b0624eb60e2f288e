// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rope and attention, in f32. Heads that share keys and values are one more loop: nothing is repeated in memory.
#include "lib/lower/Loops.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// Both elements of a pair are computed by one nest: (a, b) to (a cos + -b sin, b cos + a sin).
struct LowerRope : OpConversionPattern<ir::RopeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::RopeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType()), angles = ir::dimsOf(op.getCos().getType());
    Dim pairs = angles.back(), two{2, {}};
    bool half = op.getPairing() == "half";
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType();

    Dims part{dims[0], dims[1], dims[2], pairs};
    SmallVector<int64_t> steps{1, 1, 1, half ? 1 : 2};
    Value a = slice(rewriter, op, adaptor.getInput(), {0, 0, 0, 0}, part, steps);
    Value b = slice(rewriter, op, adaptor.getInput(), {0, 0, 0, half ? ir::exprOf(pairs) : 1}, part, steps);

    // (batch, seq, head, which of the pair, pair), or the last two the other way.
    Dims loops{dims[0], dims[1], dims[2], half ? two : pairs, half ? pairs : two};
    unsigned which = half ? 3 : 4, pair = half ? 4 : 3;
    AffineMap from = mapOf(rewriter, 5, {0, 1, 2, pair});
    AffineMap table = angles.size() == 2 ? mapOf(rewriter, 5, {1, pair}) : mapOf(rewriter, 5, {0, 1, pair});
    Value rotated = compute(rewriter, op, loops, element, {a, b, adaptor.getCos(), adaptor.getSin()},
                            {from, from, table, table}, [&](OpBuilder &nested, Location l, ValueRange stored) {
                              SmallVector<Value> v;
                              for (Value scalar : stored)
                                v.push_back(toFloat(nested, l, scalar, f32));
                              Value index = linalg::IndexOp::create(nested, l, which);
                              Value zero = arith::ConstantIndexOp::create(nested, l, 0);
                              Value first = arith::CmpIOp::create(nested, l, arith::CmpIPredicate::eq, index, zero);
                              Value minus = arith::NegFOp::create(nested, l, v[1]);
                              Value own = arith::SelectOp::create(nested, l, first, v[0], v[1]);
                              Value other = arith::SelectOp::create(nested, l, first, minus, v[0]);
                              own = arith::MulFOp::create(nested, l, own, v[2]);
                              other = arith::MulFOp::create(nested, l, other, v[3]);
                              return toFloat(nested, l, arith::AddFOp::create(nested, l, own, other), element);
                            });
    rewriter.replaceOp(op, reshape(rewriter, op, rotated, loops, dims));
    return success();
  }
};

// The names of the loops: query [B, T, H, D], key [B, S, Hkv, D], value [B, S, Hkv, Dv]; H is Hkv * group.
struct Heads {
  Dim batch, queries, heads, size, keys, shared, group, valueSize;
  explicit Heads(ir::AttentionOp op) {
    Dims q = ir::dimsOf(op.getQuery().getType()), v = ir::dimsOf(op.getValue().getType());
    batch = q[0], queries = q[1], heads = q[2], size = q[3];
    keys = v[1], shared = v[2], valueSize = v[3];
    if (heads != shared)
      group = ir::dimOf(ir::exprOf(heads).dividedBy(ir::exprOf(shared)).value_or(1), op.getContext());
  }
  Dims scores() const { return {batch, shared, group, queries, keys}; }
};

// One number of each head, for the loops of scores or a row of them.
Value ofHeads(OpBuilder &builder, ir::AttentionOp op, const Heads &h, Value numbers) {
  return reshape(builder, op, numbers, {h.heads}, {h.shared, h.group});
}

// Capped and biased; those that a query may not see become minus infinity; a mask of floats is added.
Value finishScores(OpBuilder &builder, ir::AttentionOp op, const Heads &h, Value scores, Value mask, Value slopes) {
  SmallVector<Value> inputs{scores};
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(5)};
  bool isBool = false;
  if (mask) {
    auto type = cast<RankedTensorType>(op.getMask().getType());
    isBool = type.getElementType().isInteger(1);
    Dims dims = ir::dimsOf(type);
    SmallVector<AffineExpr> exprs{dims[0].isOne() && !h.batch.isOne() ? builder.getAffineConstantExpr(0)
                                                                      : builder.getAffineDimExpr(0)};
    if (dims[1].isOne() && !h.heads.isOne()) {
      exprs.push_back(builder.getAffineConstantExpr(0));
    } else {
      mask = reshape(builder, op, mask, dims, {dims[0], h.shared, h.group, h.queries, h.keys});
      exprs.push_back(builder.getAffineDimExpr(1));
      exprs.push_back(builder.getAffineDimExpr(2));
    }
    exprs.push_back(builder.getAffineDimExpr(3));
    exprs.push_back(builder.getAffineDimExpr(4));
    inputs.push_back(mask);
    maps.push_back(AffineMap::get(5, 0, exprs, builder.getContext()));
  }
  if (slopes) {
    inputs.push_back(ofHeads(builder, op, h, slopes));
    maps.push_back(mapOf(builder, 5, {1, 2}));
  }
  bool positions = op.getCausal() || op.getWindow() || slopes;
  Value offset = positions ? sizeOf(builder, op, ir::exprOf(h.keys) - ir::exprOf(h.queries)) : Value();
  Type f32 = builder.getF32Type();
  return compute(builder, op, h.scores(), f32, inputs, maps, [&](OpBuilder &b, Location l, ValueRange v) {
    Value score = v[0], key, query;
    Value hidden = floatConstant(b, l, -std::numeric_limits<double>::infinity(), f32);
    if (positions) {
      key = linalg::IndexOp::create(b, l, 4), query = linalg::IndexOp::create(b, l, 3);
      query = arith::AddIOp::create(b, l, query, offset);
    }
    if (std::optional<APFloat> soft = op.getSoftCap()) {
      Value cap = floatConstant(b, l, soft->convertToDouble(), f32);
      Value part = math::TanhOp::create(b, l, arith::DivFOp::create(b, l, score, cap).getResult());
      score = arith::MulFOp::create(b, l, part, cap);
    }
    if (slopes) {
      Value distance = arith::IndexCastOp::create(b, l, b.getI64Type(), arith::SubIOp::create(b, l, key, query));
      distance = arith::SIToFPOp::create(b, l, f32, distance);
      Value bias = arith::MulFOp::create(b, l, toFloat(b, l, v.back(), f32), distance);
      score = arith::AddFOp::create(b, l, score, bias);
    }
    if (mask && !isBool)
      score = arith::AddFOp::create(b, l, score, toFloat(b, l, v[1], f32));
    auto keepIf = [&](arith::CmpIPredicate predicate, Value x, Value y) {
      Value visible = arith::CmpIOp::create(b, l, predicate, x, y);
      score = arith::SelectOp::create(b, l, visible, score, hidden);
    };
    if (isBool)
      keepIf(arith::CmpIPredicate::ne, v[1], arith::ConstantIntOp::create(b, l, 0, 8));
    if (op.getCausal())
      keepIf(arith::CmpIPredicate::sle, key, query);
    if (std::optional<int64_t> window = op.getWindow()) {
      Value size = arith::ConstantIndexOp::create(b, l, *window);
      keepIf(arith::CmpIPredicate::sgt, key, arith::SubIOp::create(b, l, query, size));
    }
    return score;
  });
}

struct LowerAttention : OpConversionPattern<ir::AttentionOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::AttentionOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Location location = op.getLoc();
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType();
    Heads h(op);
    Value scale;
    if (std::optional<APFloat> given = op.getScale()) {
      scale = floatConstant(rewriter, location, given->convertToDouble(), f32);
    } else if (!h.size.name) {
      scale = floatConstant(rewriter, location, 1 / std::sqrt(double(h.size.size)), f32);
    } else {
      Value root = math::SqrtOp::create(rewriter, location, floatSize(rewriter, op, h.size));
      scale = arith::DivFOp::create(rewriter, location, floatConstant(rewriter, location, 1, f32), root);
    }
    Dims grouped{h.batch, h.queries, h.shared, h.group, h.size};
    Value query = reshape(rewriter, op, adaptor.getQuery(), ir::dimsOf(op.getQuery().getType()), grouped);
    query = compute(rewriter, op, grouped, f32, query, rewriter.getMultiDimIdentityMap(5),
                    [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                      return arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), scale);
                    });

    // (batch, shared, group, query, key, element)
    Dims loops = h.scores();
    loops.push_back(h.size);
    Value scores = contract(rewriter, op, loops, /*axis=*/5, query, mapOf(rewriter, 6, {0, 3, 1, 2, 5}),
                            adaptor.getKey(), mapOf(rewriter, 6, {0, 4, 1, 5}));
    if (op.getCausal() || op.getWindow() || op.getMask() || op.getSlopes() || op.getSoftCap())
      scores = finishScores(rewriter, op, h, scores, adaptor.getMask(), adaptor.getSlopes());

    AffineMap all = rewriter.getMultiDimIdentityMap(5), row = all.dropResult(4);
    auto itself = [](OpBuilder &, Location, ValueRange v) { return v[0]; };
    Value most = reduce(rewriter, op, Join::maximum, h.scores(), 4, f32, scores, all, itself);
    Value powers = compute(rewriter, op, h.scores(), f32, {scores, most}, {all, row},
                           [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                             // Of a query that sees no key every power is 0, and not exp(-inf - -inf).
                             Value none = floatConstant(b, l, -std::numeric_limits<double>::infinity(), f32);
                             Value blind = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, v[1], none);
                             Value from = arith::SelectOp::create(b, l, blind, floatConstant(b, l, 0, f32), v[1]);
                             return math::ExpOp::create(b, l, arith::SubFOp::create(b, l, v[0], from).getResult());
                           });
    Value sums = reduce(rewriter, op, Join::sum, h.scores(), 4, f32, powers, all, itself);
    if (adaptor.getSinks()) {
      Value sinks = ofHeads(rewriter, op, h, adaptor.getSinks());
      AffineMap each = rewriter.getMultiDimIdentityMap(4);
      sums = compute(rewriter, op, ArrayRef(h.scores()).drop_back(), f32, {sums, most, sinks},
                     {each, each, mapOf(rewriter, 4, {1, 2})}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                       Value zero = floatConstant(b, l, 0, f32);
                       Value blind = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, v[0], zero);
                       Value less = arith::SubFOp::create(b, l, toFloat(b, l, v[2], f32), v[1]);
                       Value sum = arith::AddFOp::create(b, l, v[0], math::ExpOp::create(b, l, less).getResult());
                       return arith::SelectOp::create(b, l, blind, zero, sum);
                     });
    }

    // (batch, query, shared, group, key, element); divided by the sums at the end, where it is fewer numbers.
    loops = {h.batch, h.queries, h.shared, h.group, h.keys, h.valueSize};
    Value mixed = contract(rewriter, op, loops, /*axis=*/4, powers, mapOf(rewriter, 6, {0, 2, 3, 1, 4}),
                           adaptor.getValue(), mapOf(rewriter, 6, {0, 4, 2, 5}));
    Dims results{h.batch, h.queries, h.shared, h.group, h.valueSize};
    mixed = compute(rewriter, op, results, element, {mixed, sums}, {all, mapOf(rewriter, 5, {0, 2, 3, 1})},
                    [&](OpBuilder &b, Location l, ValueRange v) {
                      Value zero = floatConstant(b, l, 0, f32), one = floatConstant(b, l, 1, f32);
                      Value blind = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, v[1], zero);
                      Value sum = arith::SelectOp::create(b, l, blind, one, v[1]);
                      return toFloat(b, l, arith::DivFOp::create(b, l, v[0], sum), element);
                    });
    rewriter.replaceOp(op, reshape(rewriter, op, mixed, results, ir::dimsOf(op.getType())));
    return success();
  }
};
} // namespace

void addAttentionPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerRope, LowerAttention>(types, patterns.getContext());
}

} // namespace varve::lower
