// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Step 5: which layer makes the first NaN?
#include "model.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <cstdio>
#include <limits>

int main() {
  Classifier model;
  StateDict state = weights::open("model.safetensors").tensors;
  Tensor damaged = state.at("blocks.1.up.weight").clone();
  damaged.mutable_data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
  state.at("blocks.1.up.weight") = damaged;
  model.load_state_dict(state);

  auto hook = nn::check_finite_hook();
  Graph graph("classify", model, {tensor_type(f32, {"batch", 4})});
  Session session(compile(graph));
  try {
    session.run({load_npy("x.npy")});
  } catch (const Error &error) {
    std::printf("%s\n", error.what());
  }
}
