// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/ViT.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_ViT() {
  // ViT
  {
    weights::Checkpoint checkpoint = weights::open("test/data/models/vit");
    models::ViT model(models::ViTConfig::from_checkpoint(checkpoint));
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Tensor images = load_npy("test/data/models/vit/images.npy");
    TensorType image = tensor_type(f32, {"batch", images.shape()[1], images.shape()[2], images.shape()[3]});
    Graph graph("f", [&](Value x) { return model(x).last_hidden_state; }, {image});
    std::cout << "images " << images.type() << ", states " << compile(graph)({images})[0].type() << "\n";
    // images f32 [2, 2, 12, 16], states f32 [2, 21, 24]
  }
}
