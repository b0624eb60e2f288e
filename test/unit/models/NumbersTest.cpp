// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole models against PyTorch's numbers: test/data/llama-kjv/golden.py and test/data/encoder/golden.py made them.
#include "varve/compiler/Compile.h"
#include "varve/models/Bert.h"
#include "varve/models/Llama.h"
#include "varve/nn/Hook.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <map>

using namespace varve;

namespace {

const std::string data = VARVE_TEST_DATA;
const std::string golden = data + "/llama-kjv/golden/";

// The greatest difference, over the greatest magnitude of what is expected.
double difference(const std::vector<float> &values, const std::vector<float> &expected) {
  REQUIRE(values.size() == expected.size());
  double worst = 0, size = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(values[i]) - expected[i]));
    size = std::max(size, std::abs(static_cast<double>(expected[i])));
  }
  return size > 0 ? worst / size : worst;
}

Executable compile_llama(DType dtype) {
  models::LlamaConfig config = models::LlamaConfig::from_file(data + "/llama-kjv/config.json");
  config.dtype = dtype;
  models::Llama llama(config);
  StateDict state = weights::open(data + "/llama-kjv").tensors;
  if (dtype == f32)
    for (auto &[name, tensor] : state)
      tensor = Tensor::from<float>(tensor.shape(), tensor.to_vector<float>());
  llama.load_state_dict(state);
  Graph prefill("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
  Graph decode("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
  return compile({&prefill, &decode});
}

Tensor past(int64_t value) { return Tensor::from<int64_t>({}, {value}); }

struct Run {
  std::vector<float> logits, steps; // of the prompt's positions; of each step, which was given the expected token
  std::vector<int64_t> greedy;      // the likeliest at each step
};

// The prompt in pieces of `piece` tokens, then one token at a time.
Run follow(const Executable &exe, int threads, const std::vector<int64_t> &prompt, const std::vector<int64_t> &tokens,
           int64_t piece) {
  Session session(exe, {.threads = threads});
  Run run;
  auto count = static_cast<int64_t>(prompt.size());
  for (int64_t begin = 0; begin < count; begin += piece) {
    std::vector<int64_t> part(prompt.begin() + begin, prompt.begin() + std::min(count, begin + piece));
    auto size = static_cast<int64_t>(part.size());
    std::vector<float> logits =
        session.run("prefill", {Tensor::from<int64_t>({1, size}, part), past(begin)})[0].to_vector<float>();
    run.logits.insert(run.logits.end(), logits.begin(), logits.end());
  }
  std::vector<float> last(run.logits.end() - 256, run.logits.end());
  for (size_t step = 0; step < tokens.size(); ++step) {
    run.steps.insert(run.steps.end(), last.begin(), last.end());
    run.greedy.push_back(std::max_element(last.begin(), last.end()) - last.begin());
    if (step + 1 < tokens.size())
      last = session
                 .run("decode",
                      {Tensor::from<int64_t>({1, 1}, {tokens[step]}), past(count + static_cast<int64_t>(step))})[0]
                 .to_vector<float>();
  }
  return run;
}

} // namespace

TEST_CASE("the Llama's logits and greedy text are PyTorch's, in f32") {
  Executable exe = compile_llama(f32);
  for (std::string prompt : {"one-byte", "beginning", "odd-length"}) {
    INFO(prompt);
    auto ids = load_npy(golden + prompt + "-prompt.npy").to_vector<int64_t>();
    auto tokens = load_npy(golden + prompt + "-f32-tokens.npy").to_vector<int64_t>();
    Run whole = follow(exe, 1, ids, tokens, 1000), pieces = follow(exe, 2, ids, tokens, 5);
    auto logits = load_npy(golden + prompt + "-f32-logits.npy").to_vector<float>();
    auto steps = load_npy(golden + prompt + "-f32-steps.npy").to_vector<float>();
    CHECK(difference(whole.logits, logits) < 1e-5);
    CHECK(difference(whole.steps, steps) < 1e-5);
    CHECK(whole.greedy == tokens);
    CHECK(difference(pieces.logits, logits) < 1e-5);
    CHECK(pieces.greedy == tokens);
    Run again = follow(exe, 2, ids, tokens, 1000);
    CHECK(again.logits == whole.logits); // bit for bit, on one thread and two
    CHECK(again.steps == whole.steps);
  }
}

TEST_CASE("the Llama's logits are PyTorch's as far as bf16 allows") {
  Executable exe = compile_llama(bf16);
  for (std::string prompt : {"one-byte", "beginning", "odd-length"}) {
    INFO(prompt);
    auto ids = load_npy(golden + prompt + "-prompt.npy").to_vector<int64_t>();
    auto tokens = load_npy(golden + prompt + "-bf16-tokens.npy").to_vector<int64_t>();
    Run run = follow(exe, 1, ids, tokens, 1000);
    auto logits = load_npy(golden + prompt + "-bf16-logits.npy").to_vector<float>();
    auto steps = load_npy(golden + prompt + "-bf16-steps.npy").to_vector<float>();
    // Eight bits of mantissa, six layers of roundings at other places than PyTorch's.
    CHECK(difference(run.logits, logits) < 0.02);
    CHECK(difference(run.steps, steps) < 0.02);
    // The same token wherever the two likeliest are further apart than that.
    for (size_t step = 0; step < tokens.size(); ++step) {
      std::vector<float> row(steps.begin() + step * 256, steps.begin() + (step + 1) * 256);
      std::nth_element(row.begin(), row.begin() + 1, row.end(), std::greater<>());
      if (row[0] - row[1] > 0.5f)
        CHECK(run.greedy[step] == tokens[step]);
    }
  }
}

TEST_CASE("taps in every layer of the Llama change no bit of it, off or on") {
  auto ids = load_npy(golden + "odd-length-prompt.npy").to_vector<int64_t>();
  auto tokens = load_npy(golden + "odd-length-f32-tokens.npy").to_vector<int64_t>();
  Run plain = follow(compile_llama(f32), 1, ids, tokens, 7);
  auto hook = nn::tap_hook();
  Executable exe = compile_llama(f32);
  Run off = follow(exe, 1, ids, tokens, 7);
  CHECK(off.logits == plain.logits);
  CHECK(off.steps == plain.steps);
  Session session(exe, {.threads = 2});
  std::map<std::string, int64_t> seen;
  session.tap("*", [&](const Tap &tap) { seen[tap.path] += tap.value.size(); });
  Tensor prompt = Tensor::from<int64_t>({1, static_cast<int64_t>(ids.size())}, ids);
  std::vector<float> whole = session.run("prefill", {prompt, past(0)})[0].to_vector<float>();
  CHECK(Session(exe, {.threads = 1}).run("prefill", {prompt, past(0)})[0].to_vector<float>() == whole);
  CHECK(2 * seen.size() == exe.taps().size()); // each is in both entries
  CHECK(seen.at("model.layers.5.mlp.output") == seen.at("model.layers.0.self_attn.output"));
}

TEST_CASE("a saved graph runs to the same numbers as the program that wrote it") {
  models::BertLayer block(models::BertConfig::from_file(data + "/encoder/config.json"));
  weights::Checkpoint checkpoint = weights::open(data + "/encoder");
  block.load_state_dict(checkpoint);
  Graph graph("block", block,
              {{"x", tensor_type(f32, {"batch", "seq", 64})}, {"mask", tensor_type(f32, {"batch", 1, 1, "seq"})}});
  Tensor x = load_npy(data + "/encoder/2x17-input.npy");
  Tensor mask = load_npy(data + "/encoder/2x17-mask.npy");
  std::vector<float> direct = compile(graph)({x, mask})[0].to_vector<float>();
  for (std::string ending : {".mlir", ".mlirbc"}) {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("varve-numbers-test" + ending);
    graph.save(path);
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    std::filesystem::remove(path);
    CHECK(compile_module(text, path).bind(checkpoint)({x, mask})[0].to_vector<float>() == direct);
  }
}

TEST_CASE("a BERT block's numbers are PyTorch's") {
  models::BertLayer block(models::BertConfig::from_file(data + "/encoder/config.json"));
  block.load_state_dict(weights::open(data + "/encoder"));
  Graph graph("block", block,
              {{"x", tensor_type(f32, {"batch", "seq", 64})}, {"mask", tensor_type(f32, {"batch", 1, 1, "seq"})}});
  Executable exe = compile(graph);
  for (std::string size : {"2x17", "1x1"}) {
    INFO(size);
    Tensor x = load_npy(data + "/encoder/" + size + "-input.npy");
    Tensor mask = load_npy(data + "/encoder/" + size + "-mask.npy");
    Tensor expected = load_npy(data + "/encoder/" + size + "-expected.npy");
    std::vector<float> one = Session(exe, {.threads = 1}).run({x, mask})[0].to_vector<float>();
    std::vector<float> two = Session(exe, {.threads = 2}).run({x, mask})[0].to_vector<float>();
    CHECK(difference(one, expected.to_vector<float>()) < 1e-5);
    CHECK(one == two);
  }
}
