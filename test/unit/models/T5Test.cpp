// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// T5, small and random, against transformers: test/data/models/make_t5.py made it.
#include "varve/models/T5.h"
#include "test/unit/Support.h"
#include "test/unit/models/EncoderDecoder.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA "/models/";
const TensorType source = tensor_type(i64, {1, "source"}), seen = tensor_type(boolean, {1, "source"});
const TensorType some = tensor_type(i64, {1, "seq"}), one = tensor_type(i64, {1, 1});

void check(const std::string &name, size_t weights) {
  std::string folder = data + name + "/";
  weights::Checkpoint checkpoint = weights::open(folder);
  models::T5 model(models::T5Config::from_checkpoint(checkpoint));
  nn::LoadReport report = model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
  CHECK(report.loaded.size() == weights);
  Tensor text = load_npy(folder + "source.npy"), mask = load_npy(folder + "mask.npy");
  test::check_encoder_decoder({Graph("encode", [&](Value ids) { return model.encode(ids); }, {{"ids", source}}),
                               Graph("prefill", model, {{"ids", some}, dim_input("past"), dim_input("source")}),
                               Graph("decode", model, {{"ids", one}, dim_input("past"), dim_input("source")})},
                              {text}, {}, {Tensor::from<int64_t>({}, {text.shape()[1]})}, folder);
  test::check_encoder_decoder({Graph("encode", [&](Value ids, Value mask) { return model.encode(ids, mask); },
                                     {{"ids", source}, {"mask", seen}}),
                               Graph("prefill", model, {{"ids", some}, {"mask", seen}, dim_input("past")}),
                               Graph("decode", model, {{"ids", one}, {"mask", seen}, dim_input("past")})},
                              {text, mask}, {mask}, {}, folder, "masked-");
}

} // namespace

TEST_CASE("T5 computes what transformers does") { check("t5", 60); }

TEST_CASE("T5 1.1, with its gates and a head of its own, computes what transformers does") { check("t5-v1_1", 66); }

TEST_CASE("T5's encoder runs by itself, of a whole batch") {
  std::string folder = data + "t5/";
  weights::Checkpoint checkpoint = weights::open(folder);
  models::T5EncoderModel model(models::T5Config::from_checkpoint(checkpoint));
  model.load_state_dict(checkpoint,
                        {.ignored = {"decoder.*", "lm_head.weight"}, .renames = weights::rules_for(checkpoint)});
  TensorType ids = tensor_type(i64, {"batch", "seq"}), mask = tensor_type(boolean, {"batch", "seq"});
  Executable exe = compile(Graph("encode", model, {{"ids", ids}, {"mask", mask}}));
  auto text = load_npy(folder + "source.npy").to_vector<int64_t>();
  std::vector<bool> all(text.size(), true), part = all;
  std::fill(part.begin() + 9, part.end(), false);
  text.insert(text.end(), text.begin(), text.begin() + 13);
  all.insert(all.end(), part.begin(), part.end());
  auto states = exe({Tensor::from<int64_t>({2, 13}, text), Tensor::from<bool>({2, 13}, all)})[0].to_vector<float>();
  auto expected = load_npy(folder + "states.npy").to_vector<float>();
  auto masked = load_npy(folder + "masked-states.npy").to_vector<float>();
  expected.insert(expected.end(), masked.begin(), masked.end());
  CHECK(difference(states, expected) < 1e-5);
}

TEST_CASE("T5 in bf16 is near, and the last position's logits may be asked for alone") {
  std::string folder = data + "t5/";
  weights::Checkpoint checkpoint = weights::open(folder);
  models::T5Config config = models::T5Config::from_checkpoint(checkpoint);
  config.dtype = bf16;
  models::T5 model(config, models::Logits::last);
  model.load_state_dict(checkpoint, {.cast = true, .renames = weights::rules_for(checkpoint)});
  Graph encode("encode", [&](Value ids, Value mask) { return model.encode(ids, mask); },
               {{"ids", source}, {"mask", seen}});
  Graph prefill("prefill", model, {{"ids", some}, {"mask", seen}, dim_input("past")});
  Session session(compile({&encode, &prefill}), {.threads = 2});
  Tensor mask = load_npy(folder + "mask.npy");
  session.run("encode", {load_npy(folder + "source.npy"), mask});
  auto ids = load_npy(folder + "ids.npy").to_vector<int64_t>();
  auto logits = load_npy(folder + "masked-logits.npy").to_vector<float>();
  auto prompt = static_cast<int64_t>(logits.size() / 37);
  ids.resize(prompt);
  Tensor made = session.run("prefill", {Tensor::from<int64_t>({1, prompt}, ids), mask, Tensor::zeros(i64, {})})[0];
  CHECK(made.shape() == std::vector<int64_t>{1, 1, 37});
  CHECK(difference(made.to_vector<float>(), {logits.end() - 37, logits.end()}) < 0.1);
}

TEST_CASE("T5: what a config asks for and the model has not is refused") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::T5Config::from_file(path); });
  };
  CHECK(read("{}") == path + ": expects a positive integer as d_model, but got nothing");
  CHECK(read(R"({"model_type": "umt5"})") == path + ": expects 't5' or 'mt5' as model_type, but got \"umt5\"");
  CHECK(read(R"({"feed_forward_proj": "gated-silu"})") ==
        path + ": expects 'relu' or 'gated-gelu' as feed_forward_proj, but got \"gated-silu\"");
  std::string sizes = R"("d_model": 4, "d_kv": 2, "d_ff": 4, "num_heads": 2, "num_layers": 1)";
  CHECK(read("{" + sizes + "}") == "(no error)");
  models::T5Config config = models::T5Config::from_file(path);
  CHECK((config.num_decoder_layers == 1 && config.tie_word_embeddings && config.scale_decoder_outputs));
  CHECK(read("{" + sizes + R"(, "tie_word_embeddings": false, "feed_forward_proj": "gated-gelu"})") == "(no error)");
  config = models::T5Config::from_file(path);
  CHECK((config.gated && !config.tie_word_embeddings && !config.scale_decoder_outputs));
  CHECK(read("{" + sizes + R"(, "relative_attention_num_buckets": 0})") ==
        path + ": expects a positive integer as relative_attention_num_buckets, but got 0");
  CHECK(error_of([] {
          models::T5({.d_model = 4, .d_kv = 2, .d_ff = 4, .num_heads = 2, .relative_attention_num_buckets = 7});
        }) ==
        "lib/models/T5.cpp:59: error: in layer 'encoder.relative_attention_bias': expects at least 2 buckets for a "
        "direction, as many for each, but got 7 for two");
}

TEST_CASE("T5: a text that is longer than the caches is an error of the run") {
  models::T5 model(
      {.d_model = 4, .d_kv = 2, .d_ff = 4, .num_heads = 2, .num_layers = 1, .vocab_size = 5, .n_positions = 3});
  model.load_state_dict(StateDict(), {.strict = false, .zero_missing = true});
  Executable exe = compile(Graph("encode", [&](Value ids) { return model.encode(ids); }, {{"ids", source}}));
  CHECK(contains(error_of([&] { exe({Tensor::zeros(i64, {1, 4})}); }),
                 "expects a stored slice that ends inside dimension 1 of its buffer, but got source = 4 and 3"));
  exe({Tensor::zeros(i64, {1, 3})});
}
