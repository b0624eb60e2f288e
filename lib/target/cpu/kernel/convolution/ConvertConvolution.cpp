// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/kernel/convolution/Convolution.h"
#include "lib/target/cpu/memory/Memory.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
using ir::Dim;
using ir::Dims;

// Entries for depth, height and width of what is said of the last of them.
SmallVector<int64_t> threeOf(ArrayRef<int64_t> list, int64_t missing) {
  SmallVector<int64_t> three(3 - list.size(), missing);
  three.append(list.begin(), list.end());
  return three;
}

struct ConvertConvolution : OpConversionPattern<ir::ConvOp> {
  ConvertConvolution(const lower::LoweredTypes &types, MLIRContext *context)
      : OpConversionPattern(types, context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(ir::ConvOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType()), result = ir::dimsOf(op.getType());
    auto panels = dyn_cast_or_null<ir::PanelsAttr>(op.getWeight().getType().getEncoding());
    int64_t groups = op.getGroups();
    if (lower::isEmpty(dims) || lower::isEmpty(result) || lower::isEmpty(ir::dimsOf(op.getWeight().getType())) ||
        (panels && groups != 1 && result[1].size / groups % panels.getRows() != 0))
      return rewriter.notifyMatchFailure(op, "expects whole panels of each group, and what is not empty");
    if (!isContiguous(adaptor.getInput())) {
      op.emitRemark("computed channel by channel: there is no kernel for an input that is not contiguous");
      return failure();
    }
    Location location = op.getLoc();
    ir::Windows windows = *op.windows();
    auto isAll = [](ArrayRef<int64_t> list, int64_t value) {
      return llvm::all_of(list, [&](int64_t entry) { return entry == value; });
    };
    Dims spatial(dims.begin() + 2, dims.end()), counts(result.begin() + 2, result.end());
    Dim plane = ir::dimOf(ir::productOf(counts), getContext());
    // Each element is a window: a plane is one row.
    if (isAll(windows.kernel, 1) && isAll(windows.strides, 1) && isAll(windows.begin, 0) && isAll(windows.end, 0)) {
      spatial = counts = {plane};
      windows.kernel = windows.strides = windows.dilations = {1};
      windows.begin = {0};
    }
    SmallVector<int64_t> kernel = threeOf(windows.kernel, 1), strides = threeOf(windows.strides, 1),
                         dilations = threeOf(windows.dilations, 1);
    Dim one{1, {}};
    Value weight = adaptor.getWeight();
    if (!panels) { // then each output channel is a panel
      if (!fitsDirect(kernel, strides, dilations)) {
        op.emitRemark("computed channel by channel: there is no kernel for windows that reach so far");
        return failure();
      }
      Dims sizes = ir::dimsOf(op.getWeight().getType());
      Dim depth = ir::dimOf(ir::productOf(ArrayRef(sizes).drop_front()), getContext());
      weight = lower::reshape(rewriter, op, weight, sizes, {sizes[0], depth, one});
    }
    Dims input{dims[0], dims[1]};
    input.append(3 - spatial.size(), one);
    input.append(spatial);
    counts.insert(counts.begin(), 3 - counts.size(), one);
    SmallVector<Value> sizes, extras;
    for (const Dim &count : counts)
      sizes.push_back(lower::sizeOf(rewriter, op, count));
    SmallVector<Attribute> maps;
    if (Value bias = adaptor.getBias()) {
      extras.push_back(bias);
      maps.push_back(AffineMapAttr::get(AffineMap::get(3, 0, rewriter.getAffineDimExpr(1))));
    }
    Type element = op.getType().getElementType();
    Dims flat{dims[0], result[1], plane};
    Value output = lower::emptyTensor(rewriter, op, flat, element);
    auto convolution = ConvolutionOp::create(rewriter, location, output.getType(),
                                             lower::reshape(rewriter, op, adaptor.getInput(), dims, input), weight,
                                             sizes[0], sizes[1], sizes[2], extras, output, kernel, strides, dilations,
                                             threeOf(windows.begin, 0), groups, rewriter.getArrayAttr(maps));
    giveSum(rewriter, convolution);
    rewriter.setInsertionPointAfter(convolution);
    rewriter.replaceOp(op, lower::reshape(rewriter, op, convolution.getResult(), flat, result));
    return success();
  }
};
} // namespace

void addConvolutionPatterns(const lower::LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<ConvertConvolution>(types, patterns.getContext());
}

} // namespace varve::target::cpu
