// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Linear.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Quantize.h"

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

Embedding::Embedding(int64_t count, int64_t dim, Options options)
    : weight(*this, "weight", options.dtype, {count, dim}, Site()) {
  block = add_scale(*this, scale, weight, options.encoding, options.scale);
}

Value Embedding::forward(Value ids) {
  Value rows = scale ? gather(dequantize(weight, *scale, block), ids) : gather(weight, ids);
  return cast(rows, weight.dtype());
}

} // namespace varve::nn
