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

Value dequantize_gptq(Operand qweight, Operand qzeros, Operand scales, Operand groups, GptqOptions options) {
  Site site = site_of(qweight);
  if (options.bits != 2 && options.bits != 4 && options.bits != 8)
    fail("expects quants of 2, 4 or 8 bits, but got " + std::to_string(options.bits), site);
  Value packed = value_of(qweight, "qweight"), zeros = value_of(qzeros, "qzeros"),
        factors = cast(value_of(scales, "scales"), f32), group = value_of(groups, "groups");
  int64_t each = 32 / options.bits, most = (int64_t(1) << options.bits) - 1;
  Shape words = packed.shape(), zero = zeros.shape(), factor = factors.shape();
  if (packed.dtype() != i32 || zeros.dtype() != i32 || group.dtype() != i32)
    fail("expects qweight, qzeros and groups of i32, but got " + packed.type().str() + ", " + zeros.type().str() +
             " and " + group.type().str(),
         site);
  if (words.size() != 2 || zero.size() != 2 || factor.size() != 2 || factor != Shape{zero[0], words[1]} ||
      words[1] != zero[1] * each || group.shape() != Shape{words[0] * each})
    fail("expects qweight [in / " + std::to_string(each) + ", out], qzeros [groups, out / " + std::to_string(each) +
             "], scales [groups, out] and groups [in], but got " + shape_text(words) + ", " + shape_text(zero) + ", " +
             shape_text(factor) + " and " + shape_text(group.shape()),
         site);
  // Lowest bits first: along the input axis in qweight, along the output axis in qzeros.
  auto unpack = [&](Value from, int64_t axis) {
    Shape split = from.shape(), lanes = {1, 1, 1}, joined = split;
    auto at = static_cast<size_t>(axis);
    split.insert(split.begin() + axis + 1, 1);
    lanes[at + 1] = each;
    joined[at] = joined[at] * each;
    Value shifts = reshape(iota({each}, i32) * options.bits, lanes);
    return cast(reshape(bitwise_and(bitwise_right_shift(reshape(from, split), shifts), most), joined), f32);
  };
  Value quants = unpack(packed, 0), zero_points = unpack(zeros, 1) + options.zero_offset;
  Value scale = gather({factors, site}, {group, site}), point = gather({zero_points, site}, {group, site});
  return scale * (quants - point);
}

} // namespace varve
