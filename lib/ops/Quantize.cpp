// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Quantize.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Shape.h"
#include <algorithm>

using namespace varve::detail;

namespace varve {

Value dequantize(Operand input) {
  Value blocks = value_of(input, "input");
  return blocks.type().encoding == Encoding::none ? blocks
                                                  : record_one("varve.dequantize", {blocks}, {}, site_of(input));
}

Value dequantize(Operand input, Operand scales, std::array<int64_t, 2> block) {
  Site site = site_of(input);
  Value numbers = dequantize(input), factors = value_of(scales, "scales");
  Shape shape = numbers.shape(), found = factors.shape();
  bool isStatic = std::all_of(shape.begin(), shape.end(), [](const Dim &dim) { return dim.is_static(); });
  if (shape.size() != 2 || !isStatic)
    fail("expects input [out, in] of static sizes, but got " + numbers.type().str(), site);
  int64_t out = shape[0].value(), in = shape[1].value(), rows = block[0], columns = block[1];
  if (rows < 0 || columns < 0 || (rows == 0) != (columns == 0))
    fail("expects a block of at least one row and column, or none, but got " + shape_text({rows, columns}), site);
  numbers = cast(numbers, f32), factors = cast(factors, f32);
  auto refuse = [&](const std::string &expected) {
    fail("expects scales " + expected + " for input " + shape_text(shape) + ", but got " + shape_text(found), site);
  };
  if (rows == 0) {
    bool isOne = std::all_of(found.begin(), found.end(), [](const Dim &dim) { return dim == Dim(1); });
    if (!isOne && found != Shape{out, 1})
      refuse("of one element or " + shape_text({out, 1}));
    return numbers * (isOne ? reshape(factors, {1, 1}) : factors);
  }
  int64_t down = (out + rows - 1) / rows, across = (in + columns - 1) / columns;
  if (found != Shape{down, across})
    refuse(shape_text({down, across}) + " of blocks " + shape_text({rows, columns}));
  factors = broadcast(reshape(factors, {down, 1, across, 1}), {down, rows, across, columns});
  factors = reshape(factors, {down * rows, across * columns});
  return numbers * slice(factors, {{0, out}, {0, in}});
}

} // namespace varve
