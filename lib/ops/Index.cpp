// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Index.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Value gather(Operand input, Operand indices, int64_t axis) {
  return record_one("varve.gather", {value_of(input, "input"), value_of(indices, "indices")}, {{"axis", axis}},
                    site_of(input));
}

Value iota(Shape shape, DType dtype, int64_t axis, Site site) {
  return record_one("varve.iota", {}, {{"shape", std::span<const Dim>(shape)}, {"dtype", dtype}, {"axis", axis}}, site);
}

} // namespace varve
