// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/ResNet.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_ResNet() {
  // ResNet
  {
    weights::Checkpoint checkpoint = weights::open("test/data/models/resnet/bottleneck");
    models::ResNet model(models::ResNetConfig::from_checkpoint(checkpoint));
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Tensor images = load_npy("test/data/models/resnet/images.npy");
    Graph graph("f", model, {tensor_type(f32, {"batch", images.shape()[1], images.shape()[2], images.shape()[3]})});
    std::cout << "images " << images.type() << ", logits " << compile(graph)({images})[0].type() << "\n";
    // images f32 [2, 3, 45, 37], logits f32 [2, 6]
  }
}
