// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Attention.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Structure.h"
#include <bit>
#include <cmath>

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
  std::vector<int32_t> segments = {1, 1, 1};
  for (Value optional : {options.mask, options.sinks, options.slopes}) {
    segments.push_back(optional ? 1 : 0);
    if (optional)
      operands.push_back(optional);
  }
  std::vector<Attribute> attributes = {{"operandSegmentSizes", segments}};
  if (options.scale)
    attributes.push_back({"scale", *options.scale});
  if (options.causal)
    attributes.push_back({"causal", Unit()});
  if (options.window)
    attributes.push_back({"window", *options.window});
  if (options.soft_cap)
    attributes.push_back({"soft_cap", *options.soft_cap});
  return record("varve.attention", operands, attributes, site_of(query))[0];
}

Value alibi_slopes(int64_t heads, Site site) {
  if (heads < 1)
    fail("expects at least one head, but got " + std::to_string(heads), site);
  auto below = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(heads)));
  std::vector<float> slopes;
  for (int64_t i = 0; i < heads; ++i) {
    double place = i < below ? static_cast<double>(i + 1) : static_cast<double>(i - below) + 0.5;
    slopes.push_back(static_cast<float>(std::exp2(-8 * place / static_cast<double>(below))));
  }
  return constant(Tensor::from<float>({heads}, slopes), site);
}

} // namespace varve
