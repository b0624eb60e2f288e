// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Mamba.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_Mamba() {
  // Mamba
  {
    weights::Checkpoint checkpoint = weights::open("test/data/models/mamba");
    models::Mamba model(models::MambaConfig::from_checkpoint(checkpoint), models::Logits::last);
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Graph graph("f", model, {{"ids", tensor_type(i64, {1, "seq"})}});
    Session session(compile(graph)); // keeps the states after what it was given
    session.run({Tensor::from<int64_t>({1, 3}, {5, 2, 7})});
    Tensor logits = session.run({Tensor::from<int64_t>({1, 1}, {4})})[0];
    std::cout << logits.type() << "\n";
    // f32 [1, 1, 37]
  }
}
