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

} // namespace varve
