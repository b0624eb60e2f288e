// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Support.h"
#include "varve/models/Llama.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

TEST_CASE("a config.json that does not fit is refused, with file and entry") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::LlamaConfig::from_file(path); });
  };
  std::string sizes = R"("vocab_size": 8, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
                         "num_attention_heads": 2, "max_position_embeddings": 8)";
  CHECK(read("{" + sizes + "}") == "(no error)");
  CHECK(read("{" + sizes) == path + ": expects JSON, but got a syntax error at byte 164");
  CHECK(read("[1]") == path + ": expects a JSON object, but got array");
  CHECK(read("{}") == path + ": expects a positive integer as vocab_size, but got nothing");
  CHECK(read(R"({"vocab_size": -8})") == path + ": expects a positive integer as vocab_size, but got -8");
  CHECK(read(R"({"vocab_size": "8"})") == path + ": expects a positive integer as vocab_size, but got \"8\"");
  CHECK(contains(read(R"({"model_type": "gpt2"})"),
                 "expects 'llama' or 'mistral' or 'qwen2' as model_type, but got \"gpt2\""));
  CHECK(read("{" + sizes + R"(, "model_type": "qwen2", "sliding_window": 0})") == "(no error)"); // not in use
  CHECK(contains(read("{" + sizes + R"(, "model_type": "qwen2", "use_sliding_window": true})"),
                 "expects nothing as use_sliding_window, but got true"));
  CHECK(contains(read("{" + sizes + R"(, "mlp_bias": true})"), "expects nothing as mlp_bias, but got true"));
  CHECK(contains(read("{" + sizes + R"(, "sliding_window": 0})"),
                 "expects a positive integer as sliding_window, but got 0"));
  CHECK(contains(read("{" + sizes + R"(, "dtype": "int8"})"), "as dtype, but got \"int8\""));
  CHECK(
      contains(read("{" + sizes + R"(, "rms_norm_eps": 0})"), "expects a positive number as rms_norm_eps, but got 0"));
  CHECK(contains(read("{" + sizes + R"(, "tie_word_embeddings": 1})"),
                 "expects true or false as tie_word_embeddings, but got 1"));
  CHECK(contains(read("{" + sizes + R"(, "torch_dtype": "int8"})"),
                 "expects float32, float16 or bfloat16 as torch_dtype, but got \"int8\""));
  CHECK(contains(error_of([&] { models::LlamaConfig::from_file((folder / "none.json").string()); }), "none.json"));
}

TEST_CASE("what scales rotary positions is read from old and new entries, and refused if it is not known") {
  using Kind = nn::RopeScaling::Kind;
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto config = [&](const std::string &entries) {
    test::write_text(path, R"({"vocab_size": 8, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
                               "num_attention_heads": 2, "max_position_embeddings": 64, )" +
                               entries + "}");
    return models::LlamaConfig::from_file(path);
  };
  auto scaling = [&](const std::string &entries) { return config(entries).rope_scaling; };
  CHECK(scaling(R"("rope_scaling": null)") == nn::RopeScaling());
  CHECK(scaling(R"("rope_scaling": {"rope_type": "default"})") == nn::RopeScaling());
  CHECK(config(R"("rope_theta": 7)").rope_theta == 7);
  CHECK(config(R"("rope_theta": 7, "rope_parameters": {"rope_type": "default"})").rope_theta == 7);
  CHECK(config(R"("rope_theta": 7, "rope_parameters": {"rope_theta": 9})").rope_theta == 9);
  CHECK(scaling(R"("rope_scaling": {"type": "linear", "factor": 8.0})") ==
        nn::RopeScaling{.kind = Kind::linear, .factor = 8});
  CHECK(scaling(R"("rope_scaling": {"type": "dynamic", "factor": 2})") ==
        nn::RopeScaling{.kind = Kind::dynamic, .factor = 2, .original_max_position_embeddings = 64});
  CHECK(scaling(R"("rope_parameters": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 2, "high_freq_factor": 5,
                                       "original_max_position_embeddings": 16})") ==
        nn::RopeScaling{.kind = Kind::llama3,
                        .factor = 8,
                        .original_max_position_embeddings = 16,
                        .low_freq_factor = 2,
                        .high_freq_factor = 5});
  CHECK(scaling(R"("rope_parameters": {"rope_type": "yarn", "original_max_position_embeddings": 16, "truncate": false,
                                       "attention_factor": 0.5, "beta_fast": 9, "beta_slow": 2, "mscale": 0.7,
                                       "mscale_all_dim": 0.9})") ==
        nn::RopeScaling{.kind = Kind::yarn,
                        .factor = 4,
                        .original_max_position_embeddings = 16,
                        .attention_factor = 0.5,
                        .beta_fast = 9,
                        .beta_slow = 2,
                        .truncate = false,
                        .mscale = 0.7,
                        .mscale_all_dim = 0.9});
  CHECK(scaling(R"("original_max_position_embeddings": 32,
                   "rope_scaling": {"type": "longrope", "short_factor": [1, 2], "long_factor": [2, 3.5]})") ==
        nn::RopeScaling{.kind = Kind::longrope,
                        .factor = 2,
                        .original_max_position_embeddings = 32,
                        .short_factor = {1, 2},
                        .long_factor = {2, 3.5}});

  auto error = [&](const std::string &entries) { return error_of([&] { config(entries); }); };
  std::string kinds = "expects 'default' or 'linear' or 'dynamic' or 'yarn' or 'longrope' or 'llama3' as ";
  CHECK(error(R"("rope_scaling": {"factor": 8})") == path + ": rope_scaling: " + kinds + "rope_type, but got nothing");
  CHECK(error(R"("rope_scaling": {"type": "mrope"})") == path + ": rope_scaling: " + kinds + "type, but got \"mrope\"");
  CHECK(error(R"("rope_parameters": {"rope_type": 3})") ==
        path + ": rope_parameters: " + kinds + "rope_type, but got 3");
  CHECK(error(R"("rope_scaling": 8)") == path + ": expects an object as rope_scaling, but got 8");
  CHECK(error(R"("rope_parameters": {"rope_theta": 0})") ==
        path + ": rope_parameters: expects a positive number as rope_theta, but got 0");
  CHECK(error(R"("rope_scaling": {"type": "linear"})") ==
        path + ": rope_scaling: expects a positive number as factor, but got nothing");
  CHECK(error(R"("rope_scaling": {"type": "linear", "factor": 0.5})") ==
        path + ": rope_scaling: expects a finite factor of at least 1, but got 0.500000");
  CHECK(error(R"("rope_parameters": {"rope_type": "llama3", "factor": 8})") ==
        path + ": rope_parameters: expects a positive number as low_freq_factor, but got nothing");
  CHECK(error(R"("rope_scaling": {"type": "longrope", "short_factor": [1, 0]})") ==
        path + ": rope_scaling: expects a list of positive numbers as short_factor, but got [1,0]");
  CHECK(error(R"("rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1]})") ==
        path + ": rope_scaling: expects 2 values of short_factor, but got 1");
  CHECK(error(R"("rope_parameters": {"partial_rotary_factor": 0.5})") ==
        path + ": rope_parameters: expects 1 as partial_rotary_factor, but got 0.5");
  CHECK(error(R"("partial_rotary_factor": 0.5)") == path + ": expects 1 as partial_rotary_factor, but got 0.5");
}

TEST_CASE("a Llama's options come from GGUF's metadata, and what is not for it is refused") {
  weights::Checkpoint checkpoint;
  checkpoint.metadata = {{"general.architecture", "llama"},
                         {"llama.embedding_length", uint32_t(12)},
                         {"llama.feed_forward_length", uint32_t(20)},
                         {"llama.block_count", uint32_t(2)},
                         {"llama.attention.head_count", uint32_t(3)},
                         {"llama.context_length", uint32_t(16)},
                         {"llama.expert_count", uint32_t(0)},
                         {"llama.rope.dimension_count", uint32_t(4)},
                         {"llama.rope.freq_base", 5e5F}};
  checkpoint.sources["token_embd.weight"] = {"model.gguf", 0};
  auto read = [&] { return models::LlamaConfig::from_checkpoint(checkpoint); };
  CHECK(error_of(read) == "expects a matrix token_embd.weight, but got none");
  checkpoint.tensors["token_embd.weight"] = Tensor::zeros(f16, {7, 12});
  models::LlamaConfig config = read();
  CHECK(config.vocab_size == 7);
  CHECK(config.num_key_value_heads == 3);
  CHECK(config.head_dim == 4);
  CHECK(config.rope_theta == 5e5);
  CHECK(config.tie_word_embeddings);
  CHECK(config.dtype == f16);
  checkpoint.tensors["output.weight"] = Tensor::zeros(f16, {7, 12});
  CHECK_FALSE(read().tie_word_embeddings);
  checkpoint.tensors["token_embd.weight"] = Tensor::encoded(Encoding::q8_0, Tensor::zeros(u8, {7, 1, 34}));
  CHECK(read().dtype == f32);

  auto with = [&](const std::string &key, weights::MetadataValue value) {
    weights::Checkpoint other = checkpoint;
    other.metadata[key] = std::move(value);
    return error_of([&] { models::LlamaConfig::from_checkpoint(other); });
  };
  CHECK(with("general.architecture", "qwen3") ==
        "model.gguf: expects 'llama' or 'qwen2' as general.architecture, but got \"qwen3\"");
  CHECK(with("llama.rope.scaling.type", "longrope") ==
        "model.gguf: expects 'none' or 'linear' or 'yarn' as llama.rope.scaling.type, but got \"longrope\"");
  CHECK(with("llama.expert_count", uint32_t(8)) == "model.gguf: expects nothing as llama.expert_count, but got 8");
  CHECK(with("llama.rope.dimension_count", uint32_t(2)) ==
        "model.gguf: expects 4 as llama.rope.dimension_count, but got 2");
  CHECK(with("llama.attention.head_count", std::vector<int32_t>{3, 3}) ==
        "model.gguf: expects a positive integer as llama.attention.head_count, but got \"[3, 3]\"");
  checkpoint.metadata.erase("llama.block_count");
  CHECK(error_of(read) == "model.gguf: expects a positive integer as llama.block_count, but got nothing");
  CHECK(error_of([] { models::LlamaConfig::from_checkpoint({}); }) ==
        "expects a checkpoint of GGUF, or from a folder with a config.json, but got neither");
  weights::Checkpoint kjv;
  kjv.sources["a"] = {VARVE_TEST_DATA "/llama-kjv/model.safetensors", 0};
  CHECK(models::LlamaConfig::from_checkpoint(kjv).hidden_size == 192);
}
