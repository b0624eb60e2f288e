// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape rule of argmax; that of the other reductions is inferReduce.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", adaptor.getAxis(), input.type.getRank()); // C1
  if (failed(axis))
    return failure();
  Dims dims = dimsOf(input.type);
  if (!dims[*axis].name && dims[*axis].size == 0) // C2
    return emitOptionalError(location, "expects an axis that is not empty, but got ", input.type);
  types.push_back(tensorOf(withoutAxes(dims, *axis, adaptor.getKeepDims()), IntegerType::get(context, 64)));
  return success();
}
