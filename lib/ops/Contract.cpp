// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Contract.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Value matmul(Operand lhs, Operand rhs) {
  auto [left, right] = promote(lhs, rhs);
  return record_one("varve.matmul", {left, right}, {}, site_of(lhs));
}

Value linear(Operand input, Operand weight) {
  return record_one("varve.linear", {value_of(input, "input"), value_of(weight, "weight")}, {}, site_of(input));
}

Value grouped_matmul(Operand input, Operand weight, Operand sizes) {
  return record_one("varve.grouped_matmul",
                    {value_of(input, "input"), value_of(weight, "weight"), value_of(sizes, "sizes")}, {},
                    site_of(input));
}

} // namespace varve
