// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mixtral and Qwen 3 MoE, small and random, against transformers: test/data/models/make_mixtral.py made them.
#include "varve/models/Mixtral.h"
#include "test/unit/models/Decoder.h"

using namespace varve;
using test::check_decoder;
using test::contains;
using test::error_of;

TEST_CASE("Mixtral computes what transformers does") {
  check_decoder<models::Mixtral, models::MixtralConfig>("mixtral");
}

TEST_CASE("Qwen 3 MoE computes what transformers does") {
  check_decoder<models::Mixtral, models::MixtralConfig>("qwen3-moe");
}

TEST_CASE("Mixtral loads what transformers and llama.cpp wrote, old and new, and it computes the same") {
  std::vector<float> first;
  for (std::string path : {"mixtral", "mixtral.gguf", "mixtral-old.gguf"}) {
    INFO(path);
    weights::Checkpoint checkpoint = weights::open(std::string(VARVE_TEST_DATA) + "/rules/" + path);
    if (path != "mixtral") { // what gguf-py was not told
      checkpoint.metadata["llama.expert_used_count"] = uint32_t(2);
      checkpoint.metadata["llama.rope.freq_base"] = 1e6F;
    }
    models::MixtralConfig config = models::MixtralConfig::from_checkpoint(checkpoint);
    config.dtype = f32;
    models::Mixtral model(config, models::Logits::last);
    auto rules = weights::rules_for(checkpoint);
    CHECK(model.load_state_dict(checkpoint, {.cast = true, .renames = rules}).problems.empty());
    Graph graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
    std::vector<float> logits =
        compile(graph)({Tensor::from<int64_t>({1, 5}, {1, 10, 3, 7, 0}), Tensor::from<int64_t>({}, {0})})[0]
            .to_vector<float>();
    if (first.empty())
      first = logits;
    CHECK(test::difference(logits, first) < 1e-5);
  }
}

TEST_CASE("experts that a Mixtral has not are refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::MixtralConfig::from_file(path); });
  };
  CHECK(read(R"({"model_type": "qwen2_moe"})") ==
        path + ": expects 'mixtral' or 'qwen3_moe' as model_type, but got \"qwen2_moe\"");
  CHECK(read(R"({"model_type": "qwen3_moe", "mlp_only_layers": [3]})") ==
        path + ": expects nothing as mlp_only_layers, but got [3]");
  CHECK(read(R"({"model_type": "qwen3_moe", "decoder_sparse_step": 2})") ==
        path + ": expects 1 as decoder_sparse_step, but got 2");
  CHECK(read(R"({"model_type": "qwen3_moe", "mlp_only_layers": [], "moe_intermediate_size": 8})") ==
        path + ": expects a positive integer as num_experts, but got nothing");
  CHECK(read(R"({"hidden_act": "gelu"})") == path + ": expects 'silu' as hidden_act, but got \"gelu\"");
  CHECK(read("{}") == path + ": expects a positive integer as intermediate_size, but got nothing");
  CHECK(error_of([] {
          models::Mixtral({.vocab_size = 8,
                           .hidden_size = 8,
                           .num_hidden_layers = 1,
                           .num_attention_heads = 2,
                           .head_dim = 4,
                           .max_position_embeddings = 8,
                           .moe_intermediate_size = 8,
                           .num_experts = 4,
                           .num_experts_per_tok = 5});
        }) == "include/varve/models/Mixtral.h:69: error: in layer 'model.layers.0.mlp.gate': expects a top_k of at "
              "least 1 and at "
              "most experts, but got 5 and 4");

  weights::Checkpoint checkpoint = weights::open(std::string(VARVE_TEST_DATA) + "/rules/mixtral.gguf");
  CHECK(contains(error_of([&] { models::MixtralConfig::from_checkpoint(checkpoint); }),
                 "mixtral.gguf: expects a positive integer as llama.expert_used_count, but got nothing"));
  checkpoint.metadata["llama.expert_used_count"] = uint32_t(2);
  checkpoint.metadata["llama.rope.scaling.type"] = std::string("longrope");
  CHECK(
      contains(error_of([&] { models::MixtralConfig::from_checkpoint(checkpoint); }),
               "mixtral.gguf: expects 'none' or 'linear' or 'yarn' as llama.rope.scaling.type, but got \"longrope\""));
}

TEST_CASE("each device has some of a Mixtral's experts") {
  weights::Checkpoint checkpoint = weights::open(std::string(VARVE_TEST_DATA) + "/models/mixtral");
  models::Mixtral model(models::MixtralConfig::from_checkpoint(checkpoint));
  model.to({cpu(0), cpu(1)}, Sharding::expert_parallel());
  nn::MoE &mlp = model.model.layers[1].mlp;
  CHECK(mlp.experts.down_proj.sharding() == Sharding::axiswise(0));
  CHECK(mlp.gate.weight.sharding() == Sharding::replicate());
}
