// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A decoder with KV caches against transformers, in one go, in pieces, and token by token.
//   check_decoder<models::Qwen3, models::Qwen3Config>("qwen3");
#pragma once
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"

namespace varve::test {

/// Runs a decoder as one that continues a text: a prompt in pieces, then one token at a time.
inline void check_decoder(const Graph &prefill, const Graph &decode, const std::string &folder) {
  Executable exe = compile({&prefill, &decode});
  auto ids = load_npy(folder + "ids.npy").to_vector<int64_t>();
  auto logits = load_npy(folder + "logits.npy").to_vector<float>();
  auto steps = load_npy(folder + "steps.npy").to_vector<float>();
  int64_t width = 37, prompt = static_cast<int64_t>(logits.size()) / width;
  auto run = [&](Session &session, const std::string &entry, int64_t begin, int64_t count) {
    std::vector<int64_t> part(ids.begin() + begin, ids.begin() + begin + count);
    return session.run(entry, {Tensor::from<int64_t>({1, count}, part), Tensor::from<int64_t>({}, {begin})})[0]
        .to_vector<float>();
  };
  for (int64_t piece : {prompt, int64_t(4)}) {
    INFO("pieces of " << piece);
    Session session(exe, {.threads = 2});
    std::vector<float> whole, after;
    for (int64_t begin = 0; begin < prompt; begin += piece) {
      std::vector<float> part = run(session, "prefill", begin, std::min(piece, prompt - begin));
      whole.insert(whole.end(), part.begin(), part.end());
    }
    for (int64_t at = prompt; at < static_cast<int64_t>(ids.size()); ++at) {
      std::vector<float> part = run(session, "decode", at, 1);
      after.insert(after.end(), part.begin(), part.end());
    }
    CHECK(difference(whole, logits) < 1e-5);
    CHECK(difference(after, steps) < 1e-5);
  }
}

/// The model of a family, from a folder of test/data/models.
template <typename Model, typename Config> void check_decoder(const std::string &family) {
  INFO(family);
  std::string folder = std::string(VARVE_TEST_DATA) + "/models/" + family + "/";
  weights::Checkpoint checkpoint = weights::open(folder);
  Model model(Config::from_checkpoint(checkpoint));
  nn::LoadReport report = model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
  CHECK(report.problems.empty());
  check_decoder(Graph("prefill", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}),
                Graph("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")}), folder);
}

} // namespace varve::test
