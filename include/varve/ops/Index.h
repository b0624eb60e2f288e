// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that count positions or look them up.
//   Value rows = gather(table, ids);
#pragma once
#include "varve/Weight.h"

namespace varve {

/// The slices of input at the given indices, as in an embedding.
/// **Shapes** the input's dimensions before the axis, then those of indices, then the input's after it.
/// **Types** input any, indices i32 or i64; of a weight in blocks of an encoding the result is f32. **Throws** `Error`; an index outside of the axis, when the model runs.
/// **IR** `varve.gather`.
Value gather(Operand input, Operand indices, int64_t axis = 0);

/// For each place the element of input at the index that stands there, along an axis: with axis 1 of two,
/// result[i, j] = input[i, indices[i, j]].
/// **Shapes** input and indices are equal but for the axis; the result has those of indices. **Types** as `gather`.
/// **Throws** as `gather`. **IR** `varve.take_along_axis`.
Value take_along_axis(Operand input, Operand indices, int64_t axis);

/// What is done with what an index names: it is replaced, or added to.
enum class Scatter { replace, add };
struct ScatterOptions {
  int64_t axis = 0;
  /// Whether updates are put in the place of elements, or added to them.
  Scatter reduction = Scatter::replace;
};
/// The input with its slices at the given indices replaced by updates, or these added: `gather` the other way. Of several updates for
/// one index the last one stays.
/// **Shapes** updates have those that `gather` gives. **Types** input and updates promote; to add: numbers. **Throws** as `gather`.
/// **IR** `varve.scatter`.
Value scatter(Operand input, Operand indices, Operand updates, ScatterOptions options = {});
/// The input with elements at the given indices along an axis replaced, or added to: `take_along_axis` the other way.
/// **Shapes** input and indices are equal but for the axis, updates and indices are equal. **Types**, **Throws** as `scatter`.
/// **IR** `varve.put_along_axis`.
Value put_along_axis(Operand input, Operand indices, Operand updates, ScatterOptions options = {});

/// One where the place along a new last axis is the index, else zero; an index outside of [0, depth) gives zeros only.
/// **Shapes** those of indices, then depth. **Types** indices integers; the result any. **Throws** `Error`.
/// **IR** `varve.compare` with `varve.iota`, and `varve.cast`.
Value one_hot(Operand indices, Dim depth, DType dtype = f32);

/// 0, 1, 2, .. along an axis.
/// **Shapes** the given one. **Types** numbers. **Throws** `Error`. **IR** `varve.iota`.
Value iota(Shape shape, DType dtype = i64, int64_t axis = 0, Site site = Site::current());

} // namespace varve
