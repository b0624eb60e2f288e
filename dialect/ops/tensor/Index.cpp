// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of ops that count positions or look them up.
#include "dialect/Dialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace varve::ir;

// The dimensions of what is looked up in `input` along an axis.
static Dims gathered(Named input, int64_t axis, Named indices) {
  Dims from = dimsOf(input.type), dims(from.begin(), from.begin() + axis);
  dims.append(dimsOf(indices.type));
  dims.append(from.begin() + axis + 1, from.end());
  return dims;
}

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
  types.push_back(
      tensorOf(gathered(input, *axis, indices), encoded ? Float32Type::get(element.getContext()) : element));
  return success();
}

// The axis, if indices have the input's dimensions but for it.
static FailureOr<int64_t> axisOfPlaces(MaybeLoc location, Named input, Named indices, int64_t given) {
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", given, input.type.getRank());
  if (failed(axis))
    return failure();
  Dims from = dimsOf(input.type), dims = dimsOf(indices.type);
  if (dims.size() == from.size())
    from[*axis] = dims[*axis];
  if (dims != from)
    return emitOptionalError(location, "expects input and indices of equal dimensions but for axis ", *axis,
                             ", but got ", input.type, " and ", indices.type);
  return axis;
}

static LogicalResult checkUpdates(MaybeLoc location, Named input, Named updates, StringRef reduction) {
  if (failed(sameElement(location, input, updates)))
    return failure();
  if (reduction == "add" && input.type.getElementType().isInteger(1))
    return emitOptionalError(location, "expects numbers to add, but got ", input.type);
  return success();
}

LogicalResult TakeAlongAxisOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), indices("indices", adaptor.getIndices());
  if (failed(axisOfPlaces(location, input, indices, adaptor.getAxis()))) // C1, C2
    return failure();
  types.push_back(withElement(indices.type, input.type.getElementType()));
  return success();
}

LogicalResult ScatterOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), indices("indices", adaptor.getIndices()),
      updates("updates", adaptor.getUpdates());
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", adaptor.getAxis(), input.type.getRank()); // C1
  if (failed(axis))
    return failure();
  Dims expected = gathered(input, *axis, indices);
  if (dimsOf(updates.type) != expected) // C2
    return emitOptionalError(location, "expects updates of shape ", str(expected), ", but got ", updates.type);
  if (failed(checkUpdates(location, input, updates, adaptor.getReduction()))) // C3, C4
    return failure();
  types.push_back(input.type);
  return success();
}

LogicalResult PutAlongAxisOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), indices("indices", adaptor.getIndices()),
      updates("updates", adaptor.getUpdates());
  if (failed(axisOfPlaces(location, input, indices, adaptor.getAxis()))) // C1, C2
    return failure();
  if (dimsOf(indices.type) != dimsOf(updates.type)) // C3
    return emitOptionalError(location, "expects indices and updates of equal dimensions, but got ", indices.type,
                             " and ", updates.type);
  if (failed(checkUpdates(location, input, updates, adaptor.getReduction()))) // C4, C5
    return failure();
  types.push_back(input.type);
  return success();
}

std::optional<int64_t> varve::ir::indexedAxis(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<int64_t>>(op)
      .Case<GatherOp, TakeAlongAxisOp, ScatterOp, PutAlongAxisOp>([](auto lookup) {
        return *normalizeAxis(std::nullopt, "axis", lookup.getAxis(), lookup.getInput().getType().getRank());
      })
      .Default(std::nullopt);
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
