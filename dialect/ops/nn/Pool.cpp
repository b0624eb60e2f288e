// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of pooling.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

// C1 of all ops here: input [batch, channels, spatial..], with a number for each spatial dimension.
static LogicalResult checkSpatial(MaybeLoc location, Named input, StringRef name, ArrayRef<int64_t> numbers) {
  int64_t rank = input.type.getRank();
  if (rank >= 3 && rank <= 5 && static_cast<int64_t>(numbers.size()) == rank - 2)
    return success();
  return emitOptionalError(location, "expects input of one to three spatial dimensions, and as many entries of ", name,
                           ", but got ", input.type, " and ", numbers.size());
}

template <class Adaptor> static FailureOr<Windows> poolWindows(MaybeLoc location, Adaptor adaptor) {
  ArrayRef<int64_t> dilations;
  if constexpr (requires { adaptor.getDilations(); })
    dilations = adaptor.getDilations();
  return windowsOf(location, adaptor.getKernel(), adaptor.getStrides(), adaptor.getPaddingBegin(),
                   adaptor.getPaddingEnd(), dilations);
}

template <class Adaptor>
static LogicalResult inferPool(MLIRContext *context, MaybeLoc location, Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  if (failed(checkSpatial(location, input, "kernel", adaptor.getKernel()))) // C1
    return failure();
  FailureOr<Windows> windows = poolWindows(location, adaptor); // C2
  if (failed(windows))
    return failure();
  for (unsigned axis = 0; axis < windows->rank(); ++axis)
    if (int64_t padding = std::max(windows->begin[axis], windows->end[axis]); padding > windows->extent(axis) / 2) // C3
      return emitOptionalError(location, "expects padding of at most half of a window of ", windows->extent(axis),
                               ", but got ", padding);
  Dims dims = dimsOf(input.type);
  bool last = adaptor.getChannelsLast();
  FailureOr<Dims> spatial = slide(location, *windows, spatialOf(dims, last), adaptor.getCeilMode(), context); // C4
  if (failed(spatial))
    return failure();
  Dims result = imageOf(dims[0], dims[channelAxis(dims.size(), last)], *spatial, last);
  types.push_back(tensorOf(result, input.type.getElementType()));
  return success();
}

LogicalResult MaxPoolOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferPool(context, location, adaptor, types);
}
LogicalResult AvgPoolOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  if (adaptor.getDivisorOverride() == 0) // C5
    return emitOptionalError(location, "expects a divisor_override other than 0, but got 0");
  return inferPool(context, location, adaptor, types);
}
FailureOr<Windows> MaxPoolOp::windows() { return poolWindows(std::nullopt, *this); }
FailureOr<Windows> AvgPoolOp::windows() { return poolWindows(std::nullopt, *this); }

template <class Adaptor>
static LogicalResult inferAdaptive(MaybeLoc location, Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  if (failed(checkSpatial(location, input, "size", adaptor.getSize()))) // C1
    return failure();
  Dims dims = dimsOf(input.type);
  for (auto [axis, size] : llvm::enumerate(adaptor.getSize())) {
    Dim &dim = dims[axis + 2];
    if (size < 1) // C2
      return emitOptionalError(location, "expects sizes of 1 or more, but got ", size);
    if (!dim.name && dim.size == 0) // C3
      return emitOptionalError(location, "expects spatial dimensions that are not empty, but got ", input.type);
    dim = Dim{size, {}};
  }
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}

LogicalResult AdaptiveMaxPoolOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  return inferAdaptive(location, adaptor, types);
}
LogicalResult AdaptiveAvgPoolOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  return inferAdaptive(location, adaptor, types);
}
