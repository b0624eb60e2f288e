// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Shape.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

static std::span<const Dim> dims(const Shape &shape) { return shape; }

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

Value slice(Operand input, std::vector<Range> ranges) {
  Shape shape = value_of(input, "input").shape(), starts, ends;
  std::vector<int64_t> steps;
  if (ranges.size() > shape.size())
    fail("expects " + std::to_string(shape.size()) + " ranges or fewer, but got " + std::to_string(ranges.size()),
         site_of(input));
  ranges.resize(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    starts.push_back(ranges[axis].begin);
    ends.push_back(ranges[axis].end.value_or(shape[axis]));
    steps.push_back(ranges[axis].step);
  }
  return record_one("varve.slice", {value_of(input, "input")},
                    {{"starts", dims(starts)}, {"ends", dims(ends)}, {"steps", std::span<const int64_t>(steps)}},
                    site_of(input));
}

Value slice(Operand input, int64_t axis, Range range) {
  int64_t rank = value_of(input, "input").rank();
  if (axis < -rank || axis >= rank)
    fail("expects axis in [" + std::to_string(-rank) + ", " + std::to_string(rank) + "), but got " +
             std::to_string(axis),
         site_of(input));
  std::vector<Range> ranges(static_cast<size_t>(axis < 0 ? axis + rank : axis));
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

} // namespace varve
