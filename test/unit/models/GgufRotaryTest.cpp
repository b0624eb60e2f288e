// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decoders whose rotary positions are scaled, written as llama.cpp's converter does, against transformers.
#include "test/unit/models/Decoder.h"
#include "varve/models/Llama.h"
#include "varve/models/Mixtral.h"
#include "varve/models/Qwen3.h"
#include "varve/weights/Gguf.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

using namespace varve;
using test::check_decoder;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA;
constexpr int64_t kHeadDim = 10; // as test/data/models/make.py has it

// Llama's rows of queries and keys are in pairs there.
Tensor paired(const Tensor &matrix) {
  int64_t width = matrix.shape()[1];
  std::vector<float> values = matrix.to_vector<float>(), rows = values;
  for (int64_t row = 0; row < matrix.shape()[0]; ++row)
    std::copy_n(values.begin() + row * width, width,
                rows.begin() + (row / kHeadDim * kHeadDim + row % 5 * 2 + row % kHeadDim / 5) * width);
  return Tensor::from<float>(matrix.shape(), rows);
}

// The GGUF file of a folder of Hugging Face's.
weights::Checkpoint written(const std::filesystem::path &path, const std::string &family, const std::string &arch,
                            const weights::Metadata &scaling, const StateDict &more = {}) {
  StateDict state = more;
  for (auto &[name, tensor] : weights::open(data + "/models/" + family).tensors) {
    bool turns = name.find("q_proj") != std::string::npos || name.find("k_proj") != std::string::npos;
    std::string own = name;
    for (auto [from, to] :
         std::initializer_list<std::pair<std::string, std::string>>{{"model.layers.", "blk."},
                                                                    {"model.embed_tokens", "token_embd"},
                                                                    {"model.norm", "output_norm"},
                                                                    {"lm_head", "output"},
                                                                    {"input_layernorm", "attn_norm"},
                                                                    {"post_attention_layernorm", "ffn_norm"},
                                                                    {"self_attn.o_proj", "attn_output"},
                                                                    {"self_attn.q_proj", "attn_q"},
                                                                    {"self_attn.k_proj", "attn_k"},
                                                                    {"self_attn.q_norm", "attn_q_norm"},
                                                                    {"self_attn.k_norm", "attn_k_norm"},
                                                                    {"self_attn.v_proj", "attn_v"},
                                                                    {"mlp.gate_proj", "ffn_gate"},
                                                                    {"mlp.up_proj", "ffn_up"},
                                                                    {"mlp.down_proj", "ffn_down"}})
      if (size_t at = own.find(from); at != std::string::npos)
        own.replace(at, from.size(), to);
    state[own] = turns && arch == "llama" ? paired(tensor) : tensor;
  }
  weights::Metadata metadata = {{"general.architecture", arch},
                                {arch + ".embedding_length", uint32_t(24)},
                                {arch + ".feed_forward_length", uint32_t(20)},
                                {arch + ".block_count", uint32_t(2)},
                                {arch + ".attention.head_count", uint32_t(3)},
                                {arch + ".attention.head_count_kv", uint32_t(1)},
                                {arch + ".attention.key_length", uint32_t(kHeadDim)},
                                {arch + ".attention.layer_norm_rms_epsilon", 1e-6F},
                                {arch + ".context_length", uint32_t(24)},
                                {arch + ".rope.dimension_count", uint32_t(kHeadDim)},
                                {arch + ".rope.freq_base", 10000.0F}};
  for (const auto &[key, value] : scaling)
    metadata.insert_or_assign(arch + "." + key, value);
  weights::save_gguf(path, state, metadata);
  return weights::open(path);
}

template <typename Model, typename Config>
void check(const weights::Checkpoint &checkpoint, const std::string &family) {
  INFO(family);
  Model model(Config::from_checkpoint(checkpoint));
  CHECK(model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  check_decoder(Graph("prefill", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}),
                Graph("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")}),
                data + "/models/" + family + "/");
}

const weights::Metadata yarn = {{"rope.scaling.type", "yarn"},
                                {"rope.scaling.factor", 3.0F},
                                {"rope.scaling.original_context_length", uint32_t(8)},
                                {"rope.scaling.yarn_beta_fast", 1.5F},
                                {"rope.scaling.yarn_beta_slow", 0.2F}};

// What llama.cpp's converter writes for Llama 3: what each frequency is divided by.
Tensor llama3_factors(double factor, double low, double high, double length) {
  std::vector<float> factors;
  for (int64_t i = 0; i < kHeadDim; i += 2) {
    double wavelength = 2 * std::numbers::pi * std::pow(10000.0, static_cast<double>(i) / kHeadDim);
    double smooth = std::clamp((length / wavelength - low) / (high - low), 0.0, 1.0);
    factors.push_back(static_cast<float>(1 / ((1 - smooth) / factor + smooth)));
  }
  return Tensor::from<float>({kHeadDim / 2}, factors);
}

} // namespace

TEST_CASE("a GGUF Llama with factors of its frequencies computes what transformers does") {
  test::TemporaryFolder folder;
  weights::Checkpoint checkpoint =
      written(folder / "model.gguf", "llama-llama3", "llama", {}, {{"rope_freqs.weight", llama3_factors(4, 1, 4, 8)}});
  CHECK(models::LlamaConfig::from_checkpoint(checkpoint).rope_scaling.kind == nn::RopeScaling::Kind::factors);
  check<models::Llama, models::LlamaConfig>(checkpoint, "llama-llama3");
}

TEST_CASE("GGUF's YaRN is transformers'") {
  test::TemporaryFolder folder;
  check<models::Llama, models::LlamaConfig>(written(folder / "llama.gguf", "llama-yarn", "llama", yarn), "llama-yarn");
  check<models::Qwen3, models::Qwen3Config>(written(folder / "qwen3.gguf", "qwen3-yarn", "qwen3", yarn), "qwen3-yarn");
}

TEST_CASE("what scales rotary positions is read from GGUF's metadata, and refused if it is not known") {
  using Kind = nn::RopeScaling::Kind;
  weights::Checkpoint checkpoint = weights::open(data + "/rules/mixtral.gguf");
  checkpoint.metadata["llama.expert_used_count"] = uint32_t(2);
  using Entries = std::initializer_list<std::pair<const char *, weights::MetadataValue>>;
  auto read = [&](Entries entries, std::optional<Tensor> factors = {}) {
    weights::Checkpoint other = checkpoint;
    for (const auto &[key, value] : entries)
      other.metadata[std::string("llama.rope.") + key] = value;
    if (factors)
      other.tensors["rope_freqs.weight"] = *factors;
    return models::MixtralConfig::from_checkpoint(other).rope_scaling;
  };
  CHECK(read({}) == nn::RopeScaling());
  CHECK(read({{"scaling.factor", 2.0F}}) == nn::RopeScaling{.kind = Kind::linear, .factor = 2});
  CHECK(read({{"scale_linear", 2.0F}}) == nn::RopeScaling{.kind = Kind::linear, .factor = 2});
  CHECK(read({{"scaling.type", "linear"}, {"scaling.factor", 8.0F}}) ==
        nn::RopeScaling{.kind = Kind::linear, .factor = 8});
  CHECK(read({{"scaling.type", "none"}, {"scaling.factor", 8.0F}}) == nn::RopeScaling());
  nn::RopeScaling scaling = read({{"scaling.type", "yarn"}, {"scaling.factor", 4.0F}, {"scaling.attn_factor", 0.5F}});
  CHECK(scaling.kind == Kind::yarn);
  CHECK(scaling.factor == 4);
  CHECK(scaling.original_max_position_embeddings == 16); // the context's
  CHECK(scaling.beta_fast == 32);
  CHECK(std::abs(*scaling.attention_factor - 0.5 * (0.1 * std::log(4.0) + 1)) < 1e-12);
  Tensor factors = Tensor::from<float>({4}, {1, 2, 3.5F, 8});
  CHECK(read({}, factors) == nn::RopeScaling{.kind = Kind::factors, .short_factor = {1, 2, 3.5, 8}});

  auto error = [&](Entries entries, std::optional<Tensor> factors = {}) {
    std::string text = error_of([&] { read(entries, factors); });
    size_t at = text.find("mixtral.gguf: ");
    return at == std::string::npos ? text : text.substr(at + 14);
  };
  CHECK(error({{"scaling.type", "longrope"}}) ==
        "expects 'none' or 'linear' or 'yarn' as llama.rope.scaling.type, but got \"longrope\"");
  CHECK(error({{"scaling.factor", 0.5F}}) == "expects a finite factor of at least 1, but got 0.500000");
  CHECK(error({{"scaling.type", "linear"}, {"scaling.factor", 2.0F}, {"scaling.attn_factor", 0.5F}}) ==
        "expects 1 as llama.rope.scaling.attn_factor, but got 0.5");
  CHECK(error({{"scaling.type", "yarn"}, {"scaling.yarn_log_multiplier", 0.5F}}) ==
        "expects nothing as llama.rope.scaling.yarn_log_multiplier, but got 0.5");
  CHECK(error({{"scaling.type", "yarn"}, {"scaling.yarn_ext_factor", 0.5F}}) ==
        "expects 1 as llama.rope.scaling.yarn_ext_factor, but got 0.5");
  CHECK(error({{"scaling.type", "yarn"}, {"scaling.yarn_attn_factor", 0.5F}}) ==
        "expects 1 as llama.rope.scaling.yarn_attn_factor, but got 0.5");
  CHECK(error({{"dimension_count", uint32_t(4)}}) == "expects 8 as llama.rope.dimension_count, but got 4");
  CHECK(error({{"scaling.factor", 2.0F}}, factors) ==
        "expects rope_freqs.weight or llama.rope.scaling.type, but got both");
  CHECK(error({}, Tensor::zeros(f32, {5})) == "expects rope_freqs.weight of f32 [4], but got f32 [5]");
  CHECK(error({}, Tensor::zeros(f16, {4})) == "expects rope_freqs.weight of f32 [4], but got f16 [4]");
  CHECK(error({}, Tensor::zeros(f32, {4})) == "expects a finite short_factor above 0, but got 0.000000");
}
