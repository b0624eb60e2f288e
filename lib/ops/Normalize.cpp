// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Normalize.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Value softmax(Operand input, int64_t axis) {
  return record_one("varve.softmax", {value_of(input, "input")}, {{"axis", axis}}, site_of(input));
}

Value layer_norm(Operand input, Operand weight, Operand bias, NormOptions options) {
  return record_one("varve.layer_norm", {value_of(input, "input"), value_of(weight, "weight"), value_of(bias, "bias")},
                    {{"epsilon", options.epsilon}}, site_of(input));
}

Value layer_norm(Operand input, Operand weight, NormOptions options) {
  return record_one("varve.layer_norm", {value_of(input, "input"), value_of(weight, "weight")},
                    {{"epsilon", options.epsilon}}, site_of(input));
}

Value rms_norm(Operand input, Operand weight, NormOptions options) {
  return record_one("varve.rms_norm", {value_of(input, "input"), value_of(weight, "weight")},
                    {{"epsilon", options.epsilon}}, site_of(input));
}

// The size of the channels, which must be a number.
static int64_t channels_of(const Operand &input) {
  Value value = value_of(input, "input");
  if (value.rank() < 2)
    return 1; // the op's rule says what is wrong
  Dim channels = value.dim(1);
  if (!channels.is_static())
    fail("expects a number of channels that is known, but got " + value.type().str(), site_of(input));
  return channels.value();
}

Value group_norm(Operand input, int64_t groups, Operand weight, Operand bias, NormOptions options) {
  return record_one("varve.group_norm", {value_of(input, "input"), value_of(weight, "weight"), value_of(bias, "bias")},
                    {{"groups", groups}, {"epsilon", options.epsilon}}, site_of(input));
}

Value group_norm(Operand input, int64_t groups, NormOptions options) {
  return record_one("varve.group_norm", {value_of(input, "input")}, {{"groups", groups}, {"epsilon", options.epsilon}},
                    site_of(input));
}

Value instance_norm(Operand input, Operand weight, Operand bias, NormOptions options) {
  return group_norm(input, channels_of(input), weight, bias, options);
}

Value instance_norm(Operand input, NormOptions options) { return group_norm(input, channels_of(input), options); }

Value batch_norm(Operand input, Operand mean, Operand variance, Operand weight, Operand bias, NormOptions options) {
  return record_one("varve.batch_norm",
                    {value_of(input, "input"), value_of(mean, "mean"), value_of(variance, "variance"),
                     value_of(weight, "weight"), value_of(bias, "bias")},
                    {{"epsilon", options.epsilon}}, site_of(input));
}

Value batch_norm(Operand input, Operand mean, Operand variance, NormOptions options) {
  return record_one("varve.batch_norm",
                    {value_of(input, "input"), value_of(mean, "mean"), value_of(variance, "variance")},
                    {{"epsilon", options.epsilon}}, site_of(input));
}

} // namespace varve
