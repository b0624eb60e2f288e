// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of convolutions.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

// C1, C2: input and weight of one to three spatial dimensions, and the attributes that go with them.
template <class Adaptor> static FailureOr<Windows> convWindows(MaybeLoc location, Adaptor adaptor) {
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight());
  int64_t rank = input.type.getRank();
  if (rank < 3 || rank > 5 || weight.type.getRank() != rank ||
      ShapedType::isDynamicShape(weight.type.getShape().drop_front(2))) // C1
    return emitOptionalError(
        location,
        "expects input and weight of one to three spatial dimensions, and a kernel of static size, "
        "but got ",
        input.type, " and ", weight.type);
  return windowsOf(location, weight.type.getShape().drop_front(2), adaptor.getStrides(), adaptor.getPaddingBegin(),
                   adaptor.getPaddingEnd(), adaptor.getDilations()); // C2
}

// C4, C5: a bias for each output channel, and one element type.
template <class Adaptor> static LogicalResult checkBiasAndTypes(MaybeLoc location, Adaptor adaptor, const Dim &out) {
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight());
  if (failed(sameElement(location, input, weight))) // C5
    return failure();
  if (!adaptor.getBias())
    return success();
  Named bias("bias", adaptor.getBias());
  if (dimsOf(bias.type) != Dims{out}) // C4
    return emitOptionalError(location, "expects bias [", out.str(), "], one for each output channel, but got ",
                             bias.type);
  return sameElement(location, input, bias); // C5
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  FailureOr<Windows> windows = convWindows(location, adaptor); // C1, C2
  if (failed(windows))
    return failure();
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight());
  Dims dims = dimsOf(input.type), kernel = dimsOf(weight.type);
  int64_t groups = adaptor.getGroups();
  bool channelsLast = adaptor.getChannelsLast();
  const Dim &channels = dims[channelAxis(dims.size(), channelsLast)];
  if (groups < 1 || !exprOf(kernel[0]).dividedBy(groups)) // C3
    return emitOptionalError(location, "expects groups that divide the output channels, but got ", groups, " and ",
                             kernel[0].str());
  if (!(exprOf(kernel[1]) * groups == exprOf(channels))) // C3
    return emitOptionalError(location, "expects input channels of groups times the weight's, but got ", channels.str(),
                             ", ", groups, " and ", kernel[1].str());
  if (failed(checkBiasAndTypes(location, adaptor, kernel[0]))) // C4, C5
    return failure();
  auto isOne = [](int64_t entry) { return entry == 1; };
  auto panels = dyn_cast_or_null<PanelsAttr>(weight.type.getEncoding());
  if (panels && panels.getWinograd() &&
      !(groups == 1 && llvm::all_of(windows->strides, isOne) && llvm::all_of(windows->dilations, isOne))) // C7
    return emitOptionalError(location, "expects strides, dilations and groups of 1 with a weight for Winograd's "
                                       "F(2x2, 3x3), but got others");
  FailureOr<Dims> spatial = slide(location, *windows, spatialOf(dims, channelsLast), /*roundUp=*/false, context); // C6
  if (failed(spatial))
    return failure();
  types.push_back(tensorOf(imageOf(dims[0], kernel[0], *spatial, channelsLast), input.type.getElementType()));
  return success();
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  FailureOr<Windows> windows = convWindows(location, adaptor); // C1, C2
  if (failed(windows))
    return failure();
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight());
  Dims dims = dimsOf(input.type), kernel = dimsOf(weight.type);
  int64_t groups = adaptor.getGroups();
  if (groups < 1 || !exprOf(dims[1]).dividedBy(groups) || dims[1] != kernel[0]) // C3
    return emitOptionalError(location,
                             "expects groups that divide the channels of input, and as many in weight, but got ",
                             groups, ", ", dims[1].str(), " and ", kernel[0].str());
  Dim out = dimOf(exprOf(kernel[1]) * groups, context);
  if (failed(checkBiasAndTypes(location, adaptor, out))) // C4, C5
    return failure();
  Dims result{dims[0], out};
  ArrayRef<int64_t> more = adaptor.getOutputPadding();
  if (!more.empty() && more.size() != windows->rank()) // C2
    return emitOptionalError(location, "expects ", windows->rank(),
                             " output_padding, one for each spatial dimension, but got ", more.size());
  for (unsigned axis = 0; axis < windows->rank(); ++axis) {
    int64_t extra = more.empty() ? 0 : more[axis], stride = windows->strides[axis];
    if (extra < 0 || extra >= std::max(stride, windows->dilations[axis])) // C6
      return emitOptionalError(
          location, "expects output_padding of 0 or more, less than the stride or the dilation, but got ", extra);
    DimExpr size = (exprOf(dims[axis + 2]) - 1) * stride +
                   (windows->extent(axis) + extra - windows->begin[axis] - windows->end[axis]);
    FailureOr<Dim> dim = checkDim(location, "spatial dimensions", size, context); // C7
    if (failed(dim))
      return failure();
    result.push_back(*dim);
  }
  types.push_back(tensorOf(result, input.type.getElementType()));
  return success();
}

FailureOr<Windows> ConvOp::windows() { return convWindows(std::nullopt, *this); }
FailureOr<Windows> ConvTransposeOp::windows() { return convWindows(std::nullopt, *this); }
