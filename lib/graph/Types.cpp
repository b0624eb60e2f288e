// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the types and attributes of the API and those of MLIR.
#include "lib/graph/Recorder.h"

using namespace mlir;

namespace varve::detail {

Type element_type(DType dtype, MLIRContext *context) {
  switch (dtype) {
  case DType::f32:
    return Float32Type::get(context);
  case DType::f16:
    return Float16Type::get(context);
  case DType::bf16:
    return BFloat16Type::get(context);
  case DType::i8:
    return IntegerType::get(context, 8);
  case DType::i32:
    return IntegerType::get(context, 32);
  case DType::i64:
    return IntegerType::get(context, 64);
  case DType::u8:
    return IntegerType::get(context, 8, IntegerType::Unsigned);
  case DType::boolean:
    return IntegerType::get(context, 1);
  }
  throw Error("expects an element type, but got the value " + std::to_string(static_cast<int>(dtype)));
}

DType dtype_of_element(Type type) {
  if (type.isF32())
    return f32;
  if (type.isF16())
    return f16;
  if (type.isBF16())
    return bf16;
  if (type.isUnsignedInteger(8))
    return u8;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return boolean;
  case 8:
    return i8;
  case 32:
    return i32;
  default:
    return i64;
  }
}

static StringAttr text_of(const Dim &dim, MLIRContext *context) { return StringAttr::get(context, dim.str()); }

ir::DimsAttr dims_attribute(std::span<const Dim> dims, MLIRContext *context) {
  SmallVector<StringAttr> names;
  for (const Dim &dim : dims)
    names.push_back(text_of(dim, context));
  return ir::DimsAttr::get(context, names);
}

RankedTensorType tensor_type_of(const TensorType &type, MLIRContext *context) {
  SmallVector<int64_t> shape;
  bool named = false;
  for (const Dim &dim : type.shape) {
    if (dim.is_static() && dim.value() < 0)
      throw Error("expects a shape of sizes that are not negative, but got " + shape_text(type.shape));
    named |= !dim.is_static();
    shape.push_back(dim.is_static() ? dim.value() : ShapedType::kDynamic);
  }
  mlir::Type element = type.encoding == Encoding::none ? element_type(type.dtype, context)
                                                       : mlir::Type(ir::EncodedType::get(context, type.encoding));
  return RankedTensorType::get(shape, element, named ? dims_attribute(type.shape, context) : mlir::Attribute());
}

TensorType tensor_type_of(RankedTensorType type) {
  TensorType result;
  result.encoding = ir::encodingOf(type.getElementType());
  if (result.encoding == Encoding::none)
    result.dtype = dtype_of_element(type.getElementType());
  auto names = dyn_cast_or_null<ir::DimsAttr>(type.getEncoding());
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    if (ShapedType::isDynamic(size) && names)
      result.shape.emplace_back(names.getNames()[axis].str());
    else
      result.shape.emplace_back(size);
  }
  return result;
}

static mlir::Attribute elements_of(const Tensor &tensor, MLIRContext *context) {
  auto type = RankedTensorType::get(tensor.shape(), element_type(tensor.dtype(), context));
  if (tensor.dtype() == boolean)
    return DenseElementsAttr::get(type, ArrayRef(tensor.data<bool>(), static_cast<size_t>(tensor.size())));
  return DenseElementsAttr::getFromRawBuffer(type, ArrayRef(static_cast<const char *>(tensor.data()), tensor.bytes()));
}

mlir::Attribute attribute_of(const Attribute &attribute, MLIRContext *context) {
  struct Visitor {
    MLIRContext *context;
    mlir::Attribute operator()(Unit) const { return UnitAttr::get(context); }
    mlir::Attribute operator()(int64_t value) const { return IntegerAttr::get(IntegerType::get(context, 64), value); }
    mlir::Attribute operator()(double value) const { return FloatAttr::get(Float64Type::get(context), value); }
    mlir::Attribute operator()(std::string_view value) const { return StringAttr::get(context, value); }
    mlir::Attribute operator()(DType value) const { return TypeAttr::get(element_type(value, context)); }
    mlir::Attribute operator()(std::span<const int64_t> value) const { return DenseI64ArrayAttr::get(context, value); }
    mlir::Attribute operator()(std::span<const Dim> value) const { return dims_attribute(value, context); }
    mlir::Attribute operator()(std::span<const double> value) const { return DenseF64ArrayAttr::get(context, value); }
    mlir::Attribute operator()(std::span<const int32_t> value) const { return DenseI32ArrayAttr::get(context, value); }
    mlir::Attribute operator()(const Tensor &value) const { return elements_of(value, context); }
  };
  return std::visit(Visitor{context}, attribute.value);
}

} // namespace varve::detail
