// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Gemma3.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_Gemma3() {
  // Gemma3
  {
    weights::Checkpoint checkpoint = weights::open("test/data/models/gemma3");
    models::Gemma3 model(models::Gemma3Config::from_checkpoint(checkpoint), models::Logits::last);
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Graph graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}, {.outputs = {"logits"}});
    Session session(compile(graph)); // keeps keys and values of what it was given
    session.run({Tensor::from<int64_t>({1, 3}, {5, 2, 7}), Tensor::from<int64_t>({}, {0})});
    Tensor logits = session.run({Tensor::from<int64_t>({1, 1}, {4}), Tensor::from<int64_t>({}, {3})})[0];
    std::cout << logits.type() << "\n";
    // f32 [1, 1, 37]
  }
}
