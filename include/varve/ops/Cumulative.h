// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations whose elements join those before them along an axis.
//   Value ends = cumsum(lengths);
#pragma once
#include "varve/Weight.h"

namespace varve {

/// The sum of the elements up to each, along an axis; floats are added in f32, in order, integers wrap around.
/// **Shapes** the input's. **Types** numbers. **Throws** `Error`. **IR** `varve.cumsum`.
Value cumsum(Operand input, int64_t axis = -1);
/// The product of the elements up to each, likewise. **Shapes** the input's. **Types** numbers. **Throws** `Error`. **IR** `varve.cumprod`.
Value cumprod(Operand input, int64_t axis = -1);

} // namespace varve
