// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Random.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Elementwise.h"

using namespace varve::detail;

namespace varve {

static Value random(std::string_view distribution, const Operand &key, const Operand &stream, const Shape &shape,
                    DType dtype) {
  return record_one("varve.random", {value_of(key, i64), value_of(stream, i64)},
                    {{"shape", std::span<const Dim>(shape)}, {"dtype", dtype}, {"distribution", distribution}},
                    site_of(key));
}

Value random_bits(Operand key, Operand stream, Shape shape) { return random("bits", key, stream, shape, i32); }

Value random_uniform(Operand key, Operand stream, Shape shape, DType dtype) {
  return random("uniform", key, stream, shape, dtype);
}

Value random_normal(Operand key, Operand stream, Shape shape, DType dtype) {
  return random("normal", key, stream, shape, dtype);
}

Value random_integers(Operand key, Operand stream, Shape shape, int64_t low, int64_t high) {
  // The word times their number, without its lower half; it must fit in 63 bits.
  constexpr int64_t most = int64_t(1) << 31;
  if (low >= high || (low < 0 && high > most + low) || high - low > most)
    fail("expects low and high of 1 to 2^31 integers, but got " + std::to_string(low) + " and " + std::to_string(high),
         site_of(key));
  auto here = [&](auto each) { return Operand(each, site_of(key)); };
  Operand word = here(cast(here(random_bits(key, stream, std::move(shape))), i64));
  word = here(bitwise_and(word, here(int64_t(0xffffffff))));
  Operand scaled = here(bitwise_right_shift(here(mul(word, here(high - low))), here(32)));
  return add(scaled, here(low));
}

} // namespace varve
