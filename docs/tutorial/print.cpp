// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Step 4: inner values, printed when the program runs.
#include "model.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <cstdio>

int main() {
  Classifier model;
  model.load_state_dict(weights::open("model.safetensors"));

  auto all = nn::print_hook({.path = "blocks.*.gate"}, PrintStyle::statistics);
  auto mine = nn::add_layer_hook(
      [](const nn::LayerCall &call) {
        Value y = call.outputs[0].second;
        abs(y - call.arguments[0].second).print("what the block adds");
        y.output("hidden");
      },
      {.path = "blocks.1"});
  Graph graph("classify", model, {tensor_type(f32, {"batch", 4})});

  Session session(compile(graph), {.threads = 1, .print = print_to(stdout)});
  std::vector<Tensor> outputs = session.run({load_npy("x.npy")});
  std::printf("%zu outputs, the second is %s\n", outputs.size(), outputs[1].type().c_str());
}
