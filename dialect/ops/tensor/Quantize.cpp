// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of ops on weights in blocks.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *context, MaybeLoc, Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  types.push_back(withElement(cast<RankedTensorType>(adaptor.getInput().getType()), Float32Type::get(context)));
  return success();
}
