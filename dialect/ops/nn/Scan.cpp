// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of ops that go along a sequence with a state.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult CausalConvOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight()), state("state", adaptor.getState());
  if (input.type.getRank() != 3 || weight.type.getRank() != 2 || weight.type.isDynamicDim(1) ||
      weight.type.getDimSize(1) < 1) // C1
    return emitOptionalError(
        location,
        "expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 "
        "or more, but got ",
        input.type, " and ", weight.type);
  Dims dims = dimsOf(input.type), kernel = dimsOf(weight.type);
  if (kernel[0] != dims[2]) // C2
    return emitOptionalError(location, "expects a row of weight for each channel of input, but got ", weight.type,
                             " and ", input.type);
  Dims past{dims[0], Dim{kernel[1].size - 1, {}}, dims[2]};
  if (dimsOf(state.type) != past) // C3
    return emitOptionalError(location, "expects state ", str(past), ", but got ", state.type);
  if (failed(sameElement(location, input, weight)) || failed(sameElement(location, input, state))) // C4
    return failure();
  types.push_back(input.type);
  types.push_back(state.type);
  return success();
}

LogicalResult SelectiveScanOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), delta("delta", adaptor.getDelta()), a("a", adaptor.getA()),
      b("b", adaptor.getB()), c("c", adaptor.getC()), state("state", adaptor.getState());
  Dims dims = dimsOf(input.type);
  if (dims.size() != 3 || dimsOf(delta.type) != dims) // C1
    return emitOptionalError(location, "expects input and delta [batch, seq, channels], but got ", input.type, " and ",
                             delta.type);
  Dims matrix = dimsOf(a.type);
  if (matrix.size() != 2 || matrix[0] != dims[2]) // C2
    return emitOptionalError(location, "expects a [channels, n] for input [batch, seq, channels], but got ", a.type,
                             " and ", input.type);
  for (const Named &each : {b, c})
    if (dimsOf(each.type) != Dims{dims[0], dims[1], matrix[1]}) // C2
      return emitOptionalError(location, "expects ", each.name, " ", str(Dims{dims[0], dims[1], matrix[1]}),
                               ", but got ", each.type);
  Type f32 = Float32Type::get(context);
  Dims kept{dims[0], dims[2], matrix[1]};
  if (dimsOf(state.type) != kept || state.type.getElementType() != f32) // C3
    return emitOptionalError(location, "expects state ", str(kept), " of f32, but got ", state.type);
  for (const Named &each : {b, c})
    if (failed(sameElement(location, input, each))) // C4
      return failure();
  types.push_back(input.type);
  types.push_back(state.type);
  return success();
}
