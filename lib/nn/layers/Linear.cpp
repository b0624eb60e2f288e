// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Linear.h"
#include "lib/graph/Record.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Quantize.h"
#include "varve/ops/Shape.h"

namespace varve::nn {

// What is stored beside a weight [out, in], and the size of its blocks, if there are any.
static std::array<int64_t, 2> add_scale(LayerBase &layer, std::optional<Weight> &scale, Weight &weight,
                                        Encoding encoding, const std::optional<WeightScale> &options) {
  if (encoding != Encoding::none)
    weight.set_quantization_encoding(encoding, Site());
  if (!options)
    return {};
  int64_t out = weight.shape()[0].value(), in = weight.shape()[1].value();
  auto [rows, columns] = options->block;
  if (rows < 1 || columns < 1)
    throw Error("expects blocks of at least one row and column, but got " + shape_text({rows, columns}));
  using Of = WeightScale::Of;
  Shape shape = options->of == Of::tensor ? Shape{1}
                : options->of == Of::row  ? Shape{out, 1}
                                          : Shape{(out + rows - 1) / rows, (in + columns - 1) / columns};
  scale.emplace(layer, options->name, options->dtype, shape, Site());
  return options->of == Of::block ? options->block : std::array<int64_t, 2>{};
}

Linear::Linear(int64_t in, int64_t out, Options options) : weight(*this, "weight", options.dtype, {out, in}, Site()) {
  block = add_scale(*this, scale, weight, options.encoding, options.scale);
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}

Value Linear::forward(Value x) {
  Value product = scale ? linear(x, cast(dequantize(weight, *scale, block), weight.dtype())) : linear(x, weight);
  return bias ? product + *bias : product;
}

StackedLinear::StackedLinear(int64_t in, Options given) : options(std::move(given)) {
  if (options.parts.empty())
    throw Error("expects at least one part, but got none");
  for (const StackedPart &part : options.parts)
    if (part.out < 0)
      throw Error("expects a size of 0 or more for part '" + part.name + "', but got " + std::to_string(part.out));
  if (!options.fused) {
    omit_name();
    for (const StackedPart &part : options.parts)
      layers.push_back(std::make_unique<Child<Linear>>(*this, Name(part.name, Site()), in, part.out,
                                                       LinearOptions{.dtype = options.dtype, .bias = options.bias}));
    return;
  }
  int64_t out = 0;
  for (const StackedPart &part : options.parts)
    out += part.out;
  weight.emplace(*this, "weight", options.dtype, Shape{out, in}, Site());
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}

std::optional<Sharding> StackedLinear::sharding_of(std::string_view, const Sharding &sharding) const {
  if (sharding.kind() != Sharding::Kind::tensor_parallel)
    return {};
  if (!weight)
    return Sharding::rowwise();
  std::vector<Segment> segments;
  segments.reserve(options.parts.size());
  for (const StackedPart &part : options.parts)
    segments.push_back(Segment::even(part.out));
  return Sharding::segmented(0, segments);
}

std::vector<Value> StackedLinear::forward(Value x) {
  std::vector<Value> results;
  results.reserve(layers.size());
  for (auto &layer : layers)
    results.push_back((*layer)(x));
  if (!weight)
    return results;
  Value product = linear(x, *weight);
  if (bias)
    product = product + *bias;
  Shape sizes;
  for (const StackedPart &part : options.parts)
    sizes.emplace_back(part.out);
  return split(product, sizes, -1);
}

GptqLinear::GptqLinear(int64_t in, int64_t out, Options given)
    : options([&] {
        int64_t bits = given.bits, each = bits == 2 || bits == 4 || bits == 8 ? 32 / bits : 0;
        if (each == 0)
          throw Error("expects quants of 2, 4 or 8 bits, but got " + std::to_string(bits));
        if (in < 1 || out < 1 || in % each != 0 || out % each != 0)
          throw Error("expects sizes that are multiples of " + std::to_string(each) + " for quants of " +
                      std::to_string(bits) + " bits, but got " + shape_text({in, out}));
        if (given.group == -1)
          given.group = in;
        if (given.group < 1)
          throw Error("expects groups of at least one input, but got " + std::to_string(given.group));
        return given;
      }()),
      qweight(*this, "qweight", i32, {in * options.bits / 32, out}, Site()),
      qzeros(*this, "qzeros", i32, {(in + options.group - 1) / options.group, out * options.bits / 32}, Site()),
      scales(*this, "scales", options.dtype, {(in + options.group - 1) / options.group, out}, Site()),
      g_idx(*this, "g_idx", i32, {in}, Site()) {
  if (options.bias)
    bias.emplace(*this, "bias", options.dtype, Shape{out}, Site());
}

Value GptqLinear::forward(Value x) {
  TensorType row = tensor_type(options.dtype, {g_idx.shape()[0]});
  if (x.rank() < 1 || x.dim(-1) != row.shape[0] || x.dtype() != row.dtype)
    varve::detail::fail("expects x whose last dimension is that of " + row.str() + ", and of its type, but got " +
                            x.type().str(),
                        Site());
  Value factor =
      dequantize_gptq(qweight, qzeros, scales, g_idx, {.bits = options.bits, .zero_offset = options.zero_offset});
  bool is_row = x.rank() == 1;
  Value product = matmul(is_row ? unsqueeze(x, 0) : x, cast(factor, options.dtype));
  if (is_row)
    product = squeeze(product, {0});
  return bias ? product + *bias : product;
}

Embedding::Embedding(int64_t count, int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {count, dim}, Site()) {
  block = add_scale(*this, scale, weight, options.encoding, options.scale);
}

Value Embedding::forward(Value ids) {
  Value rows = scale ? gather(dequantize(weight, *scale, block), ids) : gather(weight, ids);
  return cast(rows, weight.dtype());
}

} // namespace varve::nn
