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
/// **Shapes** the input's, in that order. **Types** any. **Throws** `Error`. **IR** `varve.transpose`.
Value transpose(Operand input, std::vector<int64_t> permutation);

/// Repeats the input along dimensions of size 1 and new leading ones.
/// **Shapes** the given one; aligned at the last dimension, each of the input's is 1 or that of the shape.
/// **Types** any. **Throws** `Error`. **IR** `varve.broadcast`.
Value broadcast(Operand input, Shape shape);

/// The part of a dimension that a slice takes: begin, begin + step, .. before end. A negative number counts from the
/// end of the dimension. With a negative step it goes backward: {.begin = -1, .step = -1} is the whole dimension reversed.
struct Range {
  Dim begin = 0;
  /// None: the end of the dimension; with a negative step, its beginning, the first element included.
  std::optional<Dim> end = {};
  int64_t step = 1;
};
/// A part of each dimension; dimensions beyond the given ones are taken whole.
/// **Shapes** each dimension is (end - begin) / step, rounded up. **Types** any.
/// **Throws** `Error` for what is known to lie outside; what is not known is checked when the model runs.
/// **IR** `varve.slice`; of what a `varve.flip` gives, for negative steps.
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
/// Cuts the input into pieces of equal size along an axis, as PyTorch does: a size that `count` does not divide is rounded up,
/// so that the last piece is smaller, or pieces are fewer. A dimension that has a name must be a multiple of it.
/// **Shapes** each piece has its size as the axis. **Types** any. **Throws** `Error`. **IR** `varve.split`.
std::vector<Value> chunk(Operand input, int64_t count, int64_t axis = 0);
/// Values of equal shapes along a new axis; a negative one counts from the end of the result.
/// **Shapes** the inputs', and one more dimension of their number. **Types** any, the same.
/// **Throws** `Error`. **IR** `varve.reshape` and `varve.concat`.
Value stack(const std::vector<Value> &inputs, int64_t axis = 0, Site site = Site::current());

/// Elements that `pad` adds before and behind those of one dimension.
struct Padding {
  Dim low = 0, high = 0;
};
/// What they are: a value; the input's elements mirrored at its first and last one, which are not repeated; or these.
enum class PadMode { constant, reflect, replicate };
struct PadOptions {
  /// What the new elements are.
  PadMode mode = PadMode::constant;
  /// None: 0, or false. Only for mode `constant`.
  std::optional<Operand> value = {};
};
/// The input with more elements around it, a `Padding` for each dimension.
/// **Shapes** each dimension is low + dim + high. **Types** any. **Throws** `Error` for less than 0 elements, more than there are
/// to reflect, none to replicate; what is not known is checked when the model runs. **IR** `varve.pad`.
Value pad(Operand input, std::vector<Padding> paddings, PadOptions options = {});

/// The elements in reverse order along axes; none: along all. **Shapes** the input's. **Types** any. **Throws** `Error`. **IR** `varve.flip`.
Value flip(Operand input, std::vector<int64_t> axes = {});
/// The elements moved along an axis, those that leave it at its end coming in at its beginning; by less than 0: the other way.
/// Of a dimension that has a name no more than it has elements, which is checked when the model runs. **Shapes** the input's. **Types**
/// any. **Throws** `Error`. **IR** `varve.slice` and `varve.concat`.
Value roll(Operand input, int64_t shift, int64_t axis);

/// The input so many times along each dimension, aligned at the last; more counts than dimensions make new leading ones.
/// **Shapes** each dimension times its count. **Types** any. **Throws** `Error`. **IR** `varve.broadcast` between two `varve.reshape`.
Value tile(Operand input, Shape counts);
/// Each element `count` times along an axis (PyTorch's `repeat_interleave`). **Shapes** the axis times the count. **Types** any. **Throws** `Error`.
/// **IR** as `tile`.
Value repeat(Operand input, Dim count, int64_t axis);

/// Without dimensions of size 1. **Shapes** the input's without the axes. **Types** any. **Throws** `Error` for another size. **IR** `varve.reshape`.
Value squeeze(Operand input, std::vector<int64_t> axes);
/// With a new dimension of size 1; a negative axis counts from the end of the result. **Shapes** the input's with a 1
/// at the axis. **Types** any. **Throws** `Error`. **IR** `varve.reshape`.
Value unsqueeze(Operand input, int64_t axis);
/// The dimensions from `first` to `last` as one. **Shapes** their product in their place. **Types** any. **Throws** `Error`. **IR** `varve.reshape`.
Value flatten(Operand input, int64_t first = 0, int64_t last = -1);

/// The lower triangle of the last two dimensions, zeros above the diagonal; `diagonal` counts from the main one, to the right.
/// **Shapes** the input's. **Types** any. **Throws** `Error` for less than two dimensions. **IR** `varve.select` on two `varve.iota`.
Value tril(Operand input, int64_t diagonal = 0);
/// The same of the upper triangle: zeros below the diagonal.
Value triu(Operand input, int64_t diagonal = 0);

} // namespace varve
