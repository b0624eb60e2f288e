// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Structure.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Value constant(const Tensor &value, Site site) {
  if (!value)
    fail("expects a tensor, but got none (a default-made Tensor)", site);
  return record_one("varve.constant", {}, {{"value", value}}, site);
}

Value constant(Operand number, DType dtype) {
  if (OperandAccess::is_value(number))
    fail("expects a number, but got a value", site_of(number));
  return value_of(number, dtype);
}

Value dim_value(const Dim &dim, Site site) {
  return record_one("varve.dim", {}, {{"value", std::span(&dim, 1)}}, site);
}

Value identity(Operand input, std::string tag) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"tag", std::string_view(tag)}};
  return record("varve.identity", operands, std::span(attributes, tag.empty() ? 0 : 1), site_of(input))[0];
}

Value rebind(Operand input, Shape shape, std::string message) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"message", std::string_view(message)}};
  TensorType types[] = {{operands[0].dtype(), std::move(shape)}};
  return record("varve.rebind", operands, attributes, site_of(input), types)[0];
}

void print(Operand input, std::string label, PrintOptions options) {
  value_of(input, "input").print(std::move(label), std::move(options), site_of(input));
}
void print(Operand input, std::string label, PrintStyle style) {
  print(input, std::move(label), PrintOptions{.style = style});
}

Value Buffer::load(Site site) const {
  return record_one("varve.buffer.load", {buffer_argument(*this, *layer, site)}, {}, site);
}

void Buffer::store(Operand value, Shape offsets) const {
  Site site = site_of(value);
  Value operands[] = {value_of(value, dtype()), buffer_argument(*this, *layer, site)};
  Attribute attributes[] = {{"offsets", std::span<const Dim>(offsets)}};
  record("varve.buffer.store", operands, std::span(attributes, offsets.empty() ? 0 : 1), site);
}

void Buffer::store_at(Operand value, Operand position, int64_t axis, Shape offsets) const {
  Site site = site_of(value);
  Value operands[] = {value_of(value, dtype()), buffer_argument(*this, *layer, site), value_of(position, i64)};
  Attribute attributes[] = {{"axis", axis}, {"offsets", std::span<const Dim>(offsets)}};
  record("varve.buffer.store", operands, std::span(attributes, offsets.empty() ? 1 : 2), site);
}

} // namespace varve
