// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/lower/nn/Windows.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::DimExpr;
using ir::Dims;

SlidingWindows::SlidingWindows(OpBuilder &builder, Operation *at, ir::Windows given, ArrayRef<Dim> lead,
                               ArrayRef<Dim> spatial, ArrayRef<Dim> counts)
    : builder(builder), at(at), windows(std::move(given)), lead(lead), spatial(spatial), counts(counts) {
  bool within = true; // no window reaches into a next row
  bool isStatic = true;
  for (unsigned axis = 0; axis < rank(); ++axis) {
    bool isPoint = windows.kernel[axis] == 1; // a cell is a window
    if (counts[axis].isOne() && !isPoint)     // there is no second window
      windows.strides[axis] = 1;
    int64_t stride = windows.strides[axis];
    // As much as the windows read, and as the input is long.
    DimExpr padded = windows.padded(axis, ir::exprOf(spatial[axis]));
    DimExpr read = (ir::exprOf(counts[axis]) - 1) * stride + windows.extent(axis);
    std::optional<int64_t> more = (read - padded).constant();
    // Only a last window that hangs over the end reads more, by less than its stride.
    DimExpr length = more ? padded + std::max<int64_t>(*more, 0) : padded + (stride - 1);
    cells.push_back(isPoint ? ir::exprOf(counts[axis]) : (length + (stride - 1)).floorDiv(stride));
    if (axis > 0) {
      within &= reach(axis) == 0;
      isStatic &= cells[axis].constant().has_value();
    }
  }
  flat = rank() > 1 && (isStatic || (within && reach(0) == 0));
  if (flat && !within)
    cells[0] = cells[0] + 1; // the last row's windows go on in one more
}

Value SlidingWindows::layOut(Value input, Value padding) const {
  Dims from(lead), padded(lead), phased(lead), flattened(lead);
  from.append(spatial);
  SmallVector<DimExpr> offsets(lead.size());
  bool isPadded = false, isPhased = false;
  for (unsigned axis = 0; axis < rank(); ++axis) {
    padded.push_back(dim(cells[axis] * windows.strides[axis]));
    offsets.push_back(windows.begin[axis]);
    isPadded |= padded.back() != spatial[axis] || windows.begin[axis] != 0;
    isPhased |= windows.strides[axis] != 1;
  }
  if (isPadded) {
    Value whole = filledTensor(builder, at, padded, padding);
    if (!isEmpty(from)) {
      input = convert(builder, at, input, from, padding.getType());
      SmallVector<OpFoldResult> ones(from.size(), builder.getIndexAttr(1));
      Dims starts;
      for (const DimExpr &offset : offsets)
        starts.push_back(dim(offset));
      whole = tensor::InsertSliceOp::create(builder, at->getLoc(), input, whole, sizesOf(builder, at, starts),
                                            sizesOf(builder, at, from), ones);
    }
    input = whole;
  }
  if (isPhased) {
    // [lead.., phases.., cells..]
    unsigned loops = lead.size() + 2 * rank();
    SmallVector<AffineExpr> exprs;
    for (unsigned axis = 0; axis < lead.size(); ++axis)
      exprs.push_back(builder.getAffineDimExpr(axis));
    for (unsigned axis = 0; axis < rank(); ++axis) {
      phased.push_back(Dim{phases(axis), {}});
      AffineExpr cell = builder.getAffineDimExpr(lead.size() + rank() + axis);
      exprs.push_back(cell * windows.strides[axis] + builder.getAffineDimExpr(lead.size() + axis));
    }
    for (const DimExpr &count : cells)
      phased.push_back(dim(count));
    Type element = cast<RankedTensorType>(input.getType()).getElementType();
    input = compute(builder, at, phased, element, input, AffineMap::get(loops, 0, exprs, builder.getContext()),
                    [](OpBuilder &, Location, ValueRange v) { return v[0]; });
  } else {
    phased = padded;
  }
  if (!flat)
    return input;
  flattened = Dims(ArrayRef(phased).drop_back(rank()));
  flattened.push_back(dim(ir::productOf(ArrayRef(phased).take_back(rank()))));
  return reshape(builder, at, input, phased, flattened);
}

Dims SlidingWindows::loops() const {
  if (!flat)
    return counts;
  DimExpr all = ir::exprOf(counts[0]);
  for (unsigned axis = 1; axis < rank(); ++axis)
    all = all * cells[axis];
  return {dim(all)};
}

SmallVector<AffineExpr> SlidingWindows::place(ArrayRef<AffineExpr> leadPlace, ArrayRef<AffineExpr> windowPlace,
                                              ArrayRef<AffineExpr> kernel) const {
  SmallVector<AffineExpr> exprs(leadPlace), reached;
  bool isPhased = llvm::any_of(windows.strides, [](int64_t stride) { return stride != 1; });
  for (unsigned axis = 0; axis < rank(); ++axis) {
    AffineExpr offset =
        windows.kernel[axis] == 1 ? builder.getAffineConstantExpr(0) : kernel[axis] * windows.dilations[axis];
    if (isPhased)
      exprs.push_back(offset % windows.strides[axis]);
    reached.push_back(offset.floorDiv(windows.strides[axis]));
  }
  if (!flat) {
    for (unsigned axis = 0; axis < rank(); ++axis)
      exprs.push_back(windowPlace[axis] + reached[axis]);
    return exprs;
  }
  AffineExpr at = windowPlace[0];
  int64_t row = 1;
  for (unsigned axis = rank(); axis-- > 0;) {
    at = at + reached[axis] * row;
    if (axis > 0)
      row *= cells[axis].constant().value_or(1); // where it is not known, nothing is reached
  }
  exprs.push_back(at);
  return exprs;
}

Value SlidingWindows::cut(Value result, ArrayRef<Dim> front) const {
  if (!flat)
    return result;
  Dims from(front), whole(front), to(front);
  from.append(loops());
  to.append(counts);
  whole.push_back(counts[0]);
  for (unsigned axis = 1; axis < rank(); ++axis)
    whole.push_back(dim(cells[axis]));
  result = reshape(builder, at, result, from, whole);
  SmallVector<DimExpr> zeros(to.size());
  return whole == to ? result : slice(builder, at, result, zeros, to);
}

Value windowShape(OpBuilder &builder, Operation *at, ArrayRef<Dim> sizes) {
  return emptyTensor(builder, at, sizes, builder.getF32Type());
}

Dims withChannelsFirst(ArrayRef<Dim> image) {
  return ir::imageOf(image[0], image.back(), ir::spatialOf(image, /*channelsLast=*/true), /*channelsLast=*/false);
}

Value turnChannels(OpBuilder &builder, Operation *at, Value image, ArrayRef<Dim> result, bool toLast) {
  SmallVector<unsigned> places{0};
  unsigned rank = result.size();
  for (unsigned axis = 1; axis < rank; ++axis) // of the image, in the result
    places.push_back(toLast ? (axis == 1 ? rank - 1 : axis - 1) : (axis == rank - 1 ? 1 : axis + 1));
  return compute(builder, at, result, cast<RankedTensorType>(image.getType()).getElementType(), image,
                 mapOf(builder, rank, places), [](OpBuilder &, Location, ValueRange v) { return v[0]; });
}

} // namespace varve::lower
