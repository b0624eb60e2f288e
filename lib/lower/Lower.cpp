// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/lower/Lower.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::DimExpr;
using ir::Dims;

Type storageOf(Type element) {
  bool narrow = element.isInteger(1) || element.isUnsignedInteger(8);
  return narrow ? IntegerType::get(element.getContext(), 8) : element;
}

LoweredTypes::LoweredTypes() {
  addConversion([](Type type) { return type; });
  addConversion([](RankedTensorType type) -> Type {
    if (const EncodingInfo &info = info_of(ir::encodingOf(type.getElementType())); info.encoding != Encoding::none) {
      SmallVector<int64_t> shape(type.getShape());
      shape.back() /= info.elements;
      if (info.bytes > 1)
        shape.push_back(info.bytes);
      if (auto panels = dyn_cast_or_null<ir::PanelsAttr>(type.getEncoding())) {
        shape[0] = llvm::divideCeil(shape[0], panels.getRows());
        shape.back() *= panels.getRows();
      }
      return RankedTensorType::get(shape, IntegerType::get(type.getContext(), 8));
    }
    Type element = storageOf(type.getElementType());
    if (auto panels = dyn_cast_or_null<ir::PanelsAttr>(type.getEncoding())) {
      int64_t rows = panels.getRows(), group = panels.getGroup();
      int64_t columns = ShapedType::getNumElements(type.getShape().drop_front());
      if (panels.getWinograd()) // of each channel 16 numbers, not 9
        columns = columns / 9 * 16;
      return RankedTensorType::get({int64_t(llvm::divideCeil(type.getShape()[0], rows)),
                                    int64_t(llvm::divideCeil(columns, group)), rows * group},
                                   element);
    }
    return RankedTensorType::get(type.getShape(), element);
  });
  addConversion(
      [](ir::BufferType type) -> Type { return MemRefType::get(type.getShape(), storageOf(type.getElementType())); });
}

Value evaluate(OpBuilder &builder, Location location, const DimExpr &expr, function_ref<Value(StringRef)> valueOf) {
  auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(builder, location, value); };
  // The graph's verifier has seen every name bound.
  auto symbol = [&](StringRef factor) -> Value {
    if (auto parts = DimExpr::quotient(factor)) // never negative
      return arith::DivUIOp::create(builder, location, evaluate(builder, location, parts->first, valueOf),
                                    index(parts->second));
    Value value = valueOf(factor);
    return value ? value : index(0);
  };
  Value sum;
  for (const auto &[factors, coefficient] : expr.getTerms()) {
    Value product;
    for (const std::string &name : factors)
      product = product ? arith::MulIOp::create(builder, location, product, symbol(name)) : symbol(name);
    if (!product)
      product = index(coefficient);
    else if (coefficient != 1)
      product = arith::MulIOp::create(builder, location, product, index(coefficient));
    sum = sum ? arith::AddIOp::create(builder, location, sum, product) : product;
  }
  return sum ? sum : index(0);
}

Value sizeOf(OpBuilder &builder, Operation *at, const DimExpr &expr) {
  auto function = at->getParentOfType<FunctionOpInterface>();
  auto names = at->getParentOfType<ModuleOp>()->getAttrOfType<ArrayAttr>(convention::kDims);
  return evaluate(builder, at->getLoc(), expr, [&](StringRef name) -> Value {
    for (auto [index, attribute] : llvm::enumerate(names))
      if (cast<StringAttr>(attribute).getValue() == name)
        return function.getArgument(convention::dims + index);
    return {};
  });
}

Value sizeOf(OpBuilder &builder, Operation *at, const Dim &dim) { return sizeOf(builder, at, ir::exprOf(dim)); }

SmallVector<OpFoldResult> sizesOf(OpBuilder &builder, Operation *at, ArrayRef<Dim> dims) {
  SmallVector<OpFoldResult> sizes;
  for (const Dim &dim : dims)
    sizes.push_back(dim.name ? OpFoldResult(sizeOf(builder, at, dim)) : OpFoldResult(builder.getIndexAttr(dim.size)));
  return sizes;
}

Value emptyTensor(OpBuilder &builder, Operation *at, ArrayRef<Dim> dims, Type element) {
  return tensor::EmptyOp::create(builder, at->getLoc(), sizesOf(builder, at, dims), element);
}

Value filledTensor(OpBuilder &builder, Operation *at, ArrayRef<Dim> dims, Value scalar) {
  Value empty = emptyTensor(builder, at, dims, scalar.getType());
  return linalg::FillOp::create(builder, at->getLoc(), scalar, empty).getResult(0);
}

// Groups of axes of `fine` that make up the axes of `coarse`, if each axis of coarse is a product of neighbours in fine.
static std::optional<SmallVector<ReassociationIndices>> groupsOf(ArrayRef<Dim> fine, ArrayRef<Dim> coarse) {
  SmallVector<ReassociationIndices> groups;
  size_t next = 0;
  for (const Dim &dim : coarse) {
    ReassociationIndices group;
    DimExpr want = ir::exprOf(dim), product(1);
    while (next < fine.size() && (group.empty() || !(product == want))) {
      product = product * ir::exprOf(fine[next]);
      group.push_back(next++);
    }
    if (group.empty() || !(product == want))
      return std::nullopt;
    groups.push_back(group);
  }
  for (; next < fine.size(); ++next) { // trailing axes of size one
    if (!fine[next].isOne() || groups.empty())
      return std::nullopt;
    groups.back().push_back(next);
  }
  return groups;
}

static RankedTensorType typeOf(ArrayRef<Dim> dims, Type element) {
  SmallVector<int64_t> shape;
  for (const Dim &dim : dims)
    shape.push_back(dim.name ? ShapedType::kDynamic : dim.size);
  return RankedTensorType::get(shape, element);
}

// Joins the axes of each group; and the other way.
static Value collapse(OpBuilder &builder, Operation *at, Value tensor, ArrayRef<ReassociationIndices> groups,
                      ArrayRef<Dim> to) {
  Type type = typeOf(to, cast<RankedTensorType>(tensor.getType()).getElementType());
  return tensor::CollapseShapeOp::create(builder, at->getLoc(), type, tensor, groups);
}
static Value expand(OpBuilder &builder, Operation *at, Value tensor, ArrayRef<ReassociationIndices> groups,
                    ArrayRef<Dim> to) {
  Type type = typeOf(to, cast<RankedTensorType>(tensor.getType()).getElementType());
  return tensor::ExpandShapeOp::create(builder, at->getLoc(), type, tensor, groups, sizesOf(builder, at, to));
}

Value reshape(OpBuilder &builder, Operation *at, Value tensor, ArrayRef<Dim> from, ArrayRef<Dim> to) {
  if (from == to)
    return tensor;
  // Upstream's verifiers do not know that `seq * 0` is 0.
  if (isEmpty(from) || isEmpty(to))
    return emptyTensor(builder, at, to, cast<RankedTensorType>(tensor.getType()).getElementType());
  if (from.size() > to.size())
    if (auto groups = groupsOf(from, to))
      return collapse(builder, at, tensor, *groups, to);
  if (from.size() < to.size())
    if (auto groups = groupsOf(to, from))
      return expand(builder, at, tensor, *groups, to);
  // Neither divides the other: by way of the flat tensor.
  Dim flat = ir::dimOf(ir::productOf(from), at->getContext());
  if (from.size() != 1 && to.size() != 1)
    return reshape(builder, at, reshape(builder, at, tensor, from, {flat}), {flat}, to);
  auto allOf = [](size_t rank) {
    SmallVector<ReassociationIndices> groups;
    if (rank > 0)
      groups.push_back(llvm::to_vector<2>(llvm::seq<int64_t>(rank)));
    return groups;
  };
  if (from.empty() || to.size() > 1)
    return expand(builder, at, tensor, allOf(from.empty() ? 0 : to.size()), to);
  return collapse(builder, at, tensor, allOf(to.empty() ? 0 : from.size()), to);
}

bool isEmpty(ArrayRef<Dim> dims) {
  return llvm::any_of(dims, [](const Dim &dim) { return !dim.name && dim.size == 0; });
}

Value slice(OpBuilder &builder, Operation *at, Value tensor, ArrayRef<DimExpr> offsets, ArrayRef<Dim> to,
            ArrayRef<int64_t> steps) {
  if (isEmpty(to))
    return emptyTensor(builder, at, to, cast<RankedTensorType>(tensor.getType()).getElementType());
  Dims starts;
  for (const DimExpr &offset : offsets)
    starts.push_back(ir::dimOf(offset, at->getContext()));
  SmallVector<OpFoldResult> strides(to.size(), builder.getIndexAttr(1));
  for (auto [stride, step] : llvm::zip(strides, steps))
    stride = builder.getIndexAttr(step);
  return tensor::ExtractSliceOp::create(builder, at->getLoc(), tensor, sizesOf(builder, at, starts),
                                        sizesOf(builder, at, to), strides);
}

Type computeType(Type element) {
  return isa<Float16Type, BFloat16Type>(element) ? Float32Type::get(element.getContext()) : element;
}

Value toFloat(OpBuilder &builder, Location location, Value scalar, Type to) {
  unsigned from = scalar.getType().getIntOrFloatBitWidth(), width = to.getIntOrFloatBitWidth();
  if (scalar.getType() == to)
    return scalar;
  if (from < width)
    return arith::ExtFOp::create(builder, location, to, scalar);
  if (from > width)
    return arith::TruncFOp::create(builder, location, to, scalar);
  return toFloat(builder, location, toFloat(builder, location, scalar, builder.getF32Type()), to); // f16 and bf16
}

Value floatConstant(OpBuilder &builder, Location location, double value, Type type) {
  return arith::ConstantOp::create(builder, location, builder.getFloatAttr(type, value));
}

Value floatSize(OpBuilder &builder, Operation *at, const Dim &dim) {
  Type f32 = builder.getF32Type();
  if (!dim.name)
    return floatConstant(builder, at->getLoc(), dim.size, f32);
  Value size = arith::IndexCastOp::create(builder, at->getLoc(), builder.getI64Type(), sizeOf(builder, at, dim));
  return arith::SIToFPOp::create(builder, at->getLoc(), f32, size);
}

} // namespace varve::lower
