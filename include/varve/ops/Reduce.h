// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that take one value from all elements along some axes.
//   Value mean = reduce_mean(x, {.axes = {-1}, .keep_dims = true});
// **Shapes** the input's without the axes, or with 1 in their place.
// **Throws** `Error` for an axis that is not there, or twice, and for other types.
#pragma once
#include "varve/Weight.h"

namespace varve {

struct ReduceOptions {
  /// Negative ones count from the end; none: all axes.
  std::vector<int64_t> axes = {};
  /// Keeps the reduced dimensions, with size 1.
  bool keep_dims = false;
};

/// The sum; floats are summed in f32, integers wrap around. Of no elements: 0.
/// **Types** numbers. **IR** `varve.reduce_sum`.
Value reduce_sum(Operand input, ReduceOptions options = {});
/// The mean, summed in f32. Of no elements: NaN. **Types** floats. **IR** `varve.reduce_mean`.
Value reduce_mean(Operand input, ReduceOptions options = {});
/// The greatest; NaN if one is NaN. Of no elements: minus infinity, or the least integer. **Types** numbers.
/// **IR** `varve.reduce_max`.
Value reduce_max(Operand input, ReduceOptions options = {});
/// The least; NaN if one is NaN. Of no elements: infinity, or the greatest integer. **Types** numbers.
/// **IR** `varve.reduce_min`.
Value reduce_min(Operand input, ReduceOptions options = {});
/// The product; floats are multiplied in f32, integers wrap around. Of no elements: 1. **Types** numbers.
/// **IR** `varve.reduce_prod`.
Value reduce_prod(Operand input, ReduceOptions options = {});

struct ArgmaxOptions {
  int64_t axis = -1;
  /// Keeps the reduced dimension, with size 1.
  bool keep_dims = false;
};
/// The index of the greatest element along an axis; the first of equal ones, NaN counting as greatest.
/// **Shapes** the input's without the axis. **Types** numbers; the result is i64. **Throws** `Error`.
/// **IR** `varve.argmax`.
Value argmax(Operand input, ArgmaxOptions options = {});
/// The index of the least element along an axis; the first of equal ones, NaN counting as least.
/// **Shapes** the input's without the axis. **Types** numbers; the result is i64. **Throws** `Error`.
/// **IR** `varve.argmin`.
Value argmin(Operand input, ArgmaxOptions options = {});

} // namespace varve
