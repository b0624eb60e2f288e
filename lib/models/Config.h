// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads a Hugging Face config.json, or the metadata of a GGUF file; every error names the file and the entry.
#pragma once
#include "varve/Type.h"
#include "varve/nn/Activation.h"
#include "varve/nn/Rotary.h"
#include "varve/weights/Checkpoint.h"
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varve::models {

class Config {
public:
  explicit Config(std::string path);
  explicit Config(const weights::Checkpoint &gguf);
  ~Config();
  Config(const Config &) = delete;
  Config &operator=(const Config &) = delete;

  /// A positive integer; without a default it must be there. An entry that is null counts as absent, here and below.
  int64_t integer(const std::string &key, std::optional<int64_t> absent = {}) const;
  /// A positive integer, or none.
  std::optional<int64_t> optional_integer(const std::string &key) const;
  /// As many positive integers as there are of the default.
  std::vector<int64_t> integers(const std::string &key, const std::vector<int64_t> &absent) const;
  /// A positive integer for both, or one for each.
  std::array<int64_t, 2> pair(const std::string &key, std::array<int64_t, 2> absent) const;
  /// A positive number; without a default it must be there.
  double number(const std::string &key, std::optional<double> absent = {}) const;
  /// A positive number, or none.
  std::optional<double> optional_number(const std::string &key) const;
  /// A list of positive numbers, which must be there.
  std::vector<double> numbers(const std::string &key) const;
  bool boolean(const std::string &key, bool absent) const;
  /// An activation by transformers' name.
  nn::Activation activation(const std::string &key, nn::Activation absent) const;
  /// How many labels a classifier has: those of id2label, or 2 as transformers has it.
  int64_t labels() const;
  /// An entry that is an object, with its name in front of what errors say; an empty one if it is absent.
  Config part(const std::string &key) const;
  bool has(const std::string &key) const;
  /// Of each of so many layers, whether its entry in layer_types is "sliding_attention" and not "full_attention"; empty if there
  /// is no such list.
  std::vector<bool> sliding_layers(int64_t count) const;
  /// True if the list that the entry is has this text.
  bool lists(const std::string &key, const std::string &text) const;
  /// torch_dtype, or dtype as newer files have it: "float32", "float16" or "bfloat16".
  DType dtype(DType absent) const;
  /// How heads of that size are rotated: rope_theta and rope_scaling, or rope_parameters as newer files have them.
  nn::RotaryOptions rotary(int64_t head_dim, double theta) const;
  /// The same from an entry that says it for some layers.
  nn::RotaryOptions rotary(const Config &parameters, int64_t head_dim, double theta) const;
  /// How GGUF says it: rope.freq_base and rope.scaling of this architecture ("llama."), and a tensor rope_freqs.weight.
  nn::RotaryOptions rotary(const weights::Checkpoint &gguf, const std::string &of, int64_t head_dim,
                           double theta) const;
  /// True if the entry is this text.
  bool is(const std::string &key, const std::string &text) const;
  /// Expects this text, or one of these, if the entry is there.
  void expect(const std::string &key, const std::string &text) const;
  void expect(const std::string &key, const std::vector<std::string> &texts) const;
  /// Expects this number, if the entry is there.
  void expect(const std::string &key, int64_t number) const;
  /// Expects that the entry is absent, null, false, 0 or an empty list.
  void expect_off(const std::string &key) const;

private:
  struct Json;
  std::string path;
  std::unique_ptr<Json> json;
  Config(std::string path, std::unique_ptr<Json> json);
  void check(int64_t head_dim, const nn::RotaryOptions &options) const;
  [[noreturn]] void fail(const std::string &key, const std::string &rule) const;
};

/// True if the metadata are those of GGUF.
bool is_gguf(const weights::Checkpoint &checkpoint);
/// What GGUF says in tensors alone.
struct GgufEmbedding {
  int64_t vocab_size;
  bool tied;   // there is no output.weight
  DType dtype; // the embedding's, f32 if those are blocks
};
/// **Throws** `Error` if there is no token_embd.weight.
GgufEmbedding gguf_embedding(const weights::Checkpoint &checkpoint);
/// The config.json beside a checkpoint of Hugging Face. **Throws** `Error` if it is of no file.
std::string config_beside(const weights::Checkpoint &checkpoint);

} // namespace varve::models
