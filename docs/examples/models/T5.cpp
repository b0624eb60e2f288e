// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/T5.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_T5() {
  // T5
  {
    std::string folder = "test/data/models/t5/";
    weights::Checkpoint checkpoint = weights::open(folder);
    models::T5 model(models::T5Config::from_checkpoint(checkpoint), models::Logits::last);
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Graph encode("encode", [&](Value ids) { return model.encode(ids); }, {{"ids", tensor_type(i64, {1, "source"})}});
    Graph decode("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past"), dim_input("source")});
    Session session(compile({&encode, &decode})); // keeps what the decoder sees of the encoder's states
    session.run("encode", {Tensor::from<int64_t>({1, 4}, {5, 2, 7, 4})});
    Tensor past = Tensor::from<int64_t>({}, {0}), source = Tensor::from<int64_t>({}, {4});
    std::cout << session.run("decode", {Tensor::from<int64_t>({1, 1}, {0}), past, source})[0].type() << "\n";
    // f32 [1, 1, 37]
  }
}
