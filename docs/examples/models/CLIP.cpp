// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/CLIP.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_CLIP() {
  // CLIP
  {
    std::string folder = "test/data/models/clip/";
    weights::Checkpoint checkpoint = weights::open(folder);
    models::CLIP model(models::CLIPConfig::from_checkpoint(checkpoint));
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Tensor ids = load_npy(folder + "ids.npy"), images = load_npy(folder + "images.npy");
    TensorType image = tensor_type(f32, {"images", images.shape()[1], images.shape()[2], images.shape()[3]});
    Graph graph("f", [&](Value ids, Value image) { return model(ids, image).logits_per_image; },
                {{"ids", tensor_type(i64, {"texts", "seq"})}, {"image", image}});
    std::cout << "how well each image goes with each text: " << compile(graph)({ids, images})[0].type() << "\n";
    // how well each image goes with each text: f32 [2, 3]
  }
}
