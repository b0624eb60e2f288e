// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fully connected layers and embeddings: one weight, and what it is multiplied with or looked up by.
//   Child<nn::Linear> proj{*this, "proj", 64, 256, {.dtype = bf16, .bias = true}};
#pragma once
#include "varve/nn/Layer.h"
#include <optional>

namespace varve::nn {

struct LinearOptions {
  DType dtype = f32;
  bool bias = false;
};

/// x * weight^T + bias. **Shapes** x [.., in], weight [out, in], bias [out], result [.., out]. **Types** floats, all the
/// same. **IR** `varve.linear`, `varve.add`.
class Linear : public Layer<Linear> {
public:
  using Options = LinearOptions;
  Linear(int64_t in, int64_t out, Options options = {});
  Value forward(Value x);

  Weight weight;
  std::optional<Weight> bias;
};

struct EmbeddingOptions {
  DType dtype = f32;
};

/// The rows of a table. **Shapes** ids any, weight [count, dim], result [ids.., dim]. **Types** ids i32 or i64.
/// **Throws** an index outside of the table, when the model runs. **IR** `varve.gather`.
class Embedding : public Layer<Embedding> {
public:
  using Options = EmbeddingOptions;
  Embedding(int64_t count, int64_t dim, Options options = {});
  Value forward(Value ids);

  Weight weight;
};

} // namespace varve::nn
