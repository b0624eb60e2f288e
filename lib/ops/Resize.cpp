// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Resize.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

static std::string_view name_of(ResizeMode mode, Site site) {
  switch (mode) {
  case ResizeMode::nearest:
    return "nearest";
  case ResizeMode::nearest_exact:
    return "nearest_exact";
  case ResizeMode::linear:
    return "linear";
  case ResizeMode::cubic:
    return "cubic";
  }
  fail_enum("a mode of resize", mode, site);
}

Value resize(Operand input, ResizeOptions options) {
  Value operands[] = {value_of(input, "input")};
  fill_axes(options.scales, operands[0]);
  std::vector<Attribute> attributes = {{"mode", name_of(options.mode, site_of(input))}};
  if (!options.sizes.empty())
    attributes.push_back({"sizes", std::span<const Dim>(options.sizes)});
  if (!options.scales.empty())
    attributes.push_back({"scales", std::span<const double>(options.scales)});
  if (options.align_corners)
    attributes.push_back({"align_corners", Unit()});
  if (options.antialias)
    attributes.push_back({"antialias", Unit()});
  return record("varve.resize", operands, attributes, site_of(input))[0];
}

} // namespace varve
