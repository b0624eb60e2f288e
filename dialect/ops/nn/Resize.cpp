// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape rule of resampling.
#include "dialect/Dialect.h"
#include <cmath>

using namespace mlir;
using namespace varve::ir;

// The dimension times the scale, rounded down; nothing if that is no expression.
static std::optional<DimExpr> scaled(const Dim &dim, double scale) {
  if (!dim.name) {
    double size = std::floor(static_cast<double>(dim.size) * scale);
    return size < std::ldexp(1, 60) ? std::optional(DimExpr(static_cast<int64_t>(size))) : std::nullopt;
  }
  constexpr double most = 1 << 20;
  int64_t divisor = 1;
  for (; scale != std::floor(scale) && divisor < (1 << 20); divisor *= 2)
    scale *= 2;
  if (scale != std::floor(scale) || scale >= most || divisor >= (1 << 20))
    return std::nullopt;
  return (exprOf(dim) * static_cast<int64_t>(scale)).floorDiv(divisor);
}

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  Dims dims = dimsOf(input.type);
  if (dims.size() < 3 || dims.size() > 5) // C1
    return emitOptionalError(location, "expects input of one to three spatial dimensions, but got ", input.type);
  size_t rank = dims.size() - 2;
  DimsAttr sizes = adaptor.getSizesAttr();
  std::optional<ArrayRef<double>> scales = adaptor.getScales();
  if (bool(sizes) == scales.has_value() || (sizes ? sizes.getNames().size() : scales->size()) != rank) // C2
    return emitOptionalError(location, "expects ", rank, " sizes or ", rank, " scales, but got ",
                             sizes ? sizes.getNames().size() : 0, " and ", scales ? scales->size() : 0);
  for (size_t axis = 0; axis < rank; ++axis)
    if (Dim &dim = dims[axis + 2]; !dim.name && dim.size == 0) // C5
      return emitOptionalError(location, "expects spatial dimensions that are not empty, but got ", input.type);
  if (sizes) {
    FailureOr<Dims> given = dimsOf(location, "sizes", sizes); // C3
    if (failed(given))
      return failure();
    llvm::copy(*given, dims.begin() + 2);
  } else {
    for (auto [axis, scale] : llvm::enumerate(*scales)) {
      if (!std::isfinite(scale) || scale <= 0) // C3
        return emitOptionalError(location, "expects scales that are finite and above 0, but got ", scale);
      std::optional<DimExpr> size = scaled(dims[axis + 2], scale);
      if (!size) // C4
        return emitOptionalError(location, "expects a scale of ", dims[axis + 2].str(),
                                 " that is a fraction of integers below 2^20, but got ", scale);
      FailureOr<Dim> dim = checkDim(location, "sizes", *size, context);
      if (failed(dim))
        return failure();
      dims[axis + 2] = *dim;
    }
  }
  if ((adaptor.getAlignCorners() || adaptor.getAntialias()) && adaptor.getMode().starts_with("nearest")) // C6
    return emitOptionalError(location, "expects ", adaptor.getAlignCorners() ? "align_corners" : "antialias",
                             " with mode linear or cubic, but got ", adaptor.getMode());
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}
