// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fully connected layers and embeddings: one weight, and what it is multiplied with or looked up by.
//   Child<nn::Linear> proj{*this, "proj", 64, 256, {.dtype = bf16, .bias = true}};
//   Child<nn::StackedLinear> qkv{*this, "qkv", 64, {.parts = {{"q_proj", 64}, {"k_proj", 32}, {"v_proj", 32}}}};
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
  /// What is stored beside it; none: nothing.
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

/// A product of a stacked layer, and the size of its result.
struct StackedPart {
  std::string name;
  int64_t out;
};

struct StackedLinearOptions {
  /// The products, in order.
  std::vector<StackedPart> parts;
  DType dtype = f32;
  bool bias = false;
  /// Whether the parts are one weight, the first part's rows first, as some checkpoints have it.
  bool fused = false;
};

/// Several products of one input, such as query, key and value. Each part is a `Linear` of its name, whose weights have the
/// names that they would have in this layer's parent; or, fused, all are one weight here and one product.
/// **Shapes** x [.., in], weights [out, in], or [sum of out, in]; a list of [.., out]. **Types** floats, all the same.
/// **Throws** `Error` for no parts. **IR** `varve.linear`, `varve.add`, `varve.split`.
class StackedLinear : public Layer<StackedLinear> {
public:
  using Options = StackedLinearOptions;
  StackedLinear(int64_t in, Options options);
  std::vector<Value> forward(Value x);

  const Options options;
  /// Of the parts; none if they are fused.
  std::vector<std::unique_ptr<Child<Linear>>> layers;
  std::optional<Weight> weight, bias;

protected:
  /// Under `tensor_parallel`, each device has rows of every part.
  std::optional<Sharding> sharding_of(std::string_view part, const Sharding &sharding) const override;
};

struct GptqLinearOptions {
  DType dtype = f16;
  bool bias = false;
  /// Of a quant: 2, 4 or 8.
  int64_t bits = 4;
  /// Inputs that share a scale; -1: all.
  int64_t group = 128;
  /// What is added to a stored zero point: 1 in the format `gptq`, 0 in `gptq_v2`.
  int64_t zero_offset = 1;
};

/// A `Linear` whose weight GPTQ has quantised, under the names of Hugging Face's checkpoints. **Shapes** x [.., in];
/// with n = 32 / bits: qweight [in / n, out], qzeros [groups, out / n], scales [groups, out], g_idx [in], bias [out];
/// result [.., out]. **Types** x, scales and bias of `dtype`, all others i32. **Throws** `Error` for sizes that are no
/// multiples of n and for other bits than 2, 4 and 8. **IR** that of `dequantize_gptq`, `varve.matmul`, `varve.add`.
class GptqLinear : public Layer<GptqLinear> {
public:
  using Options = GptqLinearOptions;
  GptqLinear(int64_t in, int64_t out, Options options = {});
  Value forward(Value x);

private:
  Options options;

public:
  Weight qweight, qzeros, scales, g_idx;
  std::optional<Weight> bias;
};

struct EmbeddingOptions {
  DType dtype = f32;
  /// How the weight is stored.
  Encoding encoding = Encoding::none;
  /// What is stored beside it; none: nothing.
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
