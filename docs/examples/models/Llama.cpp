// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Llama.h"
#include "docs/examples/Examples.h"
#include <algorithm>

using namespace varve;

void models_Llama() {
  // Llama
  {
    weights::Checkpoint checkpoint = weights::open("test/data/llama-kjv");
    models::Llama model(models::LlamaConfig::from_checkpoint(checkpoint), models::Logits::last);
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Graph graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}, {.outputs = {"logits"}});
    Session session(compile(graph)); // keeps keys and values of what it was given

    // Its tokens are bytes. The likeliest one goes on, again and again.
    std::string text = "In the beginning God created";
    std::vector<int64_t> ids(text.begin(), text.end());
    for (int64_t past = 0; text.size() < 60; past += static_cast<int64_t>(ids.size()), ids = {text.back()}) {
      auto count = static_cast<int64_t>(ids.size());
      Tensor logits = session.run({Tensor::from<int64_t>({1, count}, ids), Tensor::from<int64_t>({}, {past})})[0];
      std::vector<float> scores = logits.to_vector<float>();
      text += static_cast<char>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    }
    std::cout << text << "\n";
    // In the beginning God created the LORD the God of Israel.
    // And
  }
}
