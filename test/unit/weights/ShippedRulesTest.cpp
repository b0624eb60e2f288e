// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rules that come with the library, on small checkpoints that other programs wrote: test/data/rules/make.py.
#include "varve/weights/ShippedRules.h"
#include "test/unit/Support.h"
#include "varve/weights/Open.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::weights;
using test::contains;
using test::error_of;

namespace {

const std::string data = VARVE_TEST_DATA "/rules/";

// Loads by the rules that the checkpoint itself asks for, and compares names, shapes and values, bit for bit. GGUF may
// hold a tensor in a wider type than the model has it: `wider` says so.
void check(const std::string &path, const std::string &expected_of, const std::string &rules, bool wider,
           const std::vector<std::string> &absent = {}) {
  INFO(path);
  Checkpoint checkpoint = weights::open(data + path);
  CHECK(shipped_rules_for(checkpoint) == rules);
  StateDict state = rules_for(checkpoint).apply(checkpoint).tensors;
  StateDict expected = weights::open(data + expected_of + "-expected.safetensors").tensors;
  for (const std::string &name : absent)
    CHECK(expected.erase(name) == 1);
  CHECK(state.size() == expected.size());
  for (const auto &[name, tensor] : expected) {
    INFO(name);
    REQUIRE(state.contains(name));
    Tensor value = state.at(name);
    CHECK(value.logical_shape() == tensor.shape());
    if (value.encoding() != Encoding::none)
      value = value.to(f32);
    CHECK((wider || value.dtype() == tensor.dtype()));
    Tensor same = tensor.to(value.dtype());
    REQUIRE(value.bytes() == same.bytes());
    CHECK(std::memcmp(value.data(), same.data(), same.bytes()) == 0);
  }
}

} // namespace

TEST_CASE("each family loads from Hugging Face's names, whole") {
  for (std::string family :
       {"llama", "mistral", "mixtral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "gpt2", "bert"})
    check(family, family, family + "-hf", false);
}

TEST_CASE("each family loads from GGUF's names, whole") {
  // Mistral and Mixtral are Llama's architecture there.
  for (std::string family : {"llama", "mistral", "mixtral"})
    check(family + ".gguf", family, "llama-gguf", true);
  for (std::string family : {"qwen2", "qwen3", "gemma", "gemma2", "gemma3", "gpt2"})
    check(family + ".gguf", family, family + "-gguf", true);
  check("bert.gguf", "bert", "bert-gguf", true, {"pooler.dense.weight", "pooler.dense.bias"});
}

TEST_CASE("what older programs wrote loads too") {
  check("mixtral-old.gguf", "mixtral", "llama-gguf", true);
  check("gpt2-old", "gpt2", "gpt2-hf", false);
  check("bert-old", "bert", "bert-hf", false);
  check("bert-fused.gguf", "bert", "bert-gguf", true, {"pooler.dense.weight", "pooler.dense.bias"});
  check("llama-base", "llama", "llama-hf", false, {"lm_head.weight"});
  check("gemma3-vision", "gemma3", "gemma3-hf", false);
}

TEST_CASE("what a T5's or Whisper's file may have besides is left out or gets its prefix") {
  auto names = [](const std::string &rules, const std::vector<std::string> &given) {
    Checkpoint checkpoint;
    for (const std::string &name : given)
      checkpoint.tensors[name] = Tensor::zeros(f32, {1});
    std::vector<std::string> made;
    for (const auto &[name, tensor] : Rules::shipped(rules).apply(checkpoint).tensors)
      made.push_back(name);
    return made;
  };
  CHECK(
      names("t5-hf", {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "shared.weight",
                      "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                      "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
                      "decoder.block.11.layer.1.EncDecAttention.v.weight", "decoder.block.11.layer.2.layer_norm.weight",
                      "encoder.block.3.layer.1.DenseReluDense.wi_0.weight", "encoder.final_layer_norm.weight"}) ==
      std::vector<std::string>{"decoder.block.11.cross_attn.v_proj.weight", "decoder.block.11.feed_forward_norm.weight",
                               "decoder.relative_attention_bias.weight", "encoder.block.3.feed_forward.wi_0.weight",
                               "encoder.final_layer_norm.weight", "shared.weight"});
  CHECK(names("whisper-hf", {"model.decoder.layers.0.encoder_attn.out_proj.bias", "proj_out.weight",
                             "model.decoder.layers.0.self_attn.out_proj.bias"}) ==
        std::vector<std::string>{"model.decoder.layers.0.encoder_attn.o_proj.bias",
                                 "model.decoder.layers.0.self_attn.out_proj.bias", "proj_out.weight"});
  CHECK(names("whisper-hf", {"decoder.layers.0.encoder_attn.out_proj.bias", "encoder.conv1.weight"}) ==
        std::vector<std::string>{"model.decoder.layers.0.encoder_attn.o_proj.bias", "model.encoder.conv1.weight"});
}

TEST_CASE("blocks keep their encoding, in the order of the rows") {
  check("llama-q8_0.gguf", "llama-q8_0", "llama-gguf", true);
  Checkpoint checkpoint = weights::open(data + "llama-q8_0.gguf");
  StateDict state = rules_for(checkpoint).apply(checkpoint).tensors;
  CHECK(state.at("model.layers.0.self_attn.q_proj.weight").type() == "q8_0 [32, 32]");
}

TEST_CASE("a dry run says what each rule does, and why a tensor is left out") {
  auto dry_run = [](const std::string &path) {
    Checkpoint checkpoint = weights::open(data + path);
    RenamePlan plan = rules_for(checkpoint).plan(checkpoint);
    CHECK(plan.problems.empty());
    return plan.text();
  };
  std::string llama = dry_run("llama.gguf");
  CHECK(contains(llama,
                 "blk.1.attn_k.bias        -> model.layers.1.self_attn.k_proj.bias  f32 [8]  rows of 1 head from "
                 "pairs to halves\n"));
  CHECK(contains(llama, "rope_freqs.weight        -> (left out)  no weight: factors of the rotary frequencies"));
  CHECK(contains(dry_run("mixtral.gguf"),
                 "model.layers.0.mlp.experts.gate_up_proj  f16 [3, 20, 12]  joined along axis 1\n"));
  CHECK(contains(dry_run("mixtral"),
                 "gate_up_proj  f16 [3, 20, 12]  2 joined along axis 0, then stacked along a new axis 0\n"));
  CHECK(contains(dry_run("gemma.gguf"), "model.norm.weight  f32 [12]  -1 added\n"));
  CHECK(contains(dry_run("gpt2"), "transformer.h.0.attn.c_attn.weight  f32 [36, 12]  transposed\n"));
  CHECK(contains(dry_run("bert-fused.gguf"), "self.value.bias  f32 [12]  parts of axis 0\n"));
}

TEST_CASE("the sets are listed, here and in the documentation") {
  std::vector<std::byte> bytes = test::read_bytes(VARVE_TEST_DATA "/../../docs/rename-rules.md");
  std::string page(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  std::vector<std::string> names;
  for (const ShippedRules &rules : shipped_rules()) {
    names.push_back(rules.name);
    CHECK(contains(page, "`" + rules.name + "`"));
    CHECK_FALSE(rules.about.empty());
    CHECK_FALSE(rules.architectures.empty());
    CHECK_FALSE(Rules::shipped(rules.name).empty());
  }
  std::vector<std::string> expected;
  for (std::string family :
       {"bert", "gemma", "gemma2", "gemma3", "gpt2", "llama", "mistral", "mixtral", "qwen2", "qwen3", "qwen3moe"})
    for (std::string format : {"-gguf", "-hf"})
      expected.push_back(family + format);
  for (std::string family : {"clip", "deepseek", "mamba", "resnet", "t5", "vit", "whisper"})
    expected.push_back(family + "-hf");
  std::sort(expected.begin(), expected.end());
  CHECK(names == expected);
}

TEST_CASE("a name or an architecture without rules is told with the nearest and all") {
  std::string all =
      "; there are bert-gguf, bert-hf, clip-hf, deepseek-hf, gemma-gguf, gemma-hf, gemma2-gguf, gemma2-hf, "
      "gemma3-gguf, "
      "gemma3-hf, gpt2-gguf, gpt2-hf, llama-gguf, llama-hf, mamba-hf, mistral-gguf, mistral-hf, mixtral-gguf, "
      "mixtral-hf, qwen2-gguf, qwen2-hf, qwen3-gguf, qwen3-hf, qwen3moe-gguf, qwen3moe-hf, resnet-hf, t5-hf, vit-hf, "
      "whisper-hf";
  CHECK(error_of([] { Rules::shipped("lama-gguf"); }) ==
        "expects the name of rules, but got 'lama-gguf'; nearest: 'llama-gguf'" + all);
  CHECK(error_of([] { Rules::shipped("t"); }) == "expects the name of rules, but got 't'" + all);
  Checkpoint checkpoint;
  CHECK(error_of([&] { rules_for(checkpoint); }) ==
        "expects a checkpoint with general.architecture in its metadata, or from a folder with a config.json, but got "
        "neither");
  checkpoint.metadata["general.architecture"] = "qwen4";
  CHECK(error_of([&] { rules_for(checkpoint); }) ==
        "general.architecture: expects an architecture that there are rules for, but got 'qwen4'; nearest: 'qwen2'; "
        "there are bert, gemma, gemma2, gemma3, gpt2, llama, qwen2, qwen3, qwen3moe");
  checkpoint.metadata["general.architecture"] = int32_t(3);
  CHECK(error_of([&] { rules_for(checkpoint); }) == "general.architecture: expects a string, but got i32");

  test::TemporaryFolder folder;
  Checkpoint saved;
  saved.sources["a"] = {(folder / "model.safetensors").string(), 0};
  std::string config = (folder / "config.json").string();
  CHECK(contains(error_of([&] { rules_for(saved); }), config));
  test::write_text(config, "{");
  CHECK(error_of([&] { rules_for(saved); }) == config + ": expects JSON, but got a syntax error at byte 2");
  test::write_text(config, "[]");
  CHECK(error_of([&] { rules_for(saved); }) == config + ": expects an object, but got array");
  test::write_text(config, "{}");
  CHECK(contains(error_of([&] { rules_for(saved); }),
                 config + ": expects an architecture that there are rules for, but got none; there are BertFor"));
  test::write_text(config, R"({"model_type": "gpt22"})");
  CHECK(contains(error_of([&] { rules_for(saved); }), "but got 'gpt22'; nearest: 'gpt2'; there are"));
  test::write_text(config, R"({"model_type": 3})");
  CHECK(error_of([&] { rules_for(saved); }) == config + ".model_type: expects a string, but got number");
  test::write_text(config, R"({"model_type": null, "architectures": ["Other", "BertModel"]})");
  CHECK(shipped_rules_for(saved) == "bert-hf");
}

TEST_CASE("a set on a checkpoint that is not of its family, or lacks a part, is refused whole") {
  Checkpoint llama = weights::open(data + "llama.gguf");
  auto problems = [&](const std::string &rules) { return Rules::shipped(rules).plan(llama).problems; };
  using Lines = std::vector<std::string>;
  CHECK(problems("llama-gguf").empty());
  CHECK(problems("gpt2-gguf") == Lines{"expects a rule that matches a name, but got 'position_embd.weight'",
                                       "expects a rule that matches a name, but got 'blk.*.attn_qkv.*'"});
  llama.metadata.erase("llama.attention.head_count_kv");
  CHECK(problems("llama-gguf") ==
        Lines{"expects rows of 3 heads, each of pairs, but got f32 [8] of 'blk.0.attn_k.bias'",
              "expects rows of 3 heads, each of pairs, but got f16 [8, 12] of 'blk.0.attn_k.weight'",
              "expects rows of 3 heads, each of pairs, but got f32 [8] of 'blk.1.attn_k.bias'",
              "expects rows of 3 heads, each of pairs, but got f16 [8, 12] of 'blk.1.attn_k.weight'"});
  llama.metadata.erase("llama.attention.head_count");
  Lines lines = problems("llama-gguf");
  CHECK(lines.size() == 8);
  CHECK(lines[0] ==
        "expects a number of heads as 'llama.attention.head_count_kv' or 'llama.attention.head_count' of the "
        "metadata, but got none");
  CHECK(lines[2] == "expects a number of heads as 'llama.attention.head_count' of the metadata, but got none");
  llama.metadata["llama.attention.head_count"] = std::vector<int32_t>{3, 3};
  CHECK(problems("llama-gguf").back() ==
        "expects a number of heads as 'llama.attention.head_count' of the metadata, but got [3, 3]");

  Checkpoint mixtral = weights::open(data + "mixtral");
  mixtral.tensors.erase("model.layers.1.block_sparse_moe.experts.2.w3.weight");
  CHECK(error_of([&] { rules_for(mixtral).apply(mixtral); }) ==
        "expects rules that fit the checkpoint, but got 1 problem:\n  expects all that "
        "'model.layers.*.block_sparse_moe.experts.{}.w1.weight' joins, 2 names of numbers from 0 on, but got "
        "'model.layers.1.block_sparse_moe.experts.2.w1.weight' as the last of 5");

  Checkpoint clash = weights::open(data + "llama");
  clash.tensors["norm.weight"] = clash.tensors.at("model.norm.weight");
  CHECK(rules_for(clash).plan(clash).problems ==
        Lines{"expects different names, but got 'model.norm.weight' for 'model.norm.weight' and 'norm.weight'"});
}
