// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Decoders whose rotary positions are scaled, against transformers: test/data/models/make_rope.py made them.
#include "test/unit/models/Decoder.h"
#include "varve/models/Llama.h"
#include "varve/models/Qwen3.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::check_decoder;

TEST_CASE("a Llama with frequencies as Llama 3.1 has them computes what transformers does") {
  check_decoder<models::Llama, models::LlamaConfig>("llama-llama3");
}

TEST_CASE("a Llama with YaRN computes what transformers does") {
  check_decoder<models::Llama, models::LlamaConfig>("llama-yarn");
}

TEST_CASE("a Qwen 3 with YaRN computes what transformers does") {
  check_decoder<models::Qwen3, models::Qwen3Config>("qwen3-yarn");
}
