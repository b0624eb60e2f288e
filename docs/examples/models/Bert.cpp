// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Bert.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_Bert() {
  // BertModel
  {
    weights::Checkpoint checkpoint = weights::open("test/data/models/bert");
    models::BertModel model(models::BertConfig::from_checkpoint(checkpoint));
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Graph graph("f", model, {{"ids", tensor_type(i64, {"batch", "seq"})}}); // no kinds, no padding
    std::vector<Tensor> states = compile(graph)({Tensor::from<int64_t>({1, 4}, {5, 2, 7, 4})});
    std::cout << "hidden " << states[0].type() << ", pooled " << states[1].type() << "\n";
    // hidden f32 [1, 4, 24], pooled f32 [1, 24]
  }
}
