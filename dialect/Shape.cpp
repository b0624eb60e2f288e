// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/Shape.h"
#include "dialect/Dialect.h"

using namespace mlir;

namespace varve::ir {

std::string Dim::str() const { return name ? name.getValue().str() : std::to_string(size); }

bool isNamed(RankedTensorType type) {
  return type.hasStaticShape() ? !type.getEncoding() : isa_and_nonnull<DimsAttr>(type.getEncoding());
}

bool isAddressable(ArrayRef<int64_t> shape) {
  constexpr int64_t limit = int64_t(1) << 60;
  int64_t count = 1;
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size) || size == 0) // counts as 1: what surrounds it is computed too
      continue;
    if (size >= limit / count + (limit % count != 0))
      return false;
    count *= size;
  }
  return true;
}

Dims dimsOf(RankedTensorType type) {
  Dims dims;
  auto names = dyn_cast_or_null<DimsAttr>(type.getEncoding());
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    dims.push_back(ShapedType::isDynamic(size) && names ? Dim{size, names.getNames()[axis]} : Dim{size, {}});
  return dims;
}

RankedTensorType tensorOf(ArrayRef<Dim> dims, Type element) {
  SmallVector<int64_t> shape;
  SmallVector<StringAttr> names;
  MLIRContext *context = element.getContext();
  for (const Dim &dim : dims) {
    shape.push_back(dim.name ? ShapedType::kDynamic : dim.size);
    names.push_back(dim.name ? dim.name : StringAttr::get(context, std::to_string(dim.size)));
  }
  Attribute encoding = ShapedType::isDynamicShape(shape) ? DimsAttr::get(context, names) : Attribute();
  return RankedTensorType::get(shape, element, encoding);
}

DimExpr exprOf(StringAttr text) { return DimExpr::parse(text.getValue()).value_or(DimExpr(0)); }
DimExpr exprOf(const Dim &dim) { return dim.name ? exprOf(dim.name) : DimExpr(dim.size); }

Dim dimOf(const DimExpr &expr, MLIRContext *context) {
  if (std::optional<int64_t> size = expr.constant())
    return {*size, {}};
  return {ShapedType::kDynamic, StringAttr::get(context, expr.str())};
}

RankedTensorType withElement(RankedTensorType type, Type element) {
  return RankedTensorType::get(type.getShape(), element, type.getEncoding());
}

std::string str(ArrayRef<Dim> dims) {
  std::string text = "[";
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(dims, stream, [&](const Dim &dim) { stream << dim.str(); });
  stream << "]";
  return text;
}

DimExpr productOf(ArrayRef<Dim> dims) {
  DimExpr product(1);
  for (const Dim &dim : dims)
    product = product * exprOf(dim);
  return product;
}

LogicalResult sameElement(MaybeLoc location, Named lhs, Named rhs) {
  if (lhs.type.getElementType() == rhs.type.getElementType())
    return success();
  return emitOptionalError(location, "expects ", lhs.name, " and ", rhs.name, " of equal element type, but got ",
                           lhs.type, " and ", rhs.type);
}

FailureOr<Dims> broadcast(MaybeLoc location, ArrayRef<Named> operands) {
  size_t rank = 0;
  for (const Named &operand : operands)
    rank = std::max<size_t>(rank, operand.type.getRank());
  Dims result(rank);
  for (const Named &operand : operands) {
    Dims dims = dimsOf(operand.type);
    for (size_t i = 0; i < dims.size(); ++i) {
      Dim &into = result[rank - dims.size() + i];
      if (into.isOne())
        into = dims[i];
      else if (!dims[i].isOne() && into != dims[i]) {
        std::string names, types;
        llvm::raw_string_ostream nameStream(names), typeStream(types);
        llvm::interleave(operands, nameStream, [&](const Named &n) { nameStream << n.name; }, " and ");
        llvm::interleave(operands, typeStream, [&](const Named &n) { typeStream << "'" << n.type << "'"; }, " and ");
        return emitOptionalError(location, "expects ", names, " to broadcast, but got ", types, ": dimension ",
                                 rank - dims.size() + i, " is ", into.str(), " and ", dims[i].str());
      }
    }
  }
  return result;
}

FailureOr<int64_t> normalizeAxis(MaybeLoc location, StringRef name, int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  return emitOptionalError(location, "expects ", name, " in [", -rank, ", ", rank, "), but got ", axis);
}

FailureOr<SmallVector<int64_t>> normalizeAxes(MaybeLoc location, ArrayRef<int64_t> axes, int64_t rank) {
  if (axes.empty())
    return llvm::to_vector(llvm::seq<int64_t>(rank));
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    FailureOr<int64_t> normal = normalizeAxis(location, "axes", axis, rank);
    if (failed(normal))
      return failure();
    if (llvm::is_contained(result, *normal))
      return emitOptionalError(location, "expects axes that differ, but got ", *normal, " twice");
    result.push_back(*normal);
  }
  llvm::sort(result);
  return result;
}

FailureOr<Dim> checkDim(MaybeLoc location, StringRef name, const DimExpr &expr, MLIRContext *context) {
  if (expr.isOverflow() || expr.constant().value_or(0) < 0)
    return emitOptionalError(location, "expects ", name, " of 0 or more, but got ", expr.str());
  return dimOf(expr, context);
}

FailureOr<Dims> dimsOf(MaybeLoc location, StringRef name, DimsAttr attribute) {
  Dims dims;
  for (StringAttr entry : attribute.getNames()) {
    FailureOr<Dim> dim = checkDim(location, name, exprOf(entry), attribute.getContext());
    if (failed(dim))
      return failure();
    dims.push_back(*dim);
  }
  return dims;
}

Dims withoutAxes(ArrayRef<Dim> dims, ArrayRef<int64_t> axes, bool keepDims) {
  Dims result;
  for (auto [axis, dim] : llvm::enumerate(dims))
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
      result.push_back(dim);
    else if (keepDims)
      result.push_back(Dim{});
  return result;
}

LogicalResult inferBinary(MaybeLoc location, Type lhs, Type rhs, SmallVectorImpl<Type> &types) {
  Named left("lhs", lhs), right("rhs", rhs);
  if (failed(sameElement(location, left, right))) // C1
    return failure();
  FailureOr<Dims> dims = broadcast(location, {left, right}); // C2
  if (failed(dims))
    return failure();
  types.push_back(tensorOf(*dims, left.type.getElementType()));
  return success();
}

LogicalResult inferAlongAxis(MaybeLoc location, Type input, int64_t axis, SmallVectorImpl<Type> &types) {
  if (failed(normalizeAxis(location, "axis", axis, cast<RankedTensorType>(input).getRank())))
    return failure();
  types.push_back(input);
  return success();
}

LogicalResult inferArg(MaybeLoc location, Type input, int64_t given, bool keepDims, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(input);
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", given, type.getRank()); // C1
  if (failed(axis))
    return failure();
  Dims dims = dimsOf(type);
  if (!dims[*axis].name && dims[*axis].size == 0) // C2
    return emitOptionalError(location, "expects an axis that is not empty, but got ", type);
  types.push_back(tensorOf(withoutAxes(dims, *axis, keepDims), IntegerType::get(type.getContext(), 64)));
  return success();
}

LogicalResult inferReduce(MaybeLoc location, Type input, ArrayRef<int64_t> axes, bool keepDims,
                          SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(input);
  FailureOr<SmallVector<int64_t>> normal = normalizeAxes(location, axes, type.getRank()); // C1, C2
  if (failed(normal))
    return failure();
  types.push_back(tensorOf(withoutAxes(dimsOf(type), *normal, keepDims), type.getElementType()));
  return success();
}

} // namespace varve::ir
