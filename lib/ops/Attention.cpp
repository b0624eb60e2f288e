// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Attention.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Value rope(Operand input, Operand cos, Operand sin, RopeOptions options) {
  if (options.pairing != Pairing::half && options.pairing != Pairing::interleaved)
    fail_enum("a pairing", options.pairing, site_of(input));
  std::string_view pairing = options.pairing == Pairing::half ? "half" : "interleaved";
  return record_one("varve.rope", {value_of(input, "input"), value_of(cos, "cos"), value_of(sin, "sin")},
                    {{"pairing", pairing}}, site_of(input));
}

Value attention(Operand query, Operand key, Operand value, AttentionOptions options) {
  std::vector<Value> operands = {value_of(query, "query"), value_of(key, "key"), value_of(value, "value")};
  if (options.mask)
    operands.push_back(options.mask);
  std::vector<Attribute> attributes;
  if (options.scale)
    attributes.push_back({"scale", *options.scale});
  if (options.causal)
    attributes.push_back({"causal", Unit()});
  if (options.window)
    attributes.push_back({"window", *options.window});
  return record("varve.attention", operands, attributes, site_of(query))[0];
}

} // namespace varve
