// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Reduce.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

static Value reduce(std::string_view op, const Operand &input, const ReduceOptions &options) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"axes", std::span<const int64_t>(options.axes)}, {"keep_dims", Unit()}};
  return record(op, operands, std::span(attributes, options.keep_dims ? 2 : 1), site_of(input))[0];
}

Value reduce_sum(Operand input, ReduceOptions options) { return reduce("varve.reduce_sum", input, options); }
Value reduce_mean(Operand input, ReduceOptions options) { return reduce("varve.reduce_mean", input, options); }
Value reduce_max(Operand input, ReduceOptions options) { return reduce("varve.reduce_max", input, options); }
Value reduce_min(Operand input, ReduceOptions options) { return reduce("varve.reduce_min", input, options); }
Value reduce_prod(Operand input, ReduceOptions options) { return reduce("varve.reduce_prod", input, options); }

static Value arg(std::string_view op, const Operand &input, const ArgmaxOptions &options) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"axis", options.axis}, {"keep_dims", Unit()}};
  return record(op, operands, std::span(attributes, options.keep_dims ? 2 : 1), site_of(input))[0];
}

Value argmax(Operand input, ArgmaxOptions options) { return arg("varve.argmax", input, options); }
Value argmin(Operand input, ArgmaxOptions options) { return arg("varve.argmin", input, options); }

} // namespace varve
