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

/// 0, 1, 2, .. along an axis.
/// **Shapes** the given one. **Types** numbers. **Throws** `Error`. **IR** `varve.iota`.
Value iota(Shape shape, DType dtype = i64, int64_t axis = 0, Site site = Site::current());

} // namespace varve
