// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gemma 3, small and random, against transformers: test/data/models/make_gemma3.py made it.
#include "varve/models/Gemma3.h"
#include "test/unit/models/Decoder.h"
#include "varve/weights/Gguf.h"

using namespace varve;
using test::check_decoder;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA;

std::pair<Graph, Graph> graphs_of(models::Gemma3 &model) {
  return {Graph("prefill", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}),
          Graph("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")})};
}

} // namespace

TEST_CASE("Gemma 3 computes what transformers does") { check_decoder<models::Gemma3, models::Gemma3Config>("gemma3"); }

TEST_CASE("Gemma 3 in bfloat16, from an older config.json, is near what transformers does") {
  std::string folder = data + "/models/gemma3-bf16/";
  weights::Checkpoint checkpoint = weights::open(folder);
  models::Gemma3Config config = models::Gemma3Config::from_checkpoint(checkpoint);
  CHECK(config.dtype == bf16);
  CHECK(config.rope_theta == 50000);
  CHECK(config.rope_local_base_freq == 700);
  CHECK(config.rope_scaling == nn::RopeScaling{.kind = nn::RopeScaling::Kind::linear, .factor = 4});
  CHECK(config.sliding == std::vector<bool>{true, true, false, true});
  models::Gemma3 model(config);
  CHECK(model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  auto [prefill, decode] = graphs_of(model);
  Executable exe = compile({&prefill, &decode});
  Session session(exe);
  auto ids = load_npy(folder + "ids.npy").to_vector<int64_t>();
  std::vector<float> found;
  for (int64_t at = 0; at < 16;) {
    int64_t count = at == 0 ? 9 : 1;
    Tensor given = Tensor::from<int64_t>({1, count}, std::vector<int64_t>(ids.begin() + at, ids.begin() + at + count));
    Tensor out = session.run(at == 0 ? "prefill" : "decode", {given, Tensor::from<int64_t>({}, {at})})[0].to(f32);
    std::vector<float> part = out.to_vector<float>();
    found.insert(found.end(), part.begin(), part.end());
    at += count;
  }
  std::vector<float> expected = load_npy(folder + "logits.npy").to_vector<float>();
  std::vector<float> steps = load_npy(folder + "steps.npy").to_vector<float>();
  expected.insert(expected.end(), steps.begin(), steps.end());
  CHECK(difference(found, expected) < 0.05);
}

TEST_CASE("Gemma 3 from GGUF computes what transformers does") {
  test::TemporaryFolder folder;
  std::string source = data + "/models/gemma3/";
  StateDict state;
  for (auto &[name, tensor] : weights::open(source).tensors) {
    std::string own = name;
    for (auto [from, to] :
         std::initializer_list<std::pair<std::string, std::string>>{{"model.layers.", "blk."},
                                                                    {"model.embed_tokens", "token_embd"},
                                                                    {"model.norm", "output_norm"},
                                                                    {"input_layernorm", "attn_norm"},
                                                                    {"post_attention_layernorm", "post_attention_norm"},
                                                                    {"pre_feedforward_layernorm", "ffn_norm"},
                                                                    {"post_feedforward_layernorm", "post_ffw_norm"},
                                                                    {"self_attn.o_proj", "attn_output"},
                                                                    {"self_attn.q_proj", "attn_q"},
                                                                    {"self_attn.k_proj", "attn_k"},
                                                                    {"self_attn.v_proj", "attn_v"},
                                                                    {"self_attn.q_norm", "attn_q_norm"},
                                                                    {"self_attn.k_norm", "attn_k_norm"},
                                                                    {"mlp.gate_proj", "ffn_gate"},
                                                                    {"mlp.up_proj", "ffn_up"},
                                                                    {"mlp.down_proj", "ffn_down"}})
      if (size_t at = own.find(from); at != std::string::npos)
        own.replace(at, from.size(), to);
    std::vector<float> values = tensor.to_vector<float>();
    if (name.ends_with("norm.weight"))
      for (float &value : values)
        value += 1;
    state[own] = Tensor::from<float>(tensor.shape(), values);
  }
  weights::save_gguf(folder / "model.gguf", state,
                     {{"general.architecture", "gemma3"},
                      {"gemma3.embedding_length", uint32_t(27)},
                      {"gemma3.feed_forward_length", uint32_t(20)},
                      {"gemma3.block_count", uint32_t(4)},
                      {"gemma3.attention.head_count", uint32_t(3)},
                      {"gemma3.attention.head_count_kv", uint32_t(1)},
                      {"gemma3.attention.key_length", uint32_t(10)},
                      {"gemma3.attention.layer_norm_rms_epsilon", 1e-6F},
                      {"gemma3.attention.sliding_window", uint32_t(5)},
                      {"gemma3.attention.sliding_window_pattern", uint32_t(3)},
                      {"gemma3.context_length", uint32_t(24)},
                      {"gemma3.final_logit_softcapping", 4.0F},
                      {"gemma3.rope.freq_base", 50000.0F},
                      {"gemma3.rope.freq_base_swa", 700.0F},
                      {"gemma3.rope.scaling.type", "linear"},
                      {"gemma3.rope.scaling.factor", 4.0F}});
  weights::Checkpoint checkpoint = weights::open(folder / "model.gguf");
  models::Gemma3Config config = models::Gemma3Config::from_checkpoint(checkpoint);
  CHECK(config.query_pre_attn_scalar == 10);
  config.query_pre_attn_scalar = 7; // which GGUF does not name
  models::Gemma3 model(config);
  CHECK(model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  auto [prefill, decode] = graphs_of(model);
  check_decoder(prefill, decode, source);

  checkpoint.metadata["gemma3.block_count"] = uint32_t(62);
  config = models::Gemma3Config::from_checkpoint(checkpoint);
  CHECK(config.query_pre_attn_scalar == 9);
  CHECK(config.sliding.size() == 62);
  checkpoint.metadata.erase("gemma3.attention.sliding_window");
  CHECK(models::Gemma3Config::from_checkpoint(checkpoint).sliding == std::vector<bool>(62, false));
  checkpoint.metadata["general.architecture"] = std::string("gemma2");
  CHECK(contains(error_of([&] { models::Gemma3Config::from_checkpoint(checkpoint); }),
                 "model.gguf: expects 'gemma3' as general.architecture, but got \"gemma2\""));
}

TEST_CASE("Gemma 3 loads what transformers and llama.cpp wrote, and the language model of one that sees") {
  for (std::string path : {"gemma3", "gemma3.gguf"}) {
    INFO(path);
    weights::Checkpoint checkpoint = weights::open(data + "/rules/" + path);
    models::Gemma3 model(models::Gemma3Config::from_checkpoint(checkpoint), models::Logits::last);
    auto rules = weights::rules_for(checkpoint);
    CHECK(model.load_state_dict(checkpoint, {.cast = true, .renames = rules}).problems.empty());
    Graph graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
    CHECK(contains(graph.text(), "-> (tensor<1x1x11x"));
  }
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  test::write_text(path, R"({"model_type": "gemma3", "torch_dtype": "bfloat16", "vision_config": {},
                             "text_config": {"hidden_size": 2560, "num_hidden_layers": 34, "intermediate_size": 10240,
                                             "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
                                             "sliding_window": 1024}})");
  models::Gemma3Config config = models::Gemma3Config::from_file(path);
  CHECK(config.hidden_size == 2560);
  CHECK(config.num_attention_heads == 8);
  CHECK(config.rope_theta == 1e6);
  CHECK(config.rope_scaling.factor == 8);
  CHECK(config.sliding_window == 1024);
  CHECK(config.sliding.size() == 34);
  CHECK(config.sliding[4]);
  CHECK_FALSE(config.sliding[5]);
  CHECK(config.dtype == bf16);
}

TEST_CASE("what a config asks for and a Gemma 3 has not is refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::Gemma3Config::from_file(path); });
  };
  CHECK(read("{}") == "(no error)");
  CHECK(read(R"({"model_type": "gemma2"})") ==
        path + ": expects 'gemma3_text' or 'gemma3' as model_type, but got \"gemma2\"");
  CHECK(read(R"({"attn_logit_softcapping": 50})") == path + ": expects nothing as attn_logit_softcapping, but got 50");
  CHECK(read(R"({"attention_bias": true})") == path + ": expects nothing as attention_bias, but got true");
  CHECK(read(R"({"use_bidirectional_attention": true})") ==
        path + ": expects nothing as use_bidirectional_attention, but got true");
  CHECK(read(R"({"hidden_activation": "gelu"})") ==
        path + ": expects 'gelu_pytorch_tanh' as hidden_activation, but got \"gelu\"");
  CHECK(read(R"({"num_hidden_layers": 2, "layer_types": ["full_attention"]})") ==
        path + ": expects 2 of 'sliding_attention' or 'full_attention' as layer_types, but got [\"full_attention\"]");
  CHECK(read(R"({"num_hidden_layers": 1, "layer_types": ["chunked_attention"]})") ==
        path +
            ": expects 1 of 'sliding_attention' or 'full_attention' as layer_types, but got [\"chunked_attention\"]");
  CHECK(read(R"({"rope_parameters": {"rope_type": "linear"}})") ==
        path + ": rope_parameters: expects nothing as rope_type, but got \"linear\"");
  CHECK(read(R"({"rope_parameters": {"sliding_attention": {"rope_type": "linear"}}})") ==
        path + ": rope_parameters: sliding_attention: expects 'default' as rope_type, but got \"linear\"");
  CHECK(read(R"({"model_type": "gemma3", "text_config": {"head_dim": 0}})") ==
        path + ": text_config: expects a positive integer as head_dim, but got 0");
  CHECK(error_of([] { models::Gemma3Model({.num_hidden_layers = 3, .sliding = {true}}); }) ==
        "expects kinds of 3 layers, but got 1");
}
