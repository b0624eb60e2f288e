// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Scan.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Shape.h"

using namespace varve::detail;

namespace varve {
namespace {

Value zeros(Shape shape, DType dtype, Site site) {
  Value zero = value_of(Operand(0, site), dtype);
  return broadcast(Operand(zero, site), std::move(shape));
}

std::vector<Value> record_scan(std::string_view op, std::initializer_list<Value> operands, Site site) {
  return record(op, {operands.begin(), operands.size()}, {}, site);
}

// What is made of other ops would broadcast, and is here to have one shape.
void expect_shape(Value value, const Shape &shape, std::string_view name, Site site) {
  if (value && value.shape() != shape)
    fail("expects " + std::string(name) + " " + shape_text(shape) + ", but got " + value.type().str(), site);
}

} // namespace

Scanned causal_conv(Operand input, Operand weight, CausalConvOptions options) {
  Site site = site_of(input);
  Value x = value_of(input, "input"), w = value_of(weight, "weight");
  if (!options.state) // of the wrong ranks there is no state, and the op's rule says so
    options.state = x.rank() == 3 && w.rank() == 2 && w.dim(1) != Dim(0)
                        ? zeros({x.dim(0), w.dim(1) - 1, x.dim(2)}, x.dtype(), site)
                        : x;
  std::vector<Value> made = record_scan("varve.causal_conv", {x, w, options.state}, site);
  expect_shape(options.bias, {x.dim(2)}, "bias", site);
  if (options.bias)
    made[0] = add(Operand(made[0], site), options.bias);
  return {made[0], made[1]};
}

Scanned selective_scan(Operand input, Operand delta, Operand a, Operand b, Operand c, SelectiveScanOptions options) {
  Site site = site_of(input);
  Value x = value_of(input, "input"), step = value_of(delta, "delta"), decay = value_of(a, "a");
  auto wide = [&](Value value) { return value.dtype() == f32 ? value : cast(Operand(value, site), f32); };
  auto at = [&](Value value) { return Operand(value, site); };
  DType dtype = x.dtype();
  if (x.rank() == 3) {
    expect_shape(options.d, {x.dim(2)}, "d", site);
    expect_shape(options.z, x.shape(), "z", site);
    expect_shape(options.delta_bias, {x.dim(2)}, "delta_bias", site);
  }
  if (options.delta_bias || options.delta_softplus) {
    step = wide(step);
    if (options.delta_bias)
      step = at(step) + at(wide(options.delta_bias));
    if (options.delta_softplus) // log(1 + exp(x)) without a power that overflows
      step = at(maximum(at(step), 0)) + at(log(at(exp(at(neg(at(abs(at(step)))))) + 1)));
  }
  if (!options.state)
    options.state = x.rank() == 3 && decay.rank() == 2 ? zeros({x.dim(0), x.dim(2), decay.dim(1)}, f32, site) : x;
  std::vector<Value> made =
      record_scan("varve.selective_scan", {x, step, decay, value_of(b, "b"), value_of(c, "c"), options.state}, site);
  Value result = made[0];
  if (options.d || options.z) {
    result = wide(result);
    if (options.d)
      result = at(result) + at(at(wide(x)) * at(wide(options.d)));
    if (options.z)
      result = at(result) * at(silu(at(wide(options.z))));
    result = dtype == f32 ? result : cast(at(result), dtype);
  }
  return {result, made[1]};
}

} // namespace varve
