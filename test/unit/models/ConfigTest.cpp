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
  CHECK(
      contains(read("{" + sizes + R"(, "rope_scaling": {"factor": 8}})"), "expects nothing as rope_scaling, but got"));
  CHECK(contains(read("{" + sizes + R"(, "rope_parameters": {"rope_type": "yarn"}})"),
                 "expects an object of rope_type 'default' as rope_parameters, but got {\"rope_type\":\"yarn\"}"));
  CHECK(contains(read("{" + sizes + R"(, "rope_parameters": {"rope_theta": 0}})"),
                 "expects a positive number rope_theta as rope_parameters, but got"));
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
  CHECK(with("llama.rope.scaling.type", "yarn") ==
        "model.gguf: expects 'none' as llama.rope.scaling.type, but got \"yarn\"");
  CHECK(with("llama.expert_count", uint32_t(8)) == "model.gguf: expects nothing as llama.expert_count, but got 8");
  CHECK(with("llama.rope.dimension_count", uint32_t(2)) ==
        "model.gguf: expects 4 as llama.rope.dimension_count, but got 2");
  CHECK(with("llama.attention.head_count", std::vector<int32_t>{3, 3}) ==
        "model.gguf: expects a positive integer as llama.attention.head_count, but got \"[3, 3]\"");
  checkpoint.metadata.erase("llama.block_count");
  CHECK(error_of(read) == "model.gguf: expects a positive integer as llama.block_count, but got nothing");
  checkpoint.tensors["rope_freqs.weight"] = Tensor::zeros(f32, {2});
  CHECK(error_of(read) == "expects plain rotary frequencies, but got a tensor rope_freqs.weight that scales them");
  CHECK(error_of([] { models::LlamaConfig::from_checkpoint({}); }) ==
        "expects a checkpoint of GGUF, or from a folder with a config.json, but got neither");
  weights::Checkpoint kjv;
  kjv.sources["a"] = {VARVE_TEST_DATA "/llama-kjv/model.safetensors", 0};
  CHECK(models::LlamaConfig::from_checkpoint(kjv).hidden_size == 192);
}
