// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Cumulative.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

static Value cumulative(std::string_view op, const Operand &input, int64_t axis) {
  return record_one(op, {value_of(input, "input")}, {{"axis", axis}}, site_of(input));
}

Value cumsum(Operand input, int64_t axis) { return cumulative("varve.cumsum", input, axis); }
Value cumprod(Operand input, int64_t axis) { return cumulative("varve.cumprod", input, axis); }

} // namespace varve
