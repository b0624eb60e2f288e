// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products become linalg.generic with f32 accumulators; the target finds them by their shape.
#include "lib/lower/Decode.h"
#include "lib/lower/Loops.h"
#include <algorithm>

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
// So many elements of a weight in blocks are decoded at a time: 1 MB, which the second-level cache holds.
constexpr int64_t kDecoded = int64_t(1) << 18;

// input [rows, in] * weight [out, in]^T in f32, of a weight in blocks: a number of its rows at a time. In panels, the result
// has as many columns as all panels have rows.
Value multiplyDecoded(OpBuilder &builder, ir::LinearOp op, Value input, const Dim &rows, Value bytes) {
  Location location = op.getLoc();
  ArrayRef<int64_t> shape = op.getWeight().getType().getShape();
  int64_t panel = panelOf(op.getWeight().getType()), unit = std::max<int64_t>(panel, 1);
  int64_t out = llvm::divideCeil(shape[0], unit) * unit, in = shape[1];
  Encoding encoding = ir::encodingOf(op.getWeight().getType().getElementType());
  auto part = [&](OpBuilder &b, Value weight, int64_t count) {
    Value decoded = decode(b, op, weight, {Dim{count, {}}, Dim{in, {}}}, encoding, panel);
    return contract(b, op, {rows, Dim{count, {}}, Dim{in, {}}}, /*axis=*/2, input, mapOf(b, 3, {0, 2}), decoded,
                    mapOf(b, 3, {1, 2}));
  };
  int64_t step = std::clamp<int64_t>(kDecoded / std::max<int64_t>(in, 1) / unit * unit, unit, std::max(out, unit));
  if (step == out || isEmpty({rows, Dim{out, {}}, Dim{in, {}}}))
    return part(builder, bytes, out);

  Attribute zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  // Rows [from, from + count) of the weight give these columns of the result.
  auto columns = [&](OpBuilder &b, Value result, OpFoldResult from, int64_t count) -> Value {
    auto type = cast<RankedTensorType>(bytes.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), zero), sizes = tensor::getMixedSizes(b, location, bytes),
                                                             ones(type.getRank(), one);
    offsets[0] = from;
    sizes[0] = b.getIndexAttr(count / unit);
    if (unit != 1 && isa<Attribute>(from))
      offsets[0] = b.getIndexAttr(cast<IntegerAttr>(cast<Attribute>(from)).getInt() / unit);
    else if (unit != 1)
      offsets[0] =
          arith::DivUIOp::create(b, location, cast<Value>(from), arith::ConstantIndexOp::create(b, location, unit))
              .getResult();
    Value product = part(b, tensor::ExtractSliceOp::create(b, location, bytes, offsets, sizes, ones), count);
    return tensor::InsertSliceOp::create(b, location, product, result, ArrayRef<OpFoldResult>{zero, from},
                                         sizesOf(b, op, {rows, Dim{count, {}}}), ArrayRef<OpFoldResult>{one, one});
  };
  Value result = emptyTensor(builder, op, {rows, Dim{out, {}}}, builder.getF32Type());
  int64_t whole = out / step * step;
  auto index = [&](int64_t value) { return arith::ConstantIndexOp::create(builder, location, value); };
  result = scf::ForOp::create(builder, location, index(0), index(whole), index(step), result,
                              [&](OpBuilder &b, Location l, Value from, ValueRange carried) {
                                scf::YieldOp::create(b, l, columns(b, carried[0], from, step));
                              })
               .getResult(0);
  return whole == out ? result : columns(builder, result, builder.getIndexAttr(whole), out - whole);
}

// input [.., in] * weight [out, in]^T: over all rows at once; the weight is read in the layout it was packed in.
struct LowerLinear : OpConversionPattern<ir::LinearOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::LinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), resultDims = ir::dimsOf(op.getType());
    Dim rows = ir::dimOf(ir::productOf(ArrayRef(dims).drop_back()), getContext()), columns = dims.back();
    Dim out = resultDims.back();
    Value input = reshape(rewriter, op, adaptor.getInput(), dims, {rows, columns});
    input = convert(rewriter, op, input, {rows, columns}, rewriter.getF32Type());

    auto panels = dyn_cast_or_null<ir::PanelsAttr>(op.getWeight().getType().getEncoding());
    Value product;
    if (Encoding encoding = ir::encodingOf(op.getWeight().getType().getElementType()); encoding != Encoding::none) {
      remarkDecoded(op, encoding);
      product = multiplyDecoded(rewriter, op, input, rows, adaptor.getWeight());
      if (panels && out.size % panels.getRows() != 0) // the last panel is filled
        product = slice(rewriter, op, product, {0, 0}, {rows, out});
    } else if (isEmpty(dims) || isEmpty(resultDims)) {
      product = filledTensor(rewriter, op, {rows, out}, floatConstant(rewriter, op.getLoc(), 0, rewriter.getF32Type()));
    } else if (panels && panels.getGroup() != 1) {
      return op.emitOpError("expects a target that has a kernel for weights with columns in groups");
    } else if (panels) { // (m, panel, k, lane): x[m, k], w[panel, k, lane], y[m, panel, lane]
      int64_t lanes = panels.getRows(), count = llvm::divideCeil(out.size, lanes);
      Dim panelDim{count, {}}, laneDim{lanes, {}}, padded{count * lanes, {}};
      product = contract(rewriter, op, {rows, panelDim, columns, laneDim}, /*axis=*/2, input,
                         mapOf(rewriter, 4, {0, 2}), adaptor.getWeight(), mapOf(rewriter, 4, {1, 2, 3}));
      product = reshape(rewriter, op, product, {rows, panelDim, laneDim}, {rows, padded});
      if (padded.size != out.size)
        product = slice(rewriter, op, product, {0, 0}, {rows, out});
    } else {
      product = contract(rewriter, op, {rows, out, columns}, /*axis=*/2, input, mapOf(rewriter, 3, {0, 2}),
                         adaptor.getWeight(), mapOf(rewriter, 3, {1, 2}));
    }
    product = convert(rewriter, op, product, {rows, out}, op.getType().getElementType());
    rewriter.replaceOp(op, reshape(rewriter, op, product, {rows, out}, resultDims));
    return success();
  }
};

struct LowerMatmul : OpConversionPattern<ir::MatmulOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::MatmulOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType()), loops = dims;
    unsigned rank = dims.size(); // (batch.., m, n, k)
    loops.push_back(ir::dimsOf(op.getLhs().getType()).back());
    auto matrixMap = [&](RankedTensorType type, unsigned row, unsigned column) {
      Dims own = ir::dimsOf(type);
      AffineMap batch = broadcastMap(rewriter, ArrayRef(own).drop_back(2), ArrayRef(dims).drop_back(2));
      SmallVector<AffineExpr> exprs(batch.getResults());
      exprs.push_back(rewriter.getAffineDimExpr(row));
      exprs.push_back(rewriter.getAffineDimExpr(column));
      return AffineMap::get(rank + 1, 0, exprs, getContext());
    };
    Value product =
        contract(rewriter, op, loops, /*axis=*/rank, adaptor.getLhs(), matrixMap(op.getLhs().getType(), rank - 2, rank),
                 adaptor.getRhs(), matrixMap(op.getRhs().getType(), rank, rank - 1));
    rewriter.replaceOp(op, convert(rewriter, op, product, dims, op.getType().getElementType()));
    return success();
  }
};

// Which group each row is in comes from data: sizes that do not fit are reported when the run has ended, and no row is then
// outside of the groups.
struct LowerGroupedMatmul : OpConversionPattern<ir::GroupedMatmulOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::GroupedMatmulOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!op->hasAttr(convention::kNumber) || !op->getParentOfType<func::FuncOp>())
      return rewriter.notifyMatchFailure(op, "expects a grouped_matmul that was numbered, in a function");
    Dims dims = ir::dimsOf(op.getInput().getType()), matrices = ir::dimsOf(op.getWeight().getType()),
         result = ir::dimsOf(op.getType());
    Value ends = endsOf(rewriter, op, adaptor.getSizes(), matrices[0], dims[0]);
    Type f32 = rewriter.getF32Type(), element = op.getType().getElementType(), i64 = rewriter.getI64Type();
    if (isEmpty(matrices) || isEmpty(dims)) { // nothing to sum
      Value zero = arith::ConstantOp::create(rewriter, op.getLoc(), rewriter.getZeroAttr(element));
      rewriter.replaceOp(op, filledTensor(rewriter, op, result, zero));
      return success();
    }
    // (row, group): the group of a row is how many end before it.
    Value last = arith::SubIOp::create(rewriter, op.getLoc(), sizeOf(rewriter, op, matrices[0]),
                                       arith::ConstantIndexOp::create(rewriter, op.getLoc(), 1));
    Value groups = reduce(rewriter, op, Join::sum, {dims[0], matrices[0]}, 1, i64, ends, mapOf(rewriter, 2, {1}),
                          [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                            Value row = arith::IndexCastOp::create(b, l, i64, linalg::IndexOp::create(b, l, 0));
                            Value before = arith::CmpIOp::create(b, l, arith::CmpIPredicate::sle, v[0], row);
                            return arith::ExtUIOp::create(b, l, i64, before);
                          });
    // (row, out, in)
    Value product = reduce(rewriter, op, Join::sum, {dims[0], matrices[1], dims[1]}, 2, f32,
                           {adaptor.getInput(), groups, windowOf(rewriter, op, matrices[1])},
                           {mapOf(rewriter, 3, {0, 2}), mapOf(rewriter, 3, {0}), mapOf(rewriter, 3, {1})},
                           [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                             Value group = arith::IndexCastOp::create(b, l, b.getIndexType(), v[1]);
                             group = arith::MinSIOp::create(b, l, group, last);
                             Value out = linalg::IndexOp::create(b, l, 1), in = linalg::IndexOp::create(b, l, 2);
                             Value weight =
                                 tensor::ExtractOp::create(b, l, adaptor.getWeight(), ValueRange{group, out, in});
                             return arith::MulFOp::create(b, l, toFloat(b, l, v[0], f32), toFloat(b, l, weight, f32));
                           });
    rewriter.replaceOp(op, convert(rewriter, op, product, result, element));
    return success();
  }

  // Gives the loop over outputs its size, where the weight is no operand.
  static Value windowOf(OpBuilder &builder, Operation *at, const Dim &dim) {
    return emptyTensor(builder, at, dim, builder.getF32Type());
  }

  // Where each group ends, as i64. Reports a size below 0, and a sum that is not `rows`.
  static Value endsOf(OpBuilder &builder, ir::GroupedMatmulOp op, Value sizes, const Dim &groups, const Dim &rows) {
    Location location = op.getLoc();
    Type i64 = builder.getI64Type();
    auto function = op->getParentOfType<func::FuncOp>();
    Value context = function.getArgument(convention::context);
    Value number = arith::ConstantIntOp::create(builder, location,
                                                op->getAttrOfType<IntegerAttr>(convention::kNumber).getInt(), 64);
    Value bound = arith::IndexCastOp::create(builder, location, i64, sizeOf(builder, op, rows));
    auto reportIf = [&](OpBuilder &b, Location l, Value wrong, Value found) {
      scf::IfOp::create(b, l, wrong, [&](OpBuilder &then, Location where) {
        callRuntime(then, op, convention::kFail, {context, number, found, bound});
        scf::YieldOp::create(then, where);
      });
    };
    Value zero = arith::ConstantIntOp::create(builder, location, 0, 64);
    Value none = arith::ConstantIndexOp::create(builder, location, 0),
          one = arith::ConstantIndexOp::create(builder, location, 1);
    auto loop =
        scf::ForOp::create(builder, location, none, sizeOf(builder, op, groups), one,
                           ValueRange{zero, emptyTensor(builder, op, groups, i64)},
                           [&](OpBuilder &b, Location l, Value group, ValueRange carried) {
                             Value size = tensor::ExtractOp::create(b, l, sizes, group);
                             if (size.getType() != i64)
                               size = arith::ExtSIOp::create(b, l, i64, size);
                             reportIf(b, l, arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, size, zero), size);
                             Value end = arith::AddIOp::create(b, l, carried[0], size);
                             Value ends = tensor::InsertOp::create(b, l, end, carried[1], group);
                             scf::YieldOp::create(b, l, ValueRange{end, ends});
                           });
    Value total = loop.getResult(0);
    Value wrong = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ne, total, bound);
    reportIf(builder, location, wrong, total);
    return loop.getResult(1);
  }
};
} // namespace

void addContractPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerLinear, LowerMatmul, LowerGroupedMatmul>(types, patterns.getContext());
}

} // namespace varve::lower
