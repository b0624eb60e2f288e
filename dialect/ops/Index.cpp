// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of ops that count positions or look them up.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), indices("indices", adaptor.getIndices());
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", adaptor.getAxis(), input.type.getRank()); // C1
  if (failed(axis))
    return failure();
  Type element = input.type.getElementType();
  bool encoded = encodingOf(element) != varve::Encoding::none;
  if (*axis != 0 && (encoded || isa_and_present<PanelsAttr>(input.type.getEncoding()))) // C2
    return emitOptionalError(location, "expects axis 0 of ", encoded ? "a weight in blocks" : "a packed weight",
                             ", but got ", *axis);
  if (encoded && input.type.getRank() < 2) // C3
    return emitOptionalError(location, "expects a weight in blocks of at least rank 2, but got ", input.type);
  Dims from = dimsOf(input.type), at = dimsOf(indices.type), dims(from.begin(), from.begin() + *axis);
  dims.append(at);
  dims.append(from.begin() + *axis + 1, from.end());
  types.push_back(tensorOf(dims, encoded ? Float32Type::get(element.getContext()) : element));
  return success();
}

LogicalResult IotaOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  FailureOr<Dims> dims = dimsOf(location, "dimensions of shape", adaptor.getShape());           // C1
  if (failed(dims) || failed(normalizeAxis(location, "axis", adaptor.getAxis(), dims->size()))) // C2
    return failure();
  if (!isElement(adaptor.getDtype()) || adaptor.getDtype().isInteger(1)) // C3
    return emitOptionalError(location, "expects dtype f32, f16, bf16, i8, i32, i64 or ui8, but got ",
                             adaptor.getDtype());
  types.push_back(tensorOf(*dims, adaptor.getDtype()));
  return success();
}
