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
  CHECK(contains(read(R"({"model_type": "gpt2"})"), "expects 'llama' as model_type, but got \"gpt2\""));
  CHECK(
      contains(read("{" + sizes + R"(, "rope_scaling": {"factor": 8}})"), "expects nothing as rope_scaling, but got"));
  CHECK(
      contains(read("{" + sizes + R"(, "rms_norm_eps": 0})"), "expects a positive number as rms_norm_eps, but got 0"));
  CHECK(contains(read("{" + sizes + R"(, "tie_word_embeddings": 1})"),
                 "expects true or false as tie_word_embeddings, but got 1"));
  CHECK(contains(read("{" + sizes + R"(, "torch_dtype": "int8"})"),
                 "expects float32, float16 or bfloat16 as torch_dtype, but got \"int8\""));
  CHECK(contains(error_of([&] { models::LlamaConfig::from_file((folder / "none.json").string()); }), "none.json"));
}
