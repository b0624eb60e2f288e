// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models of the families that people know, small and random, against transformers: test/data/models/make.py made them.
#include "test/unit/models/Decoder.h"
#include "varve/compiler/Compile.h"
#include "varve/models/Bert.h"
#include "varve/models/GPT2.h"
#include "varve/models/Llama.h"
#include "varve/models/Qwen3.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;
using test::check_decoder;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA;

// What another program wrote of that family loads into the model, whole.
template <typename Model, typename Config> void check_loads(const std::string &path) {
  INFO(path);
  weights::Checkpoint checkpoint = weights::open(data + "/rules/" + path);
  Config config = Config::from_checkpoint(checkpoint);
  Model model(config, models::Logits::last);
  nn::LoadReport report = model.load_state_dict(checkpoint, {.cast = true, .renames = weights::rules_for(checkpoint)});
  CHECK(report.problems.empty());
  Graph graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
  CHECK(contains(graph.text(), "-> (tensor<1x1x11x"));
}

} // namespace

TEST_CASE("Mistral, with its window, computes what transformers does") {
  check_decoder<models::Llama, models::LlamaConfig>("mistral");
}

TEST_CASE("Qwen 2, with its biases, computes what transformers does") {
  check_decoder<models::Llama, models::LlamaConfig>("qwen2");
}

TEST_CASE("Qwen 3 computes what transformers does") { check_decoder<models::Qwen3, models::Qwen3Config>("qwen3"); }

TEST_CASE("GPT-2 computes what transformers does") { check_decoder<models::GPT2, models::GPT2Config>("gpt2"); }

TEST_CASE("BERT computes what transformers does") {
  std::string folder = data + "/models/bert/";
  weights::Checkpoint checkpoint = weights::open(folder);
  models::BertModel model(models::BertConfig::from_checkpoint(checkpoint));
  CHECK(model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  TensorType ids = tensor_type(i64, {"batch", "seq"}), mask = tensor_type(boolean, {"batch", "seq"});
  std::vector<Tensor> inputs;
  for (std::string name : {"ids", "types", "mask"})
    inputs.push_back(load_npy(folder + name + ".npy"));
  auto run = [&](const Graph &graph, const std::vector<Tensor> &given) { return compile(graph)(given); };
  std::vector<Tensor> states = run(Graph("bert", model, {{"ids", ids}, {"types", ids}, {"mask", mask}}), inputs);
  CHECK(difference(states[0].to_vector<float>(), load_npy(folder + "hidden.npy").to_vector<float>()) < 1e-5);
  CHECK(difference(states[1].to_vector<float>(), load_npy(folder + "pooled.npy").to_vector<float>()) < 1e-5);

  // Kinds that are all 0 and a mask without padding may as well be left out.
  inputs[1] = Tensor::zeros(i64, inputs[0].shape());
  inputs[2] = Tensor::from<bool>(inputs[0].shape(), std::vector<bool>(22, true));
  states = run(Graph("bert", model, {{"ids", ids}, {"types", ids}, {"mask", mask}}), inputs);
  std::vector<Tensor> plain = run(Graph("bert", model, {{"ids", ids}}), {inputs[0]});
  CHECK(difference(plain[0].to_vector<float>(), states[0].to_vector<float>()) < 1e-6);
}

TEST_CASE("BERT loads what transformers and llama.cpp wrote, old and new") {
  for (std::string path : {"bert", "bert.gguf", "bert-fused.gguf"}) {
    INFO(path);
    weights::Checkpoint checkpoint = weights::open(data + "/rules/" + path);
    models::BertModel model(models::BertConfig::from_checkpoint(checkpoint));
    CHECK(model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
    Graph graph("bert", model, {{"ids", tensor_type(i64, {"batch", "seq"})}});
    CHECK(contains(graph.text(), "varve.name = \"last_hidden_state\""));
    CHECK(contains(graph.text(), "varve.name = \"pooler_output\"") == (path == "bert"));
  }
}

TEST_CASE("models load what transformers and llama.cpp wrote, by the rules that come with the library") {
  check_loads<models::Llama, models::LlamaConfig>("llama");
  check_loads<models::Llama, models::LlamaConfig>("qwen2");
  check_loads<models::Llama, models::LlamaConfig>("qwen2.gguf");
  check_loads<models::Llama, models::LlamaConfig>("mistral");
  check_loads<models::Llama, models::LlamaConfig>("mistral.gguf");
  check_loads<models::Llama, models::LlamaConfig>("llama-q8_0.gguf");
  check_loads<models::Qwen3, models::Qwen3Config>("qwen3");
  check_loads<models::Qwen3, models::Qwen3Config>("qwen3.gguf");
  check_loads<models::GPT2, models::GPT2Config>("gpt2");
  check_loads<models::GPT2, models::GPT2Config>("gpt2.gguf");
}

TEST_CASE("a GPT-2 position behind its table is an error of the run") {
  weights::Checkpoint checkpoint = weights::open(data + "/models/gpt2");
  models::GPT2 model(models::GPT2Config::from_checkpoint(checkpoint));
  model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
  Graph decode("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
  Executable exe = compile(decode);
  auto at = [&](int64_t past) {
    return error_of([&] { exe({Tensor::from<int64_t>({1, 1}, {0}), Tensor::from<int64_t>({}, {past})}); });
  };
  CHECK(at(23) == "(no error)");
  CHECK(contains(at(24), "in layer 'transformer.h.0.attn': expects a stored slice that ends inside dimension 1 of its "
                         "buffer, but got past + 1 = 25 and 24"));
}

TEST_CASE("what a config asks for and a model has not is refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto gpt2 = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::GPT2Config::from_file(path); });
  };
  auto qwen3 = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::Qwen3Config::from_file(path); });
  };
  CHECK(gpt2(R"({"activation_function": "relu"})") ==
        path + ": expects 'gelu_new' or 'gelu_pytorch_tanh' as activation_function, but got \"relu\"");
  CHECK(gpt2(R"({"scale_attn_by_inverse_layer_idx": true})") ==
        path + ": expects nothing as scale_attn_by_inverse_layer_idx, but got true");
  CHECK(gpt2("{}") == path + ": expects a positive integer as vocab_size, but got nothing");
  CHECK(qwen3(R"({"model_type": "qwen2"})") == path + ": expects 'qwen3' as model_type, but got \"qwen2\"");
  CHECK(qwen3(R"({"use_sliding_window": true})") == path + ": expects nothing as use_sliding_window, but got true");
  CHECK(contains(error_of([] { models::GPT2 model({.n_embd = 24, .n_layer = 1, .n_head = 5}); }),
                 "in layer 'transformer.h.0.attn': expects an n_head that divides n_embd, but got 5 and 24"));
}
