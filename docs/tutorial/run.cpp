// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Step 2: weights from a checkpoint, native code, numbers.
#include "model.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <cstdio>

int main() {
  Classifier model;
  model.load_state_dict(weights::open("model.safetensors"));

  Graph graph("classify", model, {tensor_type(f32, {"batch", 4})});
  Executable exe = compile(graph);

  Session session(exe);
  Tensor y = session.run({load_npy("x.npy")})[0];
  std::printf("%s: %s\n%s\n", exe.outputs("classify")[0].name.c_str(), y.type().c_str(), to_text(y).c_str());
}
