// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The angles by which rotary positions turn queries and keys, as they are or scaled for texts longer than the training's.
//   Child<nn::RotaryEmbedding> rotary{*this, "rotary_emb", 64, {.scaling = {.kind = nn::RopeScaling::Kind::linear, .factor = 8}}};
#pragma once
#include "varve/nn/Layer.h"
#include <optional>
#include <vector>

namespace varve::nn {

/// Cosines and sines of the angles of each position, [seq, head_dim / 2].
struct Rotation {
  Value cos, sin;
};

/// How frequencies are changed; names and formulas are those of transformers' rope_parameters.
/// **Source** https://arxiv.org/abs/2309.00071 (linear, dynamic, YaRN), https://arxiv.org/abs/2402.13753 (LongRoPE),
/// https://arxiv.org/abs/2407.21783 (Llama 3)
struct RopeScaling {
  enum class Kind { none, linear, dynamic, yarn, longrope, llama3, factors };
  Kind kind = Kind::none;
  /// How many times longer texts may be, at least 1. Of longrope it gives the attention factor only, of factors nothing.
  double factor = 1;
  /// How long texts of the training were; of all kinds but linear and factors.
  int64_t original_max_position_embeddings = 0;
  /// What cosines and sines are multiplied by, of yarn and longrope; none: what their papers say.
  std::optional<double> attention_factor = {};
  /// Of yarn: pairs that turn more often than beta_fast in the training's length keep their frequency, those that turn
  /// less often than beta_slow have theirs divided; truncate rounds the bounds in between to whole pairs.
  double beta_fast = 32, beta_slow = 1;
  bool truncate = true;
  /// Of yarn: if both are there, their quotient is the attention factor.
  std::optional<double> mscale = {}, mscale_all_dim = {};
  /// Of longrope: what each pair's frequency is divided by, up to the training's length, and beyond. Of factors, which is how
  /// GGUF stores Llama 3's: short_factor alone, for any length.
  std::vector<double> short_factor = {}, long_factor = {};
  /// Of llama3: wavelengths below original / high_freq_factor stay, those above original / low_freq_factor are scaled.
  double low_freq_factor = 1, high_freq_factor = 4;

  bool operator==(const RopeScaling &) const = default;
};

struct RotaryOptions {
  /// The base of the frequencies.
  double theta = 10000;
  /// How texts longer than the training's are met.
  RopeScaling scaling = {};
};

/// The angles of rotary positions: position * theta^(-2 i / head_dim), perhaps scaled, for `seq` positions from `past` on;
/// in f32. Dynamic and longrope look at the last of these positions: what a cache holds stays as it was rotated.
/// **Shapes** cos and sin [seq, head_dim / 2]. **Types** f32; a position i64 or i32. **Throws** `Error` for a head_dim that
/// is odd, or a scaling that is not one.
/// **IR** `varve.iota`, `varve.dim`, `varve.cos`, `varve.sin`; if the last position counts, `varve.pow` or `varve.select`.
/// **Source** https://arxiv.org/abs/2104.09864
class RotaryEmbedding : public Layer<RotaryEmbedding> {
public:
  using Options = RotaryOptions;
  /// Of a head of which a part is rotated only, head_dim is that part's.
  explicit RotaryEmbedding(int64_t head_dim, Options options = {});
  Rotation forward(const Dim &seq, const Dim &past = 0);
  /// From a position on that the model computes, a scalar.
  Rotation forward(const Dim &seq, Value past);

  const Options options;

private:
  Value frequencies_for(Value length) const;
  Rotation rotation_of(Value positions, Value length) const;

  int64_t head_dim;
  Tensor frequencies;      // [head_dim / 2]
  Tensor long_frequencies; // of longrope, beyond the training's length
  float attention_factor = 1;
};

} // namespace varve::nn
