// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Sort.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Sorted sort(Operand input, SortOptions options) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"axis", options.axis}, {"descending", Unit()}};
  std::vector<Value> results =
      record("varve.sort", operands, std::span(attributes, options.descending ? 2 : 1), site_of(input));
  return {results[0], results[1]};
}

Value argsort(Operand input, SortOptions options) { return sort(input, options).indices; }

Sorted top_k(Operand input, int64_t k, int64_t axis) {
  Value operands[] = {value_of(input, "input")};
  Attribute attributes[] = {{"axis", axis}, {"k", k}};
  std::vector<Value> results = record("varve.top_k", operands, attributes, site_of(input));
  return {results[0], results[1]};
}

} // namespace varve
