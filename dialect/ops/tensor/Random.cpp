// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape rule of random numbers.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult RandomOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  FailureOr<Dims> dims = dimsOf(location, "dimensions of shape", adaptor.getShape()); // C1
  if (failed(dims))
    return failure();
  for (const Named &operand : {Named("key", adaptor.getKey()), Named("stream", adaptor.getStream())})
    if (operand.type.getRank() != 0) // C2
      return emitOptionalError(location, "expects ", operand.name, " without dimensions, but got ", operand.type);
  Type dtype = adaptor.getDtype();
  bool isBits = adaptor.getDistribution() == "bits";
  if (isBits ? !dtype.isSignlessInteger(32) : !isElement(dtype) || !isa<FloatType>(dtype)) // C3
    return emitOptionalError(location, "expects dtype ", isBits ? "i32" : "f32, f16 or bf16", " for ",
                             adaptor.getDistribution(), ", but got ", dtype);
  types.push_back(tensorOf(*dims, dtype));
  return success();
}
