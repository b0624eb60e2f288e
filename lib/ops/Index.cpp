// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Index.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Shape.h"

using namespace varve::detail;

namespace varve {

Value gather(Operand input, Operand indices, int64_t axis) {
  return record_one("varve.gather", {value_of(input, "input"), value_of(indices, "indices")}, {{"axis", axis}},
                    site_of(input));
}

Value take_along_axis(Operand input, Operand indices, int64_t axis) {
  return record_one("varve.take_along_axis", {value_of(input, "input"), value_of(indices, "indices")}, {{"axis", axis}},
                    site_of(input));
}

static Value put(std::string_view op, const Operand &input, const Operand &indices, const Operand &updates,
                 const ScatterOptions &options) {
  if (options.reduction != Scatter::replace && options.reduction != Scatter::add)
    fail_enum("a way to scatter", options.reduction, site_of(input));
  auto [into, from] = promote(input, updates, "input and updates");
  Value operands[] = {into, value_of(indices, "indices"), from};
  Attribute attributes[] = {{"axis", options.axis}, {"reduction", std::string_view("add")}};
  bool adds = options.reduction == Scatter::add; // the default, which ODS holds, is not to
  return record(op, operands, std::span(attributes, adds ? 2 : 1), site_of(input))[0];
}

Value scatter(Operand input, Operand indices, Operand updates, ScatterOptions options) {
  return put("varve.scatter", input, indices, updates, options);
}

Value put_along_axis(Operand input, Operand indices, Operand updates, ScatterOptions options) {
  return put("varve.put_along_axis", input, indices, updates, options);
}

Value one_hot(Operand indices, Dim depth, DType dtype) {
  Value value = value_of(indices, "indices");
  if (!is_integer(value.dtype()))
    fail("expects indices of integers, but got " + std::string(name_of(value.dtype())), site_of(indices));
  auto here = [&](Value each) { return Operand(each, site_of(indices)); };
  Operand places = here(iota({depth}, i64, 0, site_of(indices)));
  return cast(here(equal(here(unsqueeze(here(cast(indices, i64)), -1)), places)), dtype);
}

Value iota(Shape shape, DType dtype, int64_t axis, Site site) {
  return record_one("varve.iota", {}, {{"shape", std::span<const Dim>(shape)}, {"dtype", dtype}, {"axis", axis}}, site);
}

} // namespace varve
