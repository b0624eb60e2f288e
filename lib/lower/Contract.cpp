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

// input [rows, in] * weight [out, in]^T in f32, of a weight in blocks: a number of its rows at a time.
Value multiplyDecoded(OpBuilder &builder, ir::LinearOp op, Value input, const Dim &rows, Value bytes) {
  Location location = op.getLoc();
  ArrayRef<int64_t> shape = op.getWeight().getType().getShape();
  int64_t out = shape[0], in = shape[1];
  Encoding encoding = ir::encodingOf(op.getWeight().getType().getElementType());
  auto part = [&](OpBuilder &b, Value weight, int64_t count) {
    Value decoded = decode(b, op, weight, {Dim{count, {}}, Dim{in, {}}}, encoding);
    return contract(b, op, {rows, Dim{count, {}}, Dim{in, {}}}, /*axis=*/2, input, mapOf(b, 3, {0, 2}), decoded,
                    mapOf(b, 3, {1, 2}));
  };
  int64_t step = std::clamp<int64_t>(kDecoded / std::max<int64_t>(in, 1), 1, std::max<int64_t>(out, 1));
  if (step == out || isEmpty({rows, Dim{out, {}}, Dim{in, {}}}))
    return part(builder, bytes, out);

  Attribute zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  // Rows [from, from + count) of the weight give these columns of the result.
  auto columns = [&](OpBuilder &b, Value result, OpFoldResult from, int64_t count) -> Value {
    auto type = cast<RankedTensorType>(bytes.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), zero), sizes = tensor::getMixedSizes(b, location, bytes),
                                                             ones(type.getRank(), one);
    offsets[0] = from;
    sizes[0] = b.getIndexAttr(count);
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
} // namespace

void addContractPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerLinear, LowerMatmul>(types, patterns.getContext());
}

} // namespace varve::lower
