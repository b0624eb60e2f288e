// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/Windows.h"
#include "dialect/Dialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace varve::ir {

ArrayRef<Dim> spatialOf(ArrayRef<Dim> image, bool channelsLast) {
  return channelsLast ? image.drop_front().drop_back() : image.drop_front(2);
}

Dims imageOf(const Dim &batch, const Dim &channels, ArrayRef<Dim> spatial, bool channelsLast) {
  Dims dims{batch};
  if (!channelsLast)
    dims.push_back(channels);
  dims.append(spatial.begin(), spatial.end());
  if (channelsLast)
    dims.push_back(channels);
  return dims;
}

DimExpr Windows::count(unsigned axis, const DimExpr &size, bool roundUp) const {
  int64_t beyond = end[axis] - extent(axis);
  // With padding of half a window at most, a window that would begin in the end's padding is at most one.
  if (roundUp)
    beyond = std::min<int64_t>(beyond + strides[axis] - 1, -1);
  return (size + begin[axis] + beyond).floorDiv(strides[axis]) + 1;
}

FailureOr<Windows> windowsOf(MaybeLoc location, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                             ArrayRef<int64_t> begin, ArrayRef<int64_t> end, ArrayRef<int64_t> dilations) {
  constexpr int64_t most = int64_t(1) << 30; // so that their sums and products are sane
  Windows windows;
  auto fill = [&](SmallVector<int64_t, 3> &into, StringRef name, ArrayRef<int64_t> given,
                  int64_t least) -> LogicalResult {
    if (!given.empty() && given.size() != kernel.size())
      return emitOptionalError(location, "expects ", kernel.size(), " ", name,
                               ", one for each spatial dimension, but got ", given.size());
    into.assign(kernel.size(), least);
    if (!given.empty())
      into.assign(given.begin(), given.end());
    for (int64_t value : into)
      if (value < least || value > most)
        return emitOptionalError(location, "expects ", name, " of ", least, " to ", most, ", but got ", value);
    return success();
  };
  if (failed(fill(windows.kernel, "kernel sizes", kernel, 1)) || failed(fill(windows.strides, "strides", strides, 1)) ||
      failed(fill(windows.begin, "padding_begin", begin, 0)) || failed(fill(windows.end, "padding_end", end, 0)) ||
      failed(fill(windows.dilations, "dilations", dilations, 1)))
    return failure();
  return windows;
}

FailureOr<Dims> slide(MaybeLoc location, const Windows &windows, ArrayRef<Dim> spatial, bool roundUp,
                      MLIRContext *context) {
  Dims dims;
  for (auto [axis, dim] : llvm::enumerate(spatial)) {
    DimExpr padded = windows.padded(axis, exprOf(dim)), count = windows.count(axis, exprOf(dim), roundUp);
    if (padded.constant().value_or(windows.extent(axis)) < windows.extent(axis))
      return emitOptionalError(location, "expects the padded input to hold a window of ", windows.extent(axis),
                               " in spatial dimension ", axis, ", but got ", padded.str());
    FailureOr<Dim> result = checkDim(location, "spatial dimensions", count, context);
    if (failed(result))
      return failure();
    dims.push_back(*result);
  }
  return dims;
}

SmallVector<Fit> fitsOf(Operation *op) {
  SmallVector<Fit> fits;
  auto sizesOf = [](Value input) { return dimsOf(cast<RankedTensorType>(input.getType())); };
  auto addWindows = [&](Value input, const FailureOr<Windows> &windows, bool channelsLast = false) {
    Dims dims = sizesOf(input);
    ArrayRef<Dim> spatial = spatialOf(dims, channelsLast);
    for (unsigned axis = 0; succeeded(windows) && axis < windows->rank(); ++axis)
      fits.push_back({axis, windows->extent(axis), windows->padded(axis, exprOf(spatial[axis])),
                      "expects the padded input to hold a window in spatial dimension " + std::to_string(axis)});
  };
  auto addElement = [&](Value input) {
    Dims dims = sizesOf(input);
    for (unsigned axis = 0; axis + 2 < dims.size(); ++axis)
      fits.push_back({axis, 1, exprOf(dims[axis + 2]),
                      "expects at least one element along spatial dimension " + std::to_string(axis)});
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ConvOp conv) { addWindows(conv.getInput(), conv.windows(), conv.getChannelsLast()); })
      .Case<MaxPoolOp, AvgPoolOp>(
          [&](auto pool) { addWindows(pool.getInput(), pool.windows(), pool.getChannelsLast()); })
      .Case<AdaptiveMaxPoolOp, AdaptiveAvgPoolOp, ResizeOp>([&](auto other) { addElement(other.getInput()); });
  return fits;
}

} // namespace varve::ir
