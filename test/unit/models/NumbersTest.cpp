// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole models against PyTorch's numbers: test/data/llama-kjv/golden.py and test/data/encoder/golden.py made them.
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/models/Bert.h"
#include "varve/models/Llama.h"
#include "varve/nn/Hook.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Gguf.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <map>

using namespace varve;
using test::difference;

namespace {

const std::string data = VARVE_TEST_DATA;
const std::string golden = data + "/llama-kjv/golden/";

models::LlamaConfig config_of(DType dtype) {
  models::LlamaConfig config = models::LlamaConfig::from_file(data + "/llama-kjv/config.json");
  config.dtype = dtype;
  return config;
}

Executable compiled(models::Llama &llama) {
  Graph prefill("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
  Graph decode("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
  return compile({&prefill, &decode});
}

Executable compile_llama(DType dtype) {
  models::Llama llama(config_of(dtype));
  llama.load_state_dict(weights::open(data + "/llama-kjv"), {.cast = true});
  return compiled(llama);
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

TEST_CASE("the Llama generates in a loop of the graph what it does step by step") {
  models::Llama llama(config_of(f32), models::Logits::last);
  llama.load_state_dict(weights::open(data + "/llama-kjv"), {.cast = true});
  auto likeliest = [](Value logits) { return argmax(logits, {.axis = -1}); };
  Graph prefill("prefill", [&](Value ids) { return likeliest(llama(ids)); },
                {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
  Graph decode("decode", [&](Value ids) { return likeliest(llama(ids)); },
               {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
  Graph generate("generate",
                 [&](Value first, Value start) {
                   return scan(iota({"steps"}), first,
                               [&](Value ids, Value step) {
                                 Value next = likeliest(llama(ids, start + step));
                                 return std::pair(next, reshape(next, {}));
                               })
                       .second;
                 },
                 {{"first", tensor_type(i64, {1, 1})}, {"start", tensor_type(i64, {})}, dim_input("steps")});
  Executable exe = compile({&prefill, &decode, &generate});
  auto ids = load_npy(golden + "odd-length-prompt.npy").to_vector<int64_t>();
  auto count = static_cast<int64_t>(ids.size());
  Tensor prompt = Tensor::from<int64_t>({1, count}, ids);

  constexpr int64_t steps = 24;
  Session one(exe, {.threads = 1});
  Tensor token = one.run("prefill", {prompt, past(0)})[0];
  std::vector<int64_t> expected;
  for (int64_t step = 0; step < steps; ++step) {
    token = one.run("decode", {token, past(count + step)})[0].clone();
    expected.push_back(token.to_vector<int64_t>()[0]);
  }
  for (int threads : {1, 2}) {
    Session session(exe, {.threads = threads});
    Tensor first = session.run("prefill", {prompt, past(0)})[0].clone();
    CHECK(session.run("generate", {first, past(count), past(steps)})[0].to_vector<int64_t>() == expected);
    // Nothing to do, and too much: the cache ends.
    CHECK(session.run("generate", {first, past(count), past(0)})[0].size() == 0);
    try {
      session.run("generate", {first, past(llama.config.max_position_embeddings - 1), past(2)});
      FAIL("expects an error");
    } catch (const Error &error) {
      CHECK(error.layer() == "model.layers.0.self_attn");
      CHECK(error.message() ==
            "expects a position from 0 to " + std::to_string(llama.config.max_position_embeddings - 1) +
                " along dimension 1, but got " + std::to_string(llama.config.max_position_embeddings));
    }
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

// Blocks of 32: a scale, the greatest magnitude over 127, and a byte for each value.
static Tensor as_q8_0(const Tensor &tensor) {
  std::vector<float> values = tensor.to_vector<float>();
  std::vector<uint8_t> bytes;
  for (size_t begin = 0; begin < values.size(); begin += 32) {
    float most = 0;
    for (size_t i = 0; i < 32; ++i)
      most = std::max(most, std::abs(values[begin + i]));
    Tensor scale = Tensor::from<float>({1}, {most / 127}).to(f16);
    auto *raw = static_cast<const uint8_t *>(scale.data());
    bytes.insert(bytes.end(), raw, raw + 2);
    for (size_t i = 0; i < 32; ++i)
      bytes.push_back(
          static_cast<uint8_t>(static_cast<int8_t>(std::lround(most > 0 ? values[begin + i] / most * 127 : 0))));
  }
  return Tensor::encoded(Encoding::q8_0, Tensor::from<uint8_t>({tensor.shape()[0], tensor.shape()[1] / 32, 34}, bytes));
}

// The demo's Llama as GGUF, as llama.cpp would write it: rows of q and k in pairs, vectors in f32.
static void write_gguf(const std::filesystem::path &path, bool quantised) {
  StateDict state;
  for (auto &[name, tensor] : weights::open(data + "/llama-kjv").tensors) {
    bool q = name.find("q_proj") != std::string::npos, k = name.find("k_proj") != std::string::npos;
    std::vector<float> values = tensor.to_vector<float>(), rows = values;
    for (int64_t row = 0, width = 192; (q || k) && row < tensor.shape()[0]; ++row) // [head, half, pair] of 32
      std::copy_n(values.begin() + row * width, width,
                  rows.begin() + (row / 32 * 32 + row % 16 * 2 + row % 32 / 16) * width);
    Tensor value = Tensor::from<float>(tensor.shape(), rows);
    std::string own = name;
    for (auto [from, to] :
         std::initializer_list<std::pair<std::string, std::string>>{{"model.layers.", "blk."},
                                                                    {"model.embed_tokens", "token_embd"},
                                                                    {"model.norm", "output_norm"},
                                                                    {"input_layernorm", "attn_norm"},
                                                                    {"post_attention_layernorm", "ffn_norm"},
                                                                    {"self_attn.o_proj", "attn_output"},
                                                                    {"self_attn.q_proj", "attn_q"},
                                                                    {"self_attn.k_proj", "attn_k"},
                                                                    {"self_attn.v_proj", "attn_v"},
                                                                    {"mlp.gate_proj", "ffn_gate"},
                                                                    {"mlp.up_proj", "ffn_up"},
                                                                    {"mlp.down_proj", "ffn_down"}})
      if (size_t at = own.find(from); at != std::string::npos)
        own.replace(at, from.size(), to);
    if (tensor.shape().size() == 1)
      state[own] = value;
    else
      state[own] = quantised ? as_q8_0(value) : value.to(bf16);
  }
  weights::save_gguf(path, state,
                     {{"general.architecture", "llama"},
                      {"llama.embedding_length", uint32_t(192)},
                      {"llama.feed_forward_length", uint32_t(512)},
                      {"llama.block_count", uint32_t(6)},
                      {"llama.attention.head_count", uint32_t(6)},
                      {"llama.attention.head_count_kv", uint32_t(2)},
                      {"llama.attention.key_length", uint32_t(32)},
                      {"llama.attention.layer_norm_rms_epsilon", 1e-5F},
                      {"llama.context_length", uint32_t(512)},
                      {"llama.rope.dimension_count", uint32_t(32)},
                      {"llama.rope.freq_base", 10000.0F}});
}

TEST_CASE("the Llama's logits are the same from GGUF, and near from its blocks") {
  test::TemporaryFolder folder;
  auto ids = load_npy(golden + "odd-length-prompt.npy").to_vector<int64_t>();
  auto tokens = load_npy(golden + "odd-length-f32-tokens.npy").to_vector<int64_t>();
  Run expected = follow(compile_llama(f32), 2, ids, tokens, 1000);
  for (bool quantised : {false, true}) {
    write_gguf(folder / "model.gguf", quantised);
    weights::Checkpoint checkpoint = weights::open(folder / "model.gguf");
    models::LlamaConfig config = models::LlamaConfig::from_checkpoint(checkpoint);
    CHECK(config.dtype == (quantised ? f32 : bf16));
    config.dtype = f32;
    models::Llama llama(config);
    nn::LoadReport report =
        llama.load_state_dict(checkpoint, {.cast = true, .renames = weights::rules_for(checkpoint)});
    CHECK(report.loaded.size() == 56);
    CHECK(report.problems.empty());
    Run run = follow(compiled(llama), 2, ids, tokens, 1000);
    if (!quantised) {
      CHECK(run.logits == expected.logits);
      CHECK(run.steps == expected.steps);
      continue;
    }
    CHECK(difference(run.logits, expected.logits) < 0.03);
    CHECK(run.logits != expected.logits);
    // Bit for bit what the floats that the blocks stand for give.
    StateDict floats = weights::rules_for(checkpoint).apply(checkpoint).tensors;
    for (auto &[name, tensor] : floats)
      tensor = tensor.to(f32);
    models::Llama plain(config);
    plain.load_state_dict(floats);
    CHECK(follow(compiled(plain), 2, ids, tokens, 1000).logits == run.logits);
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
