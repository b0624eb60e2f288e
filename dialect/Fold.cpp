// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/Fold.h"

using namespace mlir;

namespace varve::ir {

// The row-major index of a position, aligned at the last dimension; an axis of size 1 is read at 0.
static int64_t indexOf(ArrayRef<int64_t> shape, ArrayRef<int64_t> at) {
  int64_t index = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    index = index * shape[axis] + (shape[axis] == 1 ? 0 : at[at.size() - shape.size() + axis]);
  return index;
}

// Whether a constant of the type may be made: all its elements, or one value repeated.
static bool isSmall(RankedTensorType type, bool splat) {
  if (!type.hasStaticShape())
    return false;
  if (splat)
    return !llvm::is_contained(type.getShape(), 0);
  int64_t count = 1;
  for (int64_t size : type.getShape()) {
    if (size > kMaxFolded) // even beside a 0: such a constant serves nobody
      return false;
    count *= size;
    if (count > kMaxFolded)
      return false;
  }
  return true;
}

Attribute makeConstant(RankedTensorType type, llvm::function_ref<Attribute(ArrayRef<int64_t>)> element) {
  if (!isSmall(type, /*splat=*/false))
    return {};
  ArrayRef<int64_t> shape = type.getShape();
  SmallVector<int64_t> at(shape.size(), 0);
  SmallVector<Attribute> values;
  for (int64_t left = type.getNumElements(); left > 0; --left) {
    values.push_back(element(at));
    if (!values.back())
      return {};
    for (size_t axis = shape.size(); axis-- > 0;) { // the next position, in row-major order
      if (++at[axis] < shape[axis])
        break;
      at[axis] = 0;
    }
  }
  return DenseElementsAttr::get(type, values);
}

Attribute elementAt(DenseElementsAttr constant, ArrayRef<int64_t> at) {
  return constant.getValues<Attribute>()[indexOf(constant.getType().getShape(), at)];
}

Attribute foldElements(RankedTensorType type, ArrayRef<Attribute> operands,
                       llvm::function_ref<Attribute(ArrayRef<Attribute>)> combine) {
  SmallVector<DenseElementsAttr, 3> constants;
  bool splat = true;
  for (Attribute operand : operands) {
    auto constant = dyn_cast_or_null<DenseElementsAttr>(operand);
    if (!constant)
      return {};
    splat = splat && constant.isSplat() && !constant.empty();
    constants.push_back(constant);
  }
  SmallVector<Attribute, 3> elements(constants.size());
  if (splat && isSmall(type, splat)) {
    for (auto [element, constant] : llvm::zip(elements, constants))
      element = constant.getSplatValue<Attribute>();
    Attribute value = combine(elements);
    return value ? DenseElementsAttr::get(type, value) : Attribute();
  }
  return makeConstant(type, [&](ArrayRef<int64_t> at) {
    for (auto [element, constant] : llvm::zip(elements, constants))
      element = elementAt(constant, at);
    return combine(elements);
  });
}

Attribute foldPlaces(RankedTensorType type, Attribute operand,
                     llvm::function_ref<void(MutableArrayRef<int64_t>)> place) {
  auto constant = dyn_cast_or_null<DenseElementsAttr>(operand);
  if (!constant)
    return {};
  bool splat = constant.isSplat() && !constant.empty();
  if (splat && isSmall(type, splat))
    return constant.resizeSplat(type);
  SmallVector<int64_t> source;
  return makeConstant(type, [&](ArrayRef<int64_t> at) {
    source.assign(at.begin(), at.end());
    place(source);
    return elementAt(constant, source);
  });
}

} // namespace varve::ir
