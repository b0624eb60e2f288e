// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of softmax and the norms.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  if (failed(normalizeAxis(location, "axis", adaptor.getAxis(), input.type.getRank()))) // C1
    return failure();
  types.push_back(input.type);
  return success();
}

static LogicalResult checkEpsilon(MaybeLoc location, const APFloat &epsilon) {
  if (epsilon.isFinite() && !epsilon.isNegative())
    return success();
  return emitOptionalError(location, "expects a finite epsilon of 0 or more, but got ", epsilon.convertToDouble());
}

// The rule of the norms: input [.., n], each parameter [n] of its element type, a sensible epsilon.
static LogicalResult inferNorm(MaybeLoc location, Named input, ArrayRef<Named> parameters, const APFloat &epsilon,
                               SmallVectorImpl<Type> &types) {
  Dims dims = dimsOf(input.type);
  for (const Named &parameter : parameters) {
    if (dims.empty() || dimsOf(parameter.type) != Dims{dims.back()}) // C1
      return emitOptionalError(location, "expects input [.., n] and ", parameter.name, " [n], but got ", input.type,
                               " and ", parameter.type);
    if (failed(sameElement(location, input, parameter))) // C2
      return failure();
  }
  if (failed(checkEpsilon(location, epsilon))) // C3
    return failure();
  types.push_back(input.type);
  return success();
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  SmallVector<Named, 2> parameters{Named("weight", adaptor.getWeight())};
  if (adaptor.getBias())
    parameters.push_back(Named("bias", adaptor.getBias()));
  return inferNorm(location, Named("input", adaptor.getInput()), parameters, adaptor.getEpsilon(), types);
}

LogicalResult RmsNormOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferNorm(location, Named("input", adaptor.getInput()), Named("weight", adaptor.getWeight()),
                   adaptor.getEpsilon(), types);
}

// Numbers for each channel of input [batch, channels, ..], or with channels last; the parameters are the last ones.
static LogicalResult checkChannels(MaybeLoc location, Named input, ArrayRef<Named> numbers, size_t parameters,
                                   bool channelsLast = false) {
  Dims dims = dimsOf(input.type), channels{dims[channelAxis(dims.size(), channelsLast)]};
  if (parameters > 2)
    return emitOptionalError(location, "expects at most two parameters, weight and bias, but got ", parameters);
  for (const Named &each : numbers) {
    if (dimsOf(each.type) != channels)
      return emitOptionalError(location, "expects input ",
                               channelsLast ? "[batch, .., channels]" : "[batch, channels, ..]", " and ", each.name,
                               " [channels], but got ", input.type, " and ", each.type);
    if (failed(sameElement(location, input, each)))
      return failure();
  }
  return success();
}

static void addParameters(SmallVectorImpl<Named> &numbers, ValueRange parameters) {
  for (auto [index, value] : llvm::enumerate(parameters))
    numbers.push_back(Named(index == 0 ? "weight" : "bias", value));
}

LogicalResult GroupNormOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  if (input.type.getRank() < 2) // C1
    return emitOptionalError(location, "expects input [batch, channels, ..], but got ", input.type);
  int64_t groups = adaptor.getGroups();
  Dim channels = dimsOf(input.type)[1];
  if (groups < 1 || !exprOf(channels).dividedBy(groups)) // C2
    return emitOptionalError(location, "expects groups that divide the channels, but got ", groups, " and ",
                             channels.str());
  SmallVector<Named, 2> numbers;
  addParameters(numbers, adaptor.getParameters());
  if (failed(checkChannels(location, input, numbers, adaptor.getParameters().size())) || // C3, C4
      failed(checkEpsilon(location, adaptor.getEpsilon())))                              // C5
    return failure();
  types.push_back(input.type);
  return success();
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  if (input.type.getRank() < 2) // C1
    return emitOptionalError(location, "expects input [batch, channels, ..], but got ", input.type);
  SmallVector<Named, 4> numbers{Named("mean", adaptor.getMean()), Named("variance", adaptor.getVariance())};
  addParameters(numbers, adaptor.getParameters());
  if (failed(checkChannels(location, input, numbers, adaptor.getParameters().size(),
                           adaptor.getChannelsLast())) ||   // C2, C3
      failed(checkEpsilon(location, adaptor.getEpsilon()))) // C4
    return failure();
  types.push_back(input.type);
  return success();
}
