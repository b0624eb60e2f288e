// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Shape.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include <limits>

using namespace varve::detail;

namespace varve {

static std::span<const Dim> dims(const Shape &shape) { return shape; }

// The axis, counted from the front.
static size_t axis_of(int64_t axis, int64_t rank, Site site) {
  if (axis < -rank || axis >= rank)
    fail("expects axis in [" + std::to_string(-rank) + ", " + std::to_string(rank) + "), but got " +
             std::to_string(axis),
         site);
  return static_cast<size_t>(axis < 0 ? axis + rank : axis);
}

Value reshape(Operand input, Shape shape) {
  return record_one("varve.reshape", {value_of(input, "input")}, {{"shape", dims(shape)}}, site_of(input));
}

Value transpose(Operand input, std::vector<int64_t> permutation) {
  return record_one("varve.transpose", {value_of(input, "input")},
                    {{"permutation", std::span<const int64_t>(permutation)}}, site_of(input));
}

Value broadcast(Operand input, Shape shape) {
  return record_one("varve.broadcast", {value_of(input, "input")}, {{"shape", dims(shape)}}, site_of(input));
}

// A position counted in the other direction: 0 is the last one.
static Dim behind(const Dim &position, const Dim &size, Site site) {
  if (position.is_static() && position.value() < 0)
    return -1 - position.value();
  Dim result = size - 1 - position;
  if (result.is_static() && result.value() < 0)
    fail("expects a position below " + size.str() + ", but got " + position.str(), site);
  return result;
}

Value slice(Operand input, std::vector<Range> ranges) {
  Shape shape = value_of(input, "input").shape(), starts, ends;
  std::vector<int64_t> steps, reversed;
  if (ranges.size() > shape.size())
    fail("expects " + std::to_string(shape.size()) + " ranges or fewer, but got " + std::to_string(ranges.size()),
         site_of(input));
  ranges.resize(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    Range &range = ranges[axis];
    if (range.step < 0 && range.step >= -std::numeric_limits<int64_t>::max()) {
      range.begin = behind(range.begin, shape[axis], site_of(input));
      if (range.end)
        range.end = behind(*range.end, shape[axis], site_of(input));
      range.step = -range.step;
      reversed.push_back(static_cast<int64_t>(axis));
    }
    starts.push_back(range.begin);
    ends.push_back(range.end.value_or(shape[axis]));
    steps.push_back(range.step);
  }
  Value value = reversed.empty() ? value_of(input, "input") : flip(input, reversed);
  return record_one("varve.slice", {value},
                    {{"starts", dims(starts)}, {"ends", dims(ends)}, {"steps", std::span<const int64_t>(steps)}},
                    site_of(input));
}
Value slice(Operand input, int64_t axis, Range range) {
  std::vector<Range> ranges(axis_of(axis, value_of(input, "input").rank(), site_of(input)));
  ranges.push_back(std::move(range));
  return slice(input, std::move(ranges));
}

Value concat(const std::vector<Value> &inputs, int64_t axis, Site site) {
  Attribute attributes[] = {{"axis", axis}};
  return record("varve.concat", inputs, attributes, site)[0];
}

std::vector<Value> split(Operand input, Shape sizes, int64_t axis) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"axis", axis}, {"sizes", dims(sizes)}};
  return record("varve.split", operands, attributes, site_of(input));
}

std::vector<Value> chunk(Operand input, int64_t count, int64_t axis) {
  Value value = value_of(input, "input");
  Dim size = value.shape()[axis_of(axis, value.rank(), site_of(input))];
  if (count < 1)
    fail("expects a count of 1 or more, but got " + std::to_string(count), site_of(input));
  Shape sizes;
  if (!size.is_static()) {
    std::optional<Dim> piece = quotient(size, count);
    if (!piece)
      fail("expects a dimension that is a multiple of " + std::to_string(count) + ", but got " + size.str(),
           site_of(input));
    sizes.assign(static_cast<size_t>(count), *piece);
  } else {
    int64_t left = size.value(), piece = left / count + (left % count != 0);
    do { // one piece if there is nothing
      sizes.push_back(std::min(piece, left));
      left -= std::min(piece, left);
    } while (left > 0);
  }
  return split(input, std::move(sizes), axis);
}

Value stack(const std::vector<Value> &inputs, int64_t axis, Site site) {
  std::vector<Value> rows;
  for (Value input : inputs)
    rows.push_back(unsqueeze({input, site}, axis));
  return concat(rows, axis, site);
}

Value pad(Operand input, std::vector<Padding> paddings, PadOptions options) {
  constexpr std::string_view names[] = {"constant", "reflect", "replicate"};
  if (static_cast<size_t>(options.mode) >= std::size(names))
    fail_enum("a mode of pad", options.mode, site_of(input));
  std::vector<Value> operands = {value_of(input, "input")};
  DType dtype = operands[0].dtype();
  Operand zero = dtype == boolean ? Operand(false, site_of(input)) : Operand(0, site_of(input));
  if (options.mode == PadMode::constant)
    operands.push_back(value_of(OperandAccess::at(options.value.value_or(zero), site_of(input)), dtype));
  else if (options.value)
    fail("expects a value to pad with only in mode constant, but got mode " +
             std::string(names[static_cast<size_t>(options.mode)]),
         site_of(input));
  Shape low, high;
  for (const Padding &padding : paddings) {
    low.push_back(padding.low);
    high.push_back(padding.high);
  }
  std::vector<Attribute> attributes = {{"low", dims(low)}, {"high", dims(high)}};
  if (options.mode != PadMode::constant) // the default, which ODS holds
    attributes.push_back({"mode", names[static_cast<size_t>(options.mode)]});
  return record("varve.pad", operands, attributes, site_of(input))[0];
}

Value flip(Operand input, std::vector<int64_t> axes) {
  return record_one("varve.flip", {value_of(input, "input")}, {{"axes", std::span<const int64_t>(axes)}},
                    site_of(input));
}

Value roll(Operand input, int64_t shift, int64_t axis) {
  Value value = value_of(input, "input");
  Dim size = value.shape()[axis_of(axis, value.rank(), site_of(input))];
  if (size.is_static())
    shift = size.value() ? shift % size.value() : 0;
  if (shift == 0)
    return value;
  // What is left of the cut goes behind what is right of it.
  Dim cut = -shift;
  Value right = slice(input, axis, {.begin = cut}), left = slice(input, axis, {.end = cut});
  return concat({right, left}, axis, site_of(input));
}

// Repeats the input along new dimensions: `spread` is the shape with them, each of size 1 there, `counts` with their sizes.
static Value spread(const Operand &input, Shape spread, Shape counts, Shape result) {
  Site site = site_of(input);
  return reshape({broadcast({reshape(input, std::move(spread)), site}, std::move(counts)), site}, std::move(result));
}

Value tile(Operand input, Shape counts) {
  Shape shape = value_of(input, "input").shape(), ones, counted, result;
  shape.insert(shape.begin(), std::max(counts.size(), shape.size()) - shape.size(), 1);
  counts.insert(counts.begin(), shape.size() - counts.size(), 1);
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    ones.insert(ones.end(), {1, shape[axis]});
    counted.insert(counted.end(), {counts[axis], shape[axis]});
    result.push_back(counts[axis] * shape[axis]);
  }
  return spread(input, ones, counted, result);
}

Value repeat(Operand input, Dim count, int64_t axis) {
  Shape result = value_of(input, "input").shape(), ones = result, counted;
  auto at = static_cast<std::ptrdiff_t>(axis_of(axis, static_cast<int64_t>(result.size()), site_of(input)));
  ones.insert(ones.begin() + at + 1, 1);
  counted = ones;
  counted[static_cast<size_t>(at) + 1] = count;
  result[static_cast<size_t>(at)] = result[static_cast<size_t>(at)] * count;
  return spread(input, ones, counted, result);
}

Value squeeze(Operand input, std::vector<int64_t> axes) {
  Shape shape = value_of(input, "input").shape(), kept;
  std::vector<bool> gone(shape.size());
  for (int64_t axis : axes) {
    size_t at = axis_of(axis, static_cast<int64_t>(shape.size()), site_of(input));
    if (shape[at] != Dim(1))
      fail("expects dimension " + std::to_string(at) + " of size 1, but got " + shape[at].str(), site_of(input));
    gone[at] = true;
  }
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (!gone[axis])
      kept.push_back(shape[axis]);
  return reshape(input, kept);
}

Value unsqueeze(Operand input, int64_t axis) {
  Shape shape = value_of(input, "input").shape();
  size_t at = axis_of(axis, static_cast<int64_t>(shape.size()) + 1, site_of(input));
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(at), 1);
  return reshape(input, shape);
}

Value flatten(Operand input, int64_t first, int64_t last) {
  Shape shape = value_of(input, "input").shape(), flat;
  if (shape.empty())
    return reshape(input, {1});
  auto rank = static_cast<int64_t>(shape.size());
  size_t begin = axis_of(first, rank, site_of(input)), end = axis_of(last, rank, site_of(input));
  if (begin > end)
    fail("expects a last axis that is not before the first, but got " + std::to_string(last) + " and " +
             std::to_string(first),
         site_of(input));
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (axis > begin && axis <= end)
      flat.back() = flat.back() * shape[axis];
    else
      flat.push_back(shape[axis]);
  return reshape(input, flat);
}

// The elements whose column less their row is in the relation to the diagonal; zeros elsewhere.
static Value triangle(const Operand &input, int64_t diagonal, Value (*relation)(Operand, Operand)) {
  Value value = value_of(input, "input");
  if (value.rank() < 2)
    fail("expects input of 2 dimensions or more, but got " + value.type().str(), site_of(input));
  auto here = [&](auto each) { return Operand(each, site_of(input)); };
  Operand rows = here(iota({value.dim(-2), 1}, i64, 0, site_of(input)));
  Operand columns = here(iota({1, value.dim(-1)}, i64, 1, site_of(input)));
  Operand kept = here(relation(here(sub(columns, rows)), here(diagonal)));
  return value.dtype() == boolean ? logical_and(input, kept) : select(kept, input, here(0));
}

Value tril(Operand input, int64_t diagonal) { return triangle(input, diagonal, less_equal); }
Value triu(Operand input, int64_t diagonal) { return triangle(input, diagonal, greater_equal); }

} // namespace varve
