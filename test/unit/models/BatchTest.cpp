// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Three texts that are decoded together, against transformers: test/data/models/make_batch.py made what is expected.
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/models/DeepSeek.h"
#include "varve/models/GPT2.h"
#include "varve/models/Gemma3.h"
#include "varve/models/Llama.h"
#include "varve/models/Mamba.h"
#include "varve/models/Mixtral.h"
#include "varve/models/Qwen3.h"
#include "varve/models/T5.h"
#include "varve/models/Whisper.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA "/models/";
constexpr int64_t rows = 3;
const TensorType some = tensor_type(i64, {rows, "seq"}), one = tensor_type(i64, {rows, 1});

// Of each row of `all`, `count` values from `begin` on.
template <typename T> std::vector<T> columns(const std::vector<T> &all, int64_t begin, int64_t count) {
  std::vector<T> part;
  for (int64_t row = 0, width = std::ssize(all) / rows; row < rows; ++row)
    part.insert(part.end(), all.begin() + row * width + begin, all.begin() + row * width + begin + count);
  return part;
}

template <typename Model, typename Config> std::unique_ptr<Model> loaded(const std::string &folder, int64_t batch) {
  weights::Checkpoint checkpoint = weights::open(folder);
  Config config = Config::from_checkpoint(checkpoint);
  CHECK(config.batch == 1);
  config.batch = batch;
  auto model = std::make_unique<Model>(config);
  CHECK(model->load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  return model;
}

// A prompt in pieces, then token by token. Each call takes ids, `given` and, if it has one, how far all are.
void check_texts(Session &session, const std::string &folder, int64_t piece, const std::vector<Tensor> &given = {},
                 bool told = true) {
  INFO(folder << " in pieces of " << piece);
  auto ids = load_npy(folder + "batch-ids.npy").to_vector<int64_t>();
  Tensor whole = load_npy(folder + "batch-logits.npy");
  auto logits = whole.to_vector<float>(), steps = load_npy(folder + "batch-steps.npy").to_vector<float>();
  int64_t prompt = whole.shape()[1], width = whole.shape()[2], end = std::ssize(ids) / rows;
  auto run = [&](const std::string &entry, int64_t begin, int64_t count) {
    std::vector<Tensor> inputs = {Tensor::from<int64_t>({rows, count}, columns(ids, begin, count))};
    inputs.insert(inputs.end(), given.begin(), given.end());
    if (told)
      inputs.push_back(Tensor::from<int64_t>({}, {begin}));
    return session.run(entry, inputs)[0].to_vector<float>();
  };
  for (int64_t begin = 0, count = 0; begin < prompt; begin += count) {
    count = std::min(piece, prompt - begin);
    CHECK(difference(run(count == 1 ? "decode" : "prefill", begin, count),
                     columns(logits, begin * width, count * width)) < 1e-5);
  }
  for (int64_t at = prompt; at < end; ++at)
    CHECK(difference(run("decode", at, 1), columns(steps, (at - prompt) * width, width)) < 1e-5);
}

template <typename Model, typename Config> void check_decoder(const std::string &name, int64_t width = 24) {
  std::string folder = data + name + "/";
  auto model = loaded<Model, Config>(folder, rows);
  Graph prefill("prefill", *model, {{"ids", some}, dim_input("past")});
  Graph decode("decode", *model, {{"ids", one}, dim_input("past")});
  Executable exe = compile({&prefill, &decode});
  for (int64_t piece : {9, 4, 1}) {
    Session session(exe, {.threads = 2});
    check_texts(session, folder, piece);
  }
  CHECK(contains(error_of([&] { Graph("f", *model, {{"ids", tensor_type(i64, {2, 1})}, dim_input("past")}); }),
                 "expects the cache's batch, which is 3, but got f32 [2, 1, " + std::to_string(width) + "]"));
  CHECK(contains(error_of([&] { Graph("f", *model, {{"ids", tensor_type(i64, {"n", 1})}, dim_input("past")}); }),
                 "expects the cache's batch, which is 3, but got f32 [n, 1, " + std::to_string(width) + "]"));
}

} // namespace

TEST_CASE("decoders continue several texts at once as transformers does") {
  check_decoder<models::Llama, models::LlamaConfig>("mistral");
  check_decoder<models::Llama, models::LlamaConfig>("qwen2");
  check_decoder<models::Qwen3, models::Qwen3Config>("qwen3");
  check_decoder<models::GPT2, models::GPT2Config>("gpt2");
  check_decoder<models::Mixtral, models::MixtralConfig>("mixtral");
  check_decoder<models::DeepSeek, models::DeepSeekConfig>("deepseek", 22);
  check_decoder<models::Gemma3, models::Gemma3Config>("gemma3", 27);
}

TEST_CASE("a Llama that is given its position as a value continues several texts at once") {
  std::string folder = data + "mistral/";
  auto model = loaded<models::Llama, models::LlamaConfig>(folder, rows);
  auto forward = [&](Value ids, Value position) { return (*model)(ids, position); };
  TensorType position = tensor_type(i64, {});
  Graph prefill("prefill", forward, {{"ids", some}, {"position", position}});
  Graph decode("decode", forward, {{"ids", one}, {"position", position}});
  Session session(compile({&prefill, &decode}), {.threads = 2});
  check_texts(session, folder, 4);
}

TEST_CASE("a Mamba continues several texts at once as transformers does") {
  std::string folder = data + "mamba/";
  auto model = loaded<models::Mamba, models::MambaConfig>(folder, rows);
  Graph prefill("prefill", *model, {{"ids", some}}), decode("decode", *model, {{"ids", one}});
  Session session(compile({&prefill, &decode}), {.threads = 2});
  for (int64_t piece : {9, 4, 1}) {
    check_texts(session, folder, piece, {}, false);
    session.reset();
  }
  CHECK(contains(error_of([&] { Graph("f", *model, {{"ids", tensor_type(i64, {1, 1})}}); }),
                 "expects the cache's batch, which is 3, but got f32 [1, 1, 26]"));
}

TEST_CASE("T5 reads texts of several lengths, and decodes for all at once, as transformers does") {
  std::string folder = data + "t5/";
  auto model = loaded<models::T5, models::T5Config>(folder, rows);
  TensorType source = tensor_type(i64, {rows, "source"}), seen = tensor_type(boolean, {rows, "source"});
  auto read = [&](Value ids, Value mask) { return model->encode(ids, mask); };
  Graph encode("encode", read, {{"ids", source}, {"mask", seen}});
  Graph prefill("prefill", *model, {{"ids", some}, {"mask", seen}, dim_input("past")});
  Graph decode("decode", *model, {{"ids", one}, {"mask", seen}, dim_input("past")});
  Executable exe = compile({&encode, &prefill, &decode});
  Tensor text = load_npy(folder + "batch-source.npy"), mask = load_npy(folder + "batch-mask.npy");
  for (int64_t piece : {9, 4, 1}) {
    Session session(exe, {.threads = 2});
    Tensor made = session.run("encode", {text, mask})[0];
    auto states = made.to_vector<float>();
    auto real = mask.to_vector<bool>();
    for (size_t i = 0, width = states.size() / real.size(); i < states.size(); ++i)
      states[i] = real[i / width] ? states[i] : 0; // of padding they are anything
    CHECK(difference(states, load_npy(folder + "batch-states.npy").to_vector<float>()) < 1e-5);
    check_texts(session, folder, piece, {mask});
  }
  CHECK(contains(
      error_of([&] { Graph("encode", read, {tensor_type(i64, {1, "source"}), tensor_type(boolean, {1, "source"})}); }),
      "in layer 'decoder.block.0.cross_attn': expects the cache's batch, which is 3, but got f32 [1, source, "
      "20]"));
}

TEST_CASE("Whisper hears several speakers, and decodes for all at once, as transformers does") {
  std::string folder = data + "whisper/";
  auto model = loaded<models::Whisper, models::WhisperConfig>(folder, rows);
  auto hear = [&](Value mel) { return model->encode(mel); };
  Graph encode("encode", hear, {{"mel", tensor_type(f32, {rows, 5, 22})}});
  Graph prefill("prefill", *model, {{"ids", some}, dim_input("past")});
  Graph decode("decode", *model, {{"ids", one}, dim_input("past")});
  Executable exe = compile({&encode, &prefill, &decode});
  for (int64_t piece : {9, 4, 1}) {
    Session session(exe, {.threads = 2});
    auto states = session.run("encode", {load_npy(folder + "batch-mel.npy")})[0].to_vector<float>();
    CHECK(difference(states, load_npy(folder + "batch-states.npy").to_vector<float>()) < 1e-5);
    check_texts(session, folder, piece);
  }
  CHECK(contains(error_of([&] { Graph("f", *model, {{"ids", tensor_type(i64, {2, 1})}, dim_input("past")}); }),
                 "in layer 'model.decoder.layers.0.self_attn': expects the cache's batch, which is 3, but got f32 [2, "
                 "1, 24]"));
  CHECK(contains(error_of([&] { Graph("f", hear, {tensor_type(f32, {1, 5, 22})}); }),
                 "in layer 'model.decoder.layers.0.encoder_attn': expects the cache's batch, which is 3, but got f32 "
                 "[1, 11, 24]"));
}
