// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A small random Mamba against transformers: test/data/models/make_mamba.py made it.
#include "varve/models/Mamba.h"
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"

using namespace varve;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string folder = std::string(VARVE_TEST_DATA) + "/models/mamba/";

} // namespace

TEST_CASE("Mamba computes what transformers does, in one go, in pieces, and token by token") {
  weights::Checkpoint checkpoint = weights::open(folder);
  models::Mamba model(models::MambaConfig::from_checkpoint(checkpoint));
  CHECK(model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)}).problems.empty());
  Graph prefill("prefill", model, {{"ids", tensor_type(i64, {1, "seq"})}});
  Graph decode("decode", model, {{"ids", tensor_type(i64, {1, 1})}});
  Executable exe = compile({&prefill, &decode});
  auto ids = load_npy(folder + "ids.npy").to_vector<int64_t>();
  auto logits = load_npy(folder + "logits.npy").to_vector<float>();
  auto steps = load_npy(folder + "steps.npy").to_vector<float>();
  int64_t prompt = static_cast<int64_t>(logits.size()) / 37;
  Session session(exe, {.threads = 2});
  auto run = [&](const std::string &entry, int64_t begin, int64_t count, std::vector<float> &made) {
    std::vector<int64_t> part(ids.begin() + begin, ids.begin() + begin + count);
    std::vector<float> values = session.run(entry, {Tensor::from<int64_t>({1, count}, part)})[0].to_vector<float>();
    made.insert(made.end(), values.begin(), values.end());
  };
  std::vector<float> last;
  for (int64_t piece : {prompt, int64_t(4), int64_t(1)}) {
    INFO("pieces of " << piece);
    std::vector<float> whole, after;
    for (int64_t begin = 0; begin < prompt; begin += piece)
      run(piece == 1 ? "decode" : "prefill", begin, std::min(piece, prompt - begin), whole);
    for (int64_t at = prompt; at < static_cast<int64_t>(ids.size()); ++at)
      run("decode", at, 1, after);
    CHECK(difference(whole, logits) < 1e-5);
    CHECK(difference(after, steps) < 1e-5);
    session.reset();
  }
}

TEST_CASE("a Mamba in bf16 keeps what goes around its blocks in f32") {
  models::MambaConfig config = models::MambaConfig::from_checkpoint(weights::open(folder));
  config.dtype = bf16;
  auto text = [&] {
    models::Mamba model(config, models::Logits::last);
    return Graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}}).text();
  };
  std::string sum = "-> tensor<1x?x26xf32, #dims";
  CHECK(contains(text(), "varve.add"));
  CHECK(contains(text(), sum));
  CHECK(contains(text(), "-> (tensor<1x1x37xbf16>"));
  config.residual_in_fp32 = false;
  CHECK_FALSE(contains(text(), sum));
}

TEST_CASE("a Mamba that was saved without its head, or by an older program, loads") {
  weights::Checkpoint checkpoint = weights::open(folder), other = checkpoint;
  other.tensors.clear();
  for (const auto &[name, tensor] : checkpoint.tensors)
    other.tensors[name.substr(std::string("backbone.").size())] = tensor;
  models::Mamba model(models::MambaConfig::from_checkpoint(checkpoint));
  CHECK(model.load_state_dict(other.tensors, {.renames = weights::Rules::shipped("mamba-hf")}).problems.empty());
  other.tensors = checkpoint.tensors;
  other.tensors["backbone.embedding.weight"] = other.tensors.at("backbone.embeddings.weight");
  other.tensors.erase("backbone.embeddings.weight");
  CHECK(model.load_state_dict(other.tensors, {.renames = weights::Rules::shipped("mamba-hf")}).problems.empty());
}

TEST_CASE("a config that is no Mamba's is refused") {
  test::TemporaryFolder temporary;
  std::string path = (temporary / "config.json").string();
  auto read = [&](const std::string &text) {
    test::write_text(path, text);
    return error_of([&] { models::MambaConfig::from_file(path); });
  };
  std::string sizes = R"("vocab_size": 8, "hidden_size": 8, "num_hidden_layers": 1)";
  CHECK(read("{" + sizes + R"(, "time_step_rank": "auto"})") == "(no error)");
  CHECK(read(R"({"model_type": "mamba2"})") == path + ": expects 'mamba' as model_type, but got \"mamba2\"");
  CHECK(read(R"({"hidden_act": "gelu"})") == path + ": expects 'silu' as hidden_act, but got \"gelu\"");
  CHECK(read("{}") == path + ": expects a positive integer as vocab_size, but got nothing");
  CHECK(read("{" + sizes + R"(, "time_step_rank": "all"})") ==
        path + ": expects a positive integer as time_step_rank, but got \"all\"");
  CHECK(read("{" + sizes + R"(, "expand": 0})") == path + ": expects a positive number as expand, but got 0");
}
