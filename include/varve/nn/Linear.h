// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fully connected layers and embeddings: one weight, and what it is multiplied with or looked up by.
//   Child<nn::Linear> proj{*this, "proj", 64, 256, {.dtype = bf16, .bias = true}};
#pragma once
#include "varve/nn/Layer.h"
#include <array>
#include <optional>

namespace varve::nn {

/// Factors of a weight that a checkpoint stores beside it, as those in FP8 do.
struct WeightScale {
  enum class Of : uint8_t { tensor, row, block };
  Of of = Of::tensor;
  std::string name = "weight_scale";
  DType dtype = f32;
  /// Rows and columns of a block.
  std::array<int64_t, 2> block = {128, 128};
};

struct LinearOptions {
  DType dtype = f32;
  bool bias = false;
  /// How the weight is stored.
  Encoding encoding = Encoding::none;
  std::optional<WeightScale> scale = {};
};

/// x * weight^T + bias. **Shapes** x [.., in], weight [out, in], bias [out], result [.., out]; the scale [1], [out, 1] or
/// [ceil(out / block[0]), ceil(in / block[1])]. **Types** floats, all the same; or the weight in blocks of an encoding,
/// the scale in floats of its own. **IR** `varve.linear`, `varve.add`; with a scale those of `dequantize`.
class Linear : public Layer<Linear> {
public:
  using Options = LinearOptions;
  Linear(int64_t in, int64_t out, Options options = {});
  Value forward(Value x);

  Weight weight;
  std::optional<Weight> bias, scale;

private:
  std::array<int64_t, 2> block = {};
};

struct EmbeddingOptions {
  DType dtype = f32;
  /// How the weight is stored.
  Encoding encoding = Encoding::none;
  std::optional<WeightScale> scale = {};
};

/// The rows of a table. **Shapes** ids any, weight [count, dim], result [ids.., dim]. **Types** ids i32 or i64.
/// **Throws** an index outside of the table, when the model runs. **IR** `varve.gather`.
class Embedding : public Layer<Embedding> {
public:
  using Options = EmbeddingOptions;
  Embedding(int64_t count, int64_t dim, Options options = {});
  Value forward(Value ids);

  Weight weight;
  std::optional<Weight> scale;

private:
  std::array<int64_t, 2> block = {};
};

} // namespace varve::nn
