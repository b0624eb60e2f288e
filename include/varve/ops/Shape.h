// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that give elements another place, and compute nothing.
//   Value heads = reshape(x, {1, "seq", 4, 64});
#pragma once
#include "varve/Weight.h"
#include <optional>

namespace varve {

/// The same elements in row-major order under another shape; one entry may be -1, it is what remains.
/// **Shapes** the given one, of as many elements. **Types** any. **Throws** `Error`. **IR** `varve.reshape`.
Value reshape(Operand input, Shape shape);

/// The dimensions in another order: dimension i of the result is dimension permutation[i] of the input.
/// **Types** any. **Throws** `Error`. **IR** `varve.transpose`.
Value transpose(Operand input, std::vector<int64_t> permutation);

/// Repeats the input along dimensions of size 1 and new leading ones.
/// **Shapes** the given one; aligned at the last dimension, each of the input's is 1 or that of the shape.
/// **Types** any. **Throws** `Error`. **IR** `varve.broadcast`.
Value broadcast(Operand input, Shape shape);

/// The part of a dimension that a slice takes: begin, begin + step, .. before end. A negative number counts from the
/// end of the dimension.
struct Range {
  Dim begin = 0;
  /// None: the end of the dimension.
  std::optional<Dim> end = {};
  int64_t step = 1;
};
/// A part of each dimension; dimensions beyond the given ones are taken whole.
/// **Shapes** each dimension is (end - begin) / step, rounded up. **Types** any.
/// **Throws** `Error` for what is known to lie outside; what is not known is checked when the model runs.
/// **IR** `varve.slice`.
Value slice(Operand input, std::vector<Range> ranges);
/// A part of one dimension; a negative axis counts from the end.
Value slice(Operand input, int64_t axis, Range range);

/// The inputs one after another along an axis.
/// **Shapes** equal but for the axis. **Types** any, the same. **Throws** `Error`. **IR** `varve.concat`.
Value concat(const std::vector<Value> &inputs, int64_t axis, Site site = Site::current());

/// Cuts the input into pieces along an axis.
/// **Shapes** each piece has its entry of `sizes` as the axis; their sum is the input's. **Types** any.
/// **Throws** `Error`. **IR** `varve.split`.
std::vector<Value> split(Operand input, Shape sizes, int64_t axis);

} // namespace varve
