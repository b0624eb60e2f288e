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
    bool channelsLast = op.getChannelsLast();
    unsigned axis = ir::channelAxis(dims.size(), channelsLast);
    int64_t groups = op.getGroups();
    if (lower::isEmpty(dims) || lower::isEmpty(result) || lower::isEmpty(ir::dimsOf(op.getWeight().getType())) ||
        (panels && groups != 1 && result[axis].size / groups % panels.getRows() != 0))
      return rewriter.notifyMatchFailure(op, "expects whole panels of each group, and what is not empty");
    if (!isContiguous(adaptor.getInput())) {
      op.emitRemark("computed channel by channel: there is no kernel for an input that is not contiguous");
      return failure();
    }
    if (channelsLast && !panels) {
      op.emitRemark(
          "computed channel by channel: with channels last there is no kernel for a weight that is not in panels");
      return failure();
    }
    bool isWinograd = panels && panels.getWinograd();
    if (isWinograd && !channelsLast) {
      op.emitRemark("computed channel by channel: there is no kernel for a weight of Winograd's without channels last");
      return failure();
    }
    Location location = op.getLoc();
    ir::Windows windows = *op.windows();
    auto isAll = [](ArrayRef<int64_t> list, int64_t value) {
      return llvm::all_of(list, [&](int64_t entry) { return entry == value; });
    };
    Dims spatial(ir::spatialOf(dims, channelsLast)), counts(ir::spatialOf(result, channelsLast));
    Dim plane = ir::dimOf(ir::productOf(counts), getContext());
    bool isWhole = isAll(windows.begin, 0) && isAll(windows.end, 0);
    // Each element is a window: a plane is one row.
    if (isWhole && isAll(windows.kernel, 1) && isAll(windows.strides, 1)) {
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
    spatial.insert(spatial.begin(), 3 - spatial.size(), one);
    counts.insert(counts.begin(), 3 - counts.size(), one);
    SmallVector<Value> sizes, extras;
    for (const Dim &count : counts)
      sizes.push_back(lower::sizeOf(rewriter, op, count));
    Value room;
    if (channelsLast && !isWinograd && !(isWhole && op.getInput().getType().getElementType().isF32()))
      room = roomOf(op, rewriter, sizes, {kernel, strides, dilations});
    Dims flat{dims[0], result[axis], plane};
    if (channelsLast)
      flat = {ir::dimOf(ir::exprOf(dims[0]) * ir::exprOf(plane), getContext()), result[axis]};
    SmallVector<Attribute> maps;
    if (Value bias = adaptor.getBias()) {
      extras.push_back(bias);
      maps.push_back(AffineMapAttr::get(AffineMap::get(flat.size(), 0, rewriter.getAffineDimExpr(1))));
    }
    Value input =
        lower::reshape(rewriter, op, adaptor.getInput(), dims, ir::imageOf(dims[0], dims[axis], spatial, channelsLast));
    Value output = lower::emptyTensor(rewriter, op, flat, op.getType().getElementType());
    auto convolution = ConvolutionOp::create(
        rewriter, location, output.getType(), input, weight, sizes[0], sizes[1], sizes[2], room, extras, output, kernel,
        strides, dilations, threeOf(windows.begin, 0), groups, channelsLast, isWinograd, rewriter.getArrayAttr(maps));
    giveSum(rewriter, convolution);
    rewriter.setInsertionPointAfter(convolution);
    rewriter.replaceOp(op, lower::reshape(rewriter, op, convolution.getResult(), flat, result));
    return success();
  }

  // How many f32 the input takes that is laid out for windows: so many, of kernel, strides and dilations.
  static Value roomOf(ir::ConvOp op, OpBuilder &builder, ArrayRef<Value> counts,
                      const std::array<SmallVector<int64_t>, 3> &numbers) {
    SmallVector<Value> lists[3];
    for (auto [list, given] : llvm::zip(lists, numbers))
      for (int64_t number : given)
        list.push_back(arith::ConstantIndexOp::create(builder, op.getLoc(), number));
    Dims dims = ir::dimsOf(op.getInput().getType());
    Value room = pitchOf(builder, op.getLoc(), lower::sizeOf(builder, op, dims.back()));
    SmallVector<Value> factors = extentsOf(builder, op.getLoc(), counts, lists[0], lists[1], lists[2]);
    factors.push_back(lower::sizeOf(builder, op, dims[0]));
    for (Value factor : factors)
      room = builder.createOrFold<arith::MulIOp>(op.getLoc(), room, factor);
    return room;
  }
};
} // namespace

void addConvolutionPatterns(const lower::LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<ConvertConvolution>(types, patterns.getContext());
}

} // namespace varve::target::cpu
