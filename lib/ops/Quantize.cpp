// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Quantize.h"
#include "lib/ops/Operands.h"

using namespace varve::detail;

namespace varve {

Value dequantize(Operand input) {
  Value blocks = value_of(input, "input");
  return blocks.type().encoding == Encoding::none ? blocks
                                                  : record_one("varve.dequantize", {blocks}, {}, site_of(input));
}

} // namespace varve
