// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Pool.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {
namespace {

template <class Options> Value pool(std::string_view op, const Operand &input, Options options) {
  Value operands[] = {value_of(input, "input")};
  auto expand = [&](std::vector<int64_t> &numbers) { fill_axes(numbers, operands[0]); };
  expand(options.kernel), expand(options.strides), expand(options.padding);
  if (options.strides.empty())
    options.strides = options.kernel;
  std::vector<Attribute> attributes = {{"kernel", std::span<const int64_t>(options.kernel)}};
  add_numbers(attributes, "strides", options.strides);
  add_numbers(attributes, "padding_begin", options.padding);
  add_numbers(attributes, "padding_end", options.padding);
  if constexpr (requires { options.dilations; }) {
    expand(options.dilations);
    add_numbers(attributes, "dilations", options.dilations);
  } else {
    if (options.count_include_pad)
      attributes.push_back({"count_include_pad", Unit()});
    if (options.divisor_override)
      attributes.push_back({"divisor_override", *options.divisor_override});
  }
  if (options.ceil_mode)
    attributes.push_back({"ceil_mode", Unit()});
  return record(op, operands, attributes, site_of(input))[0];
}

Value adaptive(std::string_view op, const Operand &input, std::vector<int64_t> size) {
  Value value = value_of(input, "input");
  fill_axes(size, value);
  return record_one(op, {value}, {{"size", std::span<const int64_t>(size)}}, site_of(input));
}

} // namespace

Value max_pool(Operand input, MaxPoolOptions options) { return pool("varve.max_pool", input, std::move(options)); }
Value avg_pool(Operand input, AvgPoolOptions options) { return pool("varve.avg_pool", input, std::move(options)); }
Value adaptive_max_pool(Operand input, std::vector<int64_t> size) {
  return adaptive("varve.adaptive_max_pool", input, std::move(size));
}
Value adaptive_avg_pool(Operand input, std::vector<int64_t> size) {
  return adaptive("varve.adaptive_avg_pool", input, std::move(size));
}
Value global_max_pool(Operand input) { return adaptive_max_pool(input, {1}); }
Value global_avg_pool(Operand input) { return adaptive_avg_pool(input, {1}); }

} // namespace varve
