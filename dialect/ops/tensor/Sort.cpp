// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of ops that order elements.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult SortOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  if (failed(inferAlongAxis(location, adaptor.getInput().getType(), adaptor.getAxis(), types))) // C1
    return failure();
  types.push_back(withElement(cast<RankedTensorType>(types[0]), IntegerType::get(context, 64)));
  return success();
}

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", adaptor.getAxis(), input.type.getRank()); // C1
  if (failed(axis))
    return failure();
  Dims dims = dimsOf(input.type);
  int64_t k = adaptor.getK();
  if (k < 0 || (exprOf(dims[*axis]) - DimExpr(k)).constant().value_or(0) < 0) // C2
    return emitOptionalError(location, "expects k of 0 to ", dims[*axis].str(), ", but got ", k);
  dims[*axis] = Dim{k, {}};
  types.push_back(tensorOf(dims, input.type.getElementType()));
  types.push_back(tensorOf(dims, IntegerType::get(context, 64)));
  return success();
}
