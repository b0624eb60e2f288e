// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whisper, small and random, against transformers: test/data/models/make_whisper.py made it.
#include "varve/models/Whisper.h"
#include "test/unit/Support.h"
#include "test/unit/models/EncoderDecoder.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

TEST_CASE("Whisper computes what transformers does") {
  std::string folder = VARVE_TEST_DATA "/models/whisper/";
  weights::Checkpoint checkpoint = weights::open(folder);
  models::Whisper model(models::WhisperConfig::from_checkpoint(checkpoint));
  nn::LoadReport report = model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
  CHECK(report.loaded.size() == 113);
  test::check_encoder_decoder(
      {Graph("encode", [&](Value mel) { return model.encode(mel); }, {{"mel", tensor_type(f32, {1, 5, 22})}}),
       Graph("prefill", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}),
       Graph("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")})},
      {load_npy(folder + "mel.npy")}, {}, {}, folder);
}

TEST_CASE("Whisper loads a checkpoint without its head") {
  std::string folder = VARVE_TEST_DATA "/models/whisper/";
  weights::Checkpoint checkpoint = weights::open(folder), base = checkpoint;
  base.tensors.clear();
  for (const auto &[name, tensor] : checkpoint.tensors)
    base.tensors[name.substr(name.find('.') + 1)] = tensor;
  models::Whisper model(models::WhisperConfig::from_checkpoint(checkpoint));
  CHECK(model.load_state_dict(base, {.renames = weights::rules_for(checkpoint)}).loaded.size() == 113);
}

TEST_CASE("Whisper: what a config asks for and the model has not is refused, and a spectrogram of another length") {
  test::TemporaryFolder folder;
  std::string path = (folder / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::WhisperConfig::from_file(path); });
  };
  CHECK(read("{}") == path + ": expects a positive integer as d_model, but got nothing");
  CHECK(read(R"({"model_type": "moonshine"})") == path + ": expects 'whisper' as model_type, but got \"moonshine\"");
  CHECK(read(R"({"activation_function": "relu"})") ==
        path + ": expects 'gelu' as activation_function, but got \"relu\"");
  CHECK(read(R"({"scale_embedding": true})") == path + ": expects nothing as scale_embedding, but got true");

  models::WhisperConfig config = {.d_model = 6,
                                  .encoder_layers = 1,
                                  .decoder_layers = 1,
                                  .encoder_attention_heads = 2,
                                  .decoder_attention_heads = 3,
                                  .encoder_ffn_dim = 4,
                                  .decoder_ffn_dim = 4,
                                  .max_source_positions = 5};
  models::Whisper model(config);
  CHECK(contains(
      error_of([&] { Graph("encode", [&](Value mel) { return model.encode(mel); }, {tensor_type(f32, {1, 80, 12})}); }),
      "in layer 'model.encoder': expects a spectrogram of 10 frames, but got f32 [1, 80, 12]"));
  config.encoder_attention_heads = 4;
  CHECK(error_of([&] { models::Whisper model(config); }) ==
        "lib/models/Whisper.cpp:44: error: in layer 'model.encoder.layers.0.self_attn': expects heads that divide "
        "d_model, "
        "but got 4 and 6");
}
