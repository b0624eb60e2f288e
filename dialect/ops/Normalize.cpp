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
  if (!epsilon.isFinite() || epsilon.isNegative()) // C3
    return emitOptionalError(location, "expects a finite epsilon of 0 or more, but got ", epsilon.convertToDouble());
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
