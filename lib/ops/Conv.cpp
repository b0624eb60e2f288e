// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Conv.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {
namespace {

template <class Options>
Value convolve(std::string_view op, const Operand &input, const Operand &weight, const Operand *bias, Options options) {
  std::vector<Value> operands = {value_of(input, "input"), value_of(weight, "weight")};
  if (bias)
    operands.push_back(value_of(*bias, "bias"));
  auto expand = [&](std::vector<int64_t> &numbers) { fill_axes(numbers, operands[0]); };
  expand(options.strides), expand(options.padding), expand(options.padding_end), expand(options.dilations);
  if (options.padding_end.empty())
    options.padding_end = options.padding;
  std::vector<Attribute> attributes;
  add_numbers(attributes, "strides", options.strides);
  add_numbers(attributes, "padding_begin", options.padding);
  add_numbers(attributes, "padding_end", options.padding_end);
  if constexpr (requires { options.output_padding; }) {
    expand(options.output_padding);
    add_numbers(attributes, "output_padding", options.output_padding);
  }
  add_numbers(attributes, "dilations", options.dilations);
  if (options.groups != 1)
    attributes.push_back({"groups", options.groups});
  return record(op, operands, attributes, site_of(input))[0];
}

} // namespace

Value conv(Operand input, Operand weight, ConvOptions options) {
  return convolve("varve.conv", input, weight, nullptr, std::move(options));
}
Value conv(Operand input, Operand weight, Operand bias, ConvOptions options) {
  return convolve("varve.conv", input, weight, &bias, std::move(options));
}
Value conv_transpose(Operand input, Operand weight, ConvTransposeOptions options) {
  return convolve("varve.conv_transpose", input, weight, nullptr, std::move(options));
}
Value conv_transpose(Operand input, Operand weight, Operand bias, ConvTransposeOptions options) {
  return convolve("varve.conv_transpose", input, weight, &bias, std::move(options));
}

} // namespace varve
