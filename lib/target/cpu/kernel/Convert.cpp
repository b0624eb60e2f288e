// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Out of varve for a CPU: what has a kernel becomes an op of varve_cpu, all else linalg.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/kernel/BlockProduct.h"
#include "lib/target/cpu/kernel/Pool.h"
#include "lib/target/cpu/kernel/attention/Attention.h"
#include "lib/target/cpu/kernel/convolution/Convolution.h"
#include "lib/target/cpu/memory/Memory.h"
#include <cmath>

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_CONVERTTOKERNELSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
using ir::Dim;
using ir::Dims;

// Of a weight in panels.
struct ConvertLinear : OpConversionPattern<ir::LinearOp> {
  ConvertLinear(const lower::LoweredTypes &types, MLIRContext *context, int64_t tileRows)
      : OpConversionPattern(types, context, /*benefit=*/2), tileRows(tileRows) {}

  LogicalResult matchAndRewrite(ir::LinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), resultDims = ir::dimsOf(op.getType());
    if (!isa_and_nonnull<ir::PanelsAttr>(op.getWeight().getType().getEncoding()) ||
        ir::encodingOf(op.getWeight().getType().getElementType()) != Encoding::none || lower::isEmpty(dims) ||
        lower::isEmpty(resultDims))
      return rewriter.notifyMatchFailure(op, "expects a product with a weight in panels that is not empty");
    Location location = op.getLoc();
    Dim rows = ir::dimOf(ir::productOf(ArrayRef(dims).drop_back()), getContext()), columns = dims.back();
    Value input = lower::reshape(rewriter, op, adaptor.getInput(), dims, {rows, columns});
    int64_t group = cast<ir::PanelsAttr>(op.getWeight().getType().getEncoding()).getGroup();
    bool pairs = group == 2 && op.getInput().getType().getElementType().isBF16();
    if (group != 1 && !pairs)
      return op.emitOpError("expects columns in groups of 2 of bf16, but got groups of ") << group;
    Type element = pairs ? rewriter.getBF16Type() : Type(rewriter.getF32Type());
    int64_t steps = llvm::divideCeil(columns.size, group); // a weight's sizes are known
    SmallVector<OpFoldResult> sizes{partsOf(rewriter, op, rows, tileRows), rewriter.getIndexAttr(steps),
                                    rewriter.getIndexAttr(tileRows * group)};
    Value empty = tensor::EmptyOp::create(rewriter, location, sizes, element);
    Value packed =
        PackOp::create(rewriter, location, empty.getType(), input, ValueRange(), empty, AffineMapAttr(), pairs)
            .getResult();
    Value output = lower::emptyTensor(rewriter, op, {rows, resultDims.back()}, op.getType().getElementType());
    auto product =
        ProductOp::create(rewriter, location, output.getType(), packed, adaptor.getWeight(), input, ValueRange(),
                          ValueRange(), output, rewriter.getArrayAttr({}), pairs, StringAttr());
    giveSum(rewriter, product);
    rewriter.setInsertionPointAfter(product);
    rewriter.replaceOp(op, lower::reshape(rewriter, op, product.getResult(), {rows, resultDims.back()}, resultDims));
    return success();
  }

  int64_t tileRows;
};

// Of a weight in panels of blocks: the rows of the input are quantised, once for all panels.
struct ConvertBlockLinear : OpConversionPattern<ir::LinearOp> {
  ConvertBlockLinear(const lower::LoweredTypes &types, MLIRContext *context, int64_t lanes)
      : OpConversionPattern(types, context, /*benefit=*/3), lanes(lanes) {}

  LogicalResult matchAndRewrite(ir::LinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), resultDims = ir::dimsOf(op.getType());
    RankedTensorType weight = op.getWeight().getType();
    auto panels = dyn_cast_or_null<ir::PanelsAttr>(weight.getEncoding());
    Encoding encoding = ir::encodingOf(weight.getElementType());
    std::optional<BlockForm> form = blockFormOf(StringRef(name_of(encoding)));
    if (!panels || panels.getRows() != runtime::blocks::panel_rows || !form || lower::isEmpty(dims) ||
        lower::isEmpty(resultDims))
      return rewriter.notifyMatchFailure(op, "expects a product with a weight in panels of blocks that is not empty");
    Location location = op.getLoc();
    Dim rows = ir::dimOf(ir::productOf(ArrayRef(dims).drop_back()), getContext()), columns = dims.back();
    Value input = lower::reshape(rewriter, op, adaptor.getInput(), dims, {rows, columns});
    int64_t tile = blockRows(lanes), blocks = weight.getShape()[1] / form->elements;
    Value empty = tensor::EmptyOp::create(
        rewriter, location,
        SmallVector<OpFoldResult>{partsOf(rewriter, op, rows, tile),
                                  rewriter.getIndexAttr(tile * blocks * form->words(hasOpposites(*form, lanes)))},
        rewriter.getI32Type());
    auto name = rewriter.getStringAttr(StringRef(name_of(encoding)));
    Value quants = QuantizeOp::create(rewriter, location, empty.getType(), input, empty, name).getResult();
    Value output = lower::emptyTensor(rewriter, op, {rows, resultDims.back()}, op.getType().getElementType());
    auto product =
        ProductOp::create(rewriter, location, output.getType(), quants, adaptor.getWeight(), input, ValueRange(),
                          ValueRange(), output, rewriter.getArrayAttr({}), /*pairs=*/false, name);
    giveSum(rewriter, product);
    rewriter.setInsertionPointAfter(product);
    rewriter.replaceOp(op, lower::reshape(rewriter, op, product.getResult(), {rows, resultDims.back()}, resultDims));
    return success();
  }

  int64_t lanes;
};

// Of heads of known sizes.
struct ConvertAttention : OpConversionPattern<ir::AttentionOp> {
  static constexpr int64_t kMostSize = 512; // a block of keys is on the stack
  ConvertAttention(const lower::LoweredTypes &types, MLIRContext *context)
      : OpConversionPattern(types, context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(ir::AttentionOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto query = op.getQuery().getType(), key = op.getKey().getType(), value = op.getValue().getType();
    auto isKnown = [](int64_t size) { return !ShapedType::isDynamic(size) && size > 0 && size <= kMostSize; };
    if (lower::isEmpty(ir::dimsOf(query)) || lower::isEmpty(ir::dimsOf(key)) || lower::isEmpty(ir::dimsOf(value)))
      return rewriter.notifyMatchFailure(op, "expects operands that are not empty");
    if (!isKnown(query.getDimSize(3)) || !isKnown(value.getDimSize(3)) ||
        !llvm::all_of(adaptor.getOperands(), isContiguous)) {
      op.emitRemark(
          "computed with all scores in memory: there is no kernel for heads that are not contiguous, or whose size is "
          "not known or more than ")
          << kMostSize;
      return failure();
    }
    double scale = op.getScale() ? op.getScale()->convertToDouble() : 1 / std::sqrt(double(query.getDimSize(3)));
    Value output = lower::emptyTensor(rewriter, op, ir::dimsOf(op.getType()), op.getType().getElementType());
    IntegerAttr window = op.getWindow() ? rewriter.getI64IntegerAttr(*op.getWindow()) : IntegerAttr();
    FloatAttr softCap;
    if (std::optional<APFloat> cap = op.getSoftCap())
      softCap = rewriter.getF32FloatAttr(static_cast<float>(cap->convertToDouble()));
    auto [parts, room] = scratchOf(op, rewriter);
    auto attention = AttentionOp::create(rewriter, op.getLoc(), output.getType(), adaptor.getQuery(), adaptor.getKey(),
                                         adaptor.getValue(), adaptor.getMask(), adaptor.getSinks(), adaptor.getSlopes(),
                                         parts, room, output, rewriter.getF32FloatAttr(static_cast<float>(scale)),
                                         op.getCausalAttr(), window, softCap);
    rewriter.replaceOp(op, attention.getResult());
    return success();
  }

  // In how many parts the keys are divided for a few queries, and the memory that this takes.
  static std::pair<Value, Value> scratchOf(ir::AttentionOp op, OpBuilder &builder) {
    using Scratch = FewQueriesScratch;
    Location location = op.getLoc();
    Dims query = ir::dimsOf(op.getQuery().getType()), value = ir::dimsOf(op.getValue().getType());
    auto index = [&](int64_t number) -> Value { return arith::ConstantIndexOp::create(builder, location, number); };
    auto sizeOf = [&](const Dim &dim) { return lower::sizeOf(builder, op, dim); };
    auto multiply = [&](Value a, Value b) -> Value { return arith::MulIOp::create(builder, location, a, b); };
    auto plus = [&](Value a, Value b) -> Value { return arith::AddIOp::create(builder, location, a, b); };
    auto least = [&](Value a, Value b) -> Value { return arith::MinSIOp::create(builder, location, a, b); };
    auto atLeast = [&](Value a, Value b) -> Value { return arith::MaxSIOp::create(builder, location, a, b); };
    // Sizes of memory are computed before the program runs, of what cannot fail: by division by known numbers alone.
    auto ceilDiv = [&](Value a, int64_t by) -> Value {
      return arith::DivUIOp::create(builder, location, plus(a, index(by - 1)), index(by));
    };
    auto choose = [&](Value a, Value isLessThan, Value yes, Value no) -> Value {
      Value is = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::slt, a, isLessThan);
      return arith::SelectOp::create(builder, location, is, yes, no);
    };
    Value perItem = multiply(sizeOf(query[1]), sizeOf(query[2]));
    Value keys = sizeOf(value[1]), shared = sizeOf(value[2]);
    Value parts = ceilDiv(keys, Scratch::kBlock); // of more rows larger ones, since what each part finds is larger
    for (int64_t blocks = 2, rows = Scratch::kPartRows; rows < Scratch::kRows; blocks *= 2, rows *= 2)
      parts = choose(multiply(shared, index(rows)), perItem, ceilDiv(keys, Scratch::kBlock * blocks), parts);
    Value products = multiply(multiply(keys, perItem), index(query[3].size + value[3].size));
    parts = least(least(parts, ceilDiv(products, Scratch::kPartProducts)), index(Scratch::kMostParts));
    parts = atLeast(parts, index(1));
    Value isMany = multiply(shared, index(Scratch::kRows));
    parts = choose(perItem, isMany, parts, index(0));
    int64_t width = Scratch::widthOf(query[3].size, value[3].size);
    Value slots = multiply(sizeOf(query[0]), multiply(ceilDiv(perItem, Scratch::kTile), index(Scratch::kTile)));
    Value padded = multiply(ceilDiv(slots, Scratch::kAlign), index(Scratch::kAlign));
    Value room = plus(multiply(plus(parts, index(1)), multiply(slots, index(width))), //
                      multiply(multiply(parts, padded), index(2)));
    // Of many, for keys and values head by head.
    Value gathered = multiply(multiply(sizeOf(query[0]), keys), multiply(shared, index(query[3].size + value[3].size)));
    gathered = choose(perItem, multiply(shared, index(gatheredRows(op.getKey().getType().getElementType()))), index(0),
                      gathered);
    return {parts, choose(perItem, isMany, room, gathered)};
  }
};

struct ConvertToKernels : impl::ConvertToKernelsPassBase<ConvertToKernels> {
  using ConvertToKernelsPassBase::ConvertToKernelsPassBase;
  void runOnOperation() override {
    auto add = [&](const lower::LoweredTypes &types, RewritePatternSet &patterns, ConversionTarget &target) {
      target.addLegalDialect<VarveCpuDialect>();
      patterns.add<ConvertLinear>(types, &getContext(), rows);
      patterns.add<ConvertBlockLinear>(types, &getContext(), lanes);
      patterns.add<ConvertAttention>(types, &getContext());
      addMatmulPatterns(types, patterns, rows, panel, bf16Group == 2);
      addConvolutionPatterns(types, patterns);
      addPoolKernelPatterns(types, patterns);
    };
    if (failed(lower::convertToLinalg(getOperation(), add)))
      signalPassFailure();
  }
};
} // namespace

OpFoldResult partsOf(OpBuilder &builder, Operation *at, const Dim &dim, int64_t size) {
  if (!ShapedType::isDynamic(dim.size))
    return builder.getIndexAttr(llvm::divideCeil(dim.size, size));
  auto index = [&](int64_t value) { return arith::ConstantIndexOp::create(builder, at->getLoc(), value); };
  Value up = arith::AddIOp::create(builder, at->getLoc(), lower::sizeOf(builder, at, dim), index(size - 1));
  return arith::DivUIOp::create(builder, at->getLoc(), up, index(size)).getResult();
}

} // namespace varve::target::cpu
