// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules and folding of ops that give elements another place.
#include "dialect/Dialect.h"
#include "dialect/Fold.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  DimExpr elements = productOf(dimsOf(input.type)), known(1);
  Dims dims;
  std::optional<size_t> open;
  for (auto [axis, entry] : llvm::enumerate(adaptor.getShape().getNames())) {
    DimExpr expr = exprOf(entry);
    if (expr == DimExpr(-1)) {
      if (open) // C1
        return emitOptionalError(location, "expects at most one -1 in shape, but got ", adaptor.getShape());
      open = axis;
      dims.push_back(Dim{});
      continue;
    }
    FailureOr<Dim> dim = checkDim(location, "dimensions of shape", expr, context); // C1
    if (failed(dim))
      return failure();
    dims.push_back(*dim);
    known = known * expr;
  }
  if (open) {
    std::optional<DimExpr> rest = elements.dividedBy(known);
    if (!rest) // C2
      return emitOptionalError(location, "expects the elements of input to be a multiple of those of shape, but got ",
                               elements.str(), " and ", known.str());
    FailureOr<Dim> dim = checkDim(location, "dimensions of shape", *rest, context);
    if (failed(dim))
      return failure();
    dims[*open] = *dim;
  } else if (elements != known) { // C3
    return emitOptionalError(location, "expects as many elements in shape as in input, but got ", known.str(), " and ",
                             elements.str());
  }
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(input.type.getRank()))) // C1
    return emitOptionalError(location, "expects a permutation of 0 to ", input.type.getRank() - 1, ", but got [",
                             permutation, "]");
  Dims from = dimsOf(input.type), dims;
  for (int64_t axis : permutation)
    dims.push_back(from[axis]);
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  FailureOr<Dims> dims = dimsOf(location, "dimensions of shape", adaptor.getShape()); // C1
  if (failed(dims))
    return failure();
  Dims from = dimsOf(input.type);
  bool fits = from.size() <= dims->size();
  for (auto [a, b] : llvm::zip(llvm::reverse(from), llvm::reverse(*dims)))
    fits = fits && (a.isOne() || a == b);
  if (!fits) // C2
    return emitOptionalError(location, "expects input to broadcast to shape, but got ", str(from), " and ", str(*dims));
  types.push_back(tensorOf(*dims, input.type.getElementType()));
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  ArrayRef<StringAttr> starts = adaptor.getStarts().getNames(), ends = adaptor.getEnds().getNames();
  ArrayRef<int64_t> steps = adaptor.getSteps();
  Dims dims = dimsOf(input.type);
  if (starts.size() != dims.size() || ends.size() != dims.size() || steps.size() != dims.size()) // C1
    return emitOptionalError(location, "expects ", dims.size(), " starts, ends and steps, but got ", starts.size(),
                             ", ", ends.size(), " and ", steps.size());
  for (auto [axis, dim] : llvm::enumerate(dims)) {
    DimExpr size = exprOf(dim), start = exprOf(starts[axis]), end = exprOf(ends[axis]);
    for (DimExpr *position : {&start, &end})
      if (position->constant().value_or(0) < 0)
        *position = *position + size;
    if (steps[axis] < 1) // C2
      return emitOptionalError(location, "expects steps of 1 or more, but got ", steps[axis]);
    DimExpr length = end - start;
    for (const DimExpr &distance : {start, length, size - end})
      if (distance.isOverflow() || distance.constant().value_or(0) < 0) // C3
        return emitOptionalError(location, "expects 0 <= start <= end <= size in dimension ", axis, ", but got start ",
                                 start.str(), ", end ", end.str(), " and size ", size.str());
    if (std::optional<int64_t> constant = length.constant()) {
      dim = Dim{*constant / steps[axis] + (*constant % steps[axis] != 0), {}};
    } else {
      DimExpr count = (length + (steps[axis] - 1)).floorDiv(steps[axis]);
      if (count.isOverflow()) // C4
        return emitOptionalError(location, "expects (end - start) / step in dimension ", axis,
                                 " that is an expression, but got ", length.str(), " and ", steps[axis]);
      dim = dimOf(count, context);
    }
  }
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty()) // C1
    return emitOptionalError(location, "expects one input or more, but got 0");
  Named first("input 0", inputs[0]);
  FailureOr<int64_t> axis = failure();
  Dims dims = dimsOf(first.type);
  DimExpr sum;
  for (auto [index, value] : llvm::enumerate(inputs)) {
    std::string name = "input " + std::to_string(index);
    Named input(name, value);
    if (input.type.getRank() != first.type.getRank()) // C2
      return emitOptionalError(location, "expects ", first.name, " and ", name, " of equal rank, but got ", first.type,
                               " and ", input.type);
    if (failed(sameElement(location, first, input))) // C3
      return failure();
    if (index == 0)
      axis = normalizeAxis(location, "axis", adaptor.getAxis(), first.type.getRank()); // C4
    if (failed(axis))
      return failure();
    Dims own = dimsOf(input.type);
    sum = sum + exprOf(own[*axis]);
    own[*axis] = dims[*axis];
    if (own != dims) // C5
      return emitOptionalError(location, "expects ", first.name, " and ", name, " of equal dimensions but for axis ",
                               *axis, ", but got ", first.type, " and ", input.type);
  }
  FailureOr<Dim> total = checkDim(location, "a sum of the axis", sum, context); // C6
  if (failed(total))
    return failure();
  dims[*axis] = *total;
  types.push_back(tensorOf(dims, first.type.getElementType()));
  return success();
}

LogicalResult SplitOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", adaptor.getAxis(), input.type.getRank()); // C1
  if (failed(axis))
    return failure();
  FailureOr<Dims> sizes = dimsOf(location, "sizes", adaptor.getSizes()); // C2
  if (failed(sizes))
    return failure();
  Dims dims = dimsOf(input.type);
  DimExpr sum;
  for (const Dim &size : *sizes)
    sum = sum + exprOf(size);
  if (sum != exprOf(dims[*axis])) // C3
    return emitOptionalError(location, "expects sizes whose sum is dimension ", *axis, " of input, but got ", sum.str(),
                             " and ", dims[*axis].str());
  for (const Dim &size : *sizes) {
    dims[*axis] = size;
    types.push_back(tensorOf(dims, input.type.getElementType()));
  }
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  Dims dims = dimsOf(input.type);
  ArrayRef<StringAttr> lows = adaptor.getLow().getNames(), highs = adaptor.getHigh().getNames();
  if (lows.size() != dims.size() || highs.size() != dims.size()) // C1
    return emitOptionalError(location, "expects ", dims.size(), " entries in low and high, but got ", lows.size(),
                             " and ", highs.size());
  StringRef mode = adaptor.getMode();
  if (bool(adaptor.getValue()) != (mode == "constant")) // C3
    return emitOptionalError(location, "expects a value exactly in mode constant, but got mode ", mode,
                             adaptor.getValue() ? " and a value" : " and no value");
  if (Value given = adaptor.getValue()) {
    Named value("value", given);
    if (failed(sameElement(location, input, value))) // C4
      return failure();
    if (value.type.getRank() != 0) // C4
      return emitOptionalError(location, "expects value without dimensions, but got ", value.type);
  }
  for (auto [axis, dim] : llvm::enumerate(dims)) {
    DimExpr low = exprOf(lows[axis]), high = exprOf(highs[axis]), size = exprOf(dim);
    for (const DimExpr &added : {low, high}) {
      FailureOr<Dim> number = checkDim(location, "low and high", added, context); // C2
      if (failed(number))
        return failure();
      DimExpr least = mode == "reflect" ? added + DimExpr(1) : DimExpr(1);
      bool isFree = mode == "constant" || (added.constant() == 0);
      if (!isFree && (size - least).constant().value_or(0) < 0) // C5
        return emitOptionalError(location, "expects ", mode == "reflect" ? "more than " + added.str() : "1 or more",
                                 " elements in dimension ", axis, " to ", mode, ", but got ", size.str());
    }
    FailureOr<Dim> sum = checkDim(location, "dimensions of the result", low + size + high, context);
    if (failed(sum))
      return failure();
    dim = *sum;
  }
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}

LogicalResult FlipOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput());
  if (failed(normalizeAxes(location, adaptor.getAxes(), input.type.getRank()))) // C1, C2
    return failure();
  types.push_back(input.type);
  return success();
}

//===- folding --------------------------------------------------------------------------------------------------------

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto inner = getInput().getDefiningOp<ReshapeOp>()) { // the number of elements is the same
    getInputMutable().assign(inner.getInput());
    return getResult();
  }
  auto constant = dyn_cast_or_null<DenseElementsAttr>(adaptor.getInput());
  if (!constant || constant.empty() || !getType().hasStaticShape() ||
      (!constant.isSplat() && constant.getNumElements() > kMaxFolded))
    return {};
  return constant.isSplat() ? constant.resizeSplat(getType()) : constant.reshape(getType());
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  ArrayRef<int64_t> permutation = getPermutation();
  if (llvm::equal(permutation, llvm::seq<int64_t>(permutation.size())))
    return getInput();
  if (auto inner = getInput().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> both;
    for (int64_t axis : permutation)
      both.push_back(inner.getPermutation()[axis]);
    setPermutation(both);
    getInputMutable().assign(inner.getInput());
    return getResult();
  }
  return foldPlaces(getType(), adaptor.getInput(), [&](MutableArrayRef<int64_t> at) {
    SmallVector<int64_t> result(at);
    for (auto [axis, from] : llvm::enumerate(permutation))
      at[from] = result[axis];
  });
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto inner = getInput().getDefiningOp<BroadcastOp>()) {
    getInputMutable().assign(inner.getInput());
    return getResult();
  }
  return foldPlaces(getType(), adaptor.getInput(), [](MutableArrayRef<int64_t>) {});
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  // Of the input's type and with steps of 1, a slice leaves nothing out.
  if (getInput().getType() == getType() && llvm::all_of(getSteps(), [](int64_t step) { return step == 1; }))
    return getInput();
  auto constant = dyn_cast_or_null<DenseElementsAttr>(adaptor.getInput());
  if (!constant)
    return {};
  SmallVector<int64_t> starts;
  for (auto [entry, size] : llvm::zip(getStarts().getNames(), constant.getType().getShape())) {
    std::optional<int64_t> start = exprOf(entry).constant();
    if (!start && !constant.isSplat())
      return {};
    starts.push_back(start.value_or(0) < 0 ? *start + size : start.value_or(0));
  }
  return foldPlaces(getType(), constant, [&](MutableArrayRef<int64_t> at) {
    for (auto [index, start, step] : llvm::zip(at, starts, getSteps()))
      index = index * step + start;
  });
}

// The pieces of a constant along an axis, of these types; nothing if one cannot be folded.
static SmallVector<OpFoldResult> foldSplit(Attribute constant, size_t axis, TypeRange types) {
  SmallVector<OpFoldResult> pieces;
  int64_t offset = 0;
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    Attribute piece = foldPlaces(tensor, constant, [&](MutableArrayRef<int64_t> at) { at[axis] += offset; });
    if (!piece)
      return {};
    pieces.push_back(piece);
    offset += tensor.getDimSize(axis);
  }
  return pieces;
}

// Constants one after another along an axis.
static Attribute foldConcat(RankedTensorType type, ArrayRef<Attribute> constants, size_t axis) {
  if (!type.hasStaticShape() || !llvm::all_of(constants, llvm::IsaAndPresentPred<DenseElementsAttr>))
    return {};
  // Which input holds a position of the axis, and where in it.
  SmallVector<std::pair<size_t, int64_t>> places;
  if (type.getDimSize(axis) > kMaxFolded)
    return {};
  for (auto [input, constant] : llvm::enumerate(constants))
    for (int64_t at = 0; at < cast<DenseElementsAttr>(constant).getType().getDimSize(axis); ++at)
      places.emplace_back(input, at);
  SmallVector<DenseElementsAttr> inputs =
      llvm::map_to_vector(constants, [](Attribute constant) { return cast<DenseElementsAttr>(constant); });
  return makeConstant(type, [&](ArrayRef<int64_t> at) {
    auto [input, index] = places[at[axis]];
    SmallVector<int64_t> source(at);
    source[axis] = index;
    return elementAt(inputs[input], source);
  });
}

OpFoldResult ConcatOp::fold(FoldAdaptor adaptor) {
  // Inputs that are empty along the axis.
  int64_t axis = *normalizeAxis(std::nullopt, "axis", getAxis(), getType().getRank());
  auto isEmpty = [&](Value input) { return cast<RankedTensorType>(input.getType()).getDimSize(axis) == 0; };
  SmallVector<Value> kept = llvm::filter_to_vector(getInputs(), [&](Value input) { return !isEmpty(input); });
  if (!kept.empty() && kept.size() < getInputs().size()) {
    getInputsMutable().assign(kept);
    return getResult();
  }
  if (getInputs().size() == 1)
    return getInputs()[0];
  // All pieces of a split.
  if (auto split = getInputs()[0].getDefiningOp<SplitOp>();
      split && llvm::equal(getInputs(), split.getResults()) &&
      axis == *normalizeAxis(std::nullopt, "axis", split.getAxis(), getType().getRank()))
    return split.getInput();
  return foldConcat(getType(), adaptor.getInputs(), axis);
}

LogicalResult SplitOp::fold(FoldAdaptor adaptor, SmallVectorImpl<OpFoldResult> &results) {
  if (getNumResults() == 1) {
    results.push_back(getInput());
    return success();
  }
  int64_t axis = *normalizeAxis(std::nullopt, "axis", getAxis(), getInput().getType().getRank());
  llvm::append_range(results, foldSplit(adaptor.getInput(), axis, getResultTypes()));
  return success(!results.empty());
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  // Of the input's type, nothing was added.
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

OpFoldResult FlipOp::fold(FoldAdaptor adaptor) {
  SmallVector<int64_t> axes = *normalizeAxes(std::nullopt, getAxes(), getType().getRank());
  if (auto inner = getInput().getDefiningOp<FlipOp>();
      inner && axes == *normalizeAxes(std::nullopt, inner.getAxes(), getType().getRank()))
    return inner.getInput();
  if (llvm::all_of(axes, [&](int64_t axis) { return getType().getDimSize(axis) == 1; }))
    return getInput();
  return foldPlaces(getType(), adaptor.getInput(), [&](MutableArrayRef<int64_t> at) {
    for (int64_t axis : axes)
      at[axis] = getType().getDimSize(axis) - 1 - at[axis];
  });
}
