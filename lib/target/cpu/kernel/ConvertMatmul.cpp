// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of two activations: the right-hand side is packed in panels when it is there, as a weight is when it is bound.
#include "lib/lower/Loops.h"
#include "lib/target/cpu/kernel/Product.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
using ir::Dim;
using ir::Dims;

// Below, packing costs more than the kernel saves.
constexpr int64_t kLeast = 4;

bool isOne(const Dim &dim) { return dim.size == 1; }

struct ConvertMatmul : OpConversionPattern<ir::MatmulOp> {
  ConvertMatmul(const lower::LoweredTypes &types, MLIRContext *context, int64_t tileRows, int64_t panel, bool pairs)
      : OpConversionPattern(types, context, /*benefit=*/2), tileRows(tileRows), panel(panel), pairs(pairs) {}

  LogicalResult matchAndRewrite(ir::MatmulOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims lhs = ir::dimsOf(op.getLhs().getType()), rhs = ir::dimsOf(op.getRhs().getType()),
         result = ir::dimsOf(op.getType());
    Dims batch(result.begin(), result.end() - 2);
    Dim rows = result[batch.size()], columns = result.back(), depth = lhs.back();
    Value left = adaptor.getLhs(), right = adaptor.getRhs();
    // Matrices with one right-hand side are rows of one.
    if (llvm::all_of(ArrayRef(rhs).drop_back(2), isOne)) {
      if (!llvm::all_of(ArrayRef(lhs).drop_back(2), isOne)) {
        rows = ir::dimOf(ir::productOf(ArrayRef(result).drop_back()), getContext());
        left = lower::reshape(rewriter, op, left, lhs, {rows, depth});
        lhs = {rows, depth};
      }
      batch.clear();
    }
    auto isFew = [](const Dim &dim) { return !ShapedType::isDynamic(dim.size) && dim.size < kLeast; };
    if (lower::isEmpty(lhs) || lower::isEmpty(rhs) || lower::isEmpty(result) || isFew(rows) || isFew(columns) ||
        isFew(depth))
      return rewriter.notifyMatchFailure(op, "expects matrices with some rows and columns");

    Location location = op.getLoc();
    SmallVector<Value> sizes;
    Value count = arith::ConstantIndexOp::create(rewriter, location, 1);
    if (!batch.empty())
      count = lower::sizeOf(rewriter, op, ir::dimOf(ir::productOf(batch), getContext()));
    for (const Dim &dim : batch)
      sizes.push_back(lower::sizeOf(rewriter, op, dim));
    // Of a side, the axes of the batch as in the result, then its rows and columns.
    unsigned m = batch.size(), k = m + 1;
    auto packed = [&](Value side, const Dims &dims, unsigned first, unsigned second, const Dim &rowsOfSide,
                      int64_t tile) {
      SmallVector<AffineExpr> exprs(dims.size() - 2, rewriter.getAffineConstantExpr(0));
      if (!batch.empty())
        exprs = llvm::to_vector(lower::broadcastMap(rewriter, ArrayRef(dims).drop_back(2), batch).getResults());
      exprs.append({rewriter.getAffineDimExpr(first), rewriter.getAffineDimExpr(second)});
      return pack(rewriter, op, side, sizes, AffineMap::get(m + 2, 0, exprs, getContext()), count, rowsOfSide, depth,
                  tile);
    };
    Value packedLeft = packed(left, lhs, m, k, rows, tileRows), packedRight = packed(right, rhs, k, m, columns, panel);

    Dims flat{rows, columns};
    if (!batch.empty())
      flat[0] = ir::dimOf(ir::productOf(ArrayRef(result).drop_back()), getContext());
    Value output = lower::emptyTensor(rewriter, op, flat, op.getType().getElementType());
    auto product = ProductOp::create(rewriter, location, output.getType(), packedLeft, packedRight, /*row=*/Value(),
                                     ValueRange{count, lower::sizeOf(rewriter, op, rows)}, ValueRange(), output,
                                     rewriter.getArrayAttr({}), isPaired(op), StringAttr());
    giveSum(rewriter, product);
    rewriter.setInsertionPointAfter(product);
    rewriter.replaceOp(op, lower::reshape(rewriter, op, product.getResult(), flat, result));
    return success();
  }

  bool isPaired(ir::MatmulOp op) const { return pairs && op.getLhs().getType().getElementType().isBF16(); }

  // `tile` rows of each matrix side by side.
  Value pack(OpBuilder &builder, ir::MatmulOp op, Value side, ValueRange batch, AffineMap map, Value count,
             const Dim &rows, const Dim &depth, int64_t tile) const {
    Location location = op.getLoc();
    int64_t group = isPaired(op) ? 2 : 1;
    Value groups = getValueOrCreateConstantIndexOp(builder, location, partsOf(builder, op, rows, tile));
    groups = arith::MulIOp::create(builder, location, count, groups);
    SmallVector<OpFoldResult> sizes{getAsOpFoldResult(groups), partsOf(builder, op, depth, group),
                                    builder.getIndexAttr(tile * group)};
    Type element = group == 2 ? builder.getBF16Type() : Type(builder.getF32Type());
    Value empty = tensor::EmptyOp::create(builder, location, sizes, element);
    return PackOp::create(builder, location, empty.getType(), side, batch, empty, AffineMapAttr::get(map), group == 2)
        .getResult();
  }

  int64_t tileRows, panel;
  bool pairs;
};
} // namespace

void addMatmulPatterns(const lower::LoweredTypes &types, RewritePatternSet &patterns, int64_t tileRows, int64_t panel,
                       bool pairs) {
  patterns.add<ConvertMatmul>(types, patterns.getContext(), tileRows, panel, pairs);
}

} // namespace varve::target::cpu
