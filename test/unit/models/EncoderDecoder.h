// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A model of an encoder and a decoder against transformers: the decoder in one go, in pieces, and token by token.
//   check_encoder_decoder({encode, prefill, decode}, {source}, {}, folder, "");
#pragma once
#include "test/unit/Numbers.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include <array>

namespace varve::test {

/// Runs entries `encode`, `prefill` and `decode`. The decoder takes ids, then `given`, how many tokens it has seen, and `last`.
/// What is expected is in `folder`, under names that begin with `prefix`.
inline void check_encoder_decoder(const std::array<Graph, 3> &graphs, const std::vector<Tensor> &source,
                                  const std::vector<Tensor> &given, const std::vector<Tensor> &last,
                                  const std::string &folder, const std::string &prefix = "") {
  INFO(folder << prefix);
  Executable exe = compile({&graphs[0], &graphs[1], &graphs[2]});
  auto ids = load_npy(folder + "ids.npy").to_vector<int64_t>();
  Tensor whole = load_npy(folder + prefix + "logits.npy");
  int64_t prompt = whole.shape()[0];
  for (int64_t piece : {prompt, int64_t(4), int64_t(1)}) {
    INFO("pieces of " << piece);
    Session session(exe, {.threads = 2});
    auto run = [&](const std::string &entry, int64_t begin, int64_t count, std::vector<float> &all) {
      std::vector<int64_t> part(ids.begin() + begin, ids.begin() + begin + count);
      std::vector<Tensor> inputs = {Tensor::from<int64_t>({1, count}, part)};
      inputs.insert(inputs.end(), given.begin(), given.end());
      inputs.push_back(Tensor::from<int64_t>({}, {begin}));
      inputs.insert(inputs.end(), last.begin(), last.end());
      auto logits = session.run(entry, inputs)[0].to_vector<float>();
      all.insert(all.end(), logits.begin(), logits.end());
    };
    std::vector<float> logits, steps;
    auto states = session.run("encode", source)[0].to_vector<float>();
    CHECK(difference(states, load_npy(folder + prefix + "states.npy").to_vector<float>()) < 1e-5);
    for (int64_t begin = 0; begin < prompt; begin += piece)
      run("prefill", begin, std::min(piece, prompt - begin), logits);
    for (int64_t at = prompt; at < static_cast<int64_t>(ids.size()); ++at)
      run("decode", at, 1, steps);
    CHECK(difference(logits, whole.to_vector<float>()) < 1e-5);
    CHECK(difference(steps, load_npy(folder + prefix + "steps.npy").to_vector<float>()) < 1e-5);
  }
}

} // namespace varve::test
