// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Step 6: which layer is the first to differ from PyTorch's?
#include "model.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <cstdio>

// As Block, but for one word.
struct GeluBlock : nn::Layer<GeluBlock> {
  Child<nn::RMSNorm> norm{*this, "norm", 8};
  Child<nn::Linear> gate{*this, "gate", 8, 16};
  Child<nn::Linear> up{*this, "up", 8, 16};
  Child<nn::Linear> down{*this, "down", 16, 8};
  Value forward(Value x) {
    Value y = norm(x);
    return x + down(gelu(gate(y)) * up(y));
  }
};

struct Ported : nn::Layer<Ported> {
  Child<nn::Linear> embed{*this, "embed", 4, 8, {.bias = true}};
  Child<nn::LayerList<GeluBlock>> blocks{*this, "blocks"};
  Child<nn::Linear> head{*this, "head", 8, 3, {.bias = true}};
  Ported() {
    blocks.emplace();
    blocks.emplace();
  }
  Value forward(Value x) {
    x = embed(x);
    for (GeluBlock &block : blocks)
      x = block(x);
    return head(x);
  }
};

template <class Model> void compare() {
  Model model;
  model.load_state_dict(weights::open("model.safetensors"));
  auto hook = nn::compare_hook("pytorch", {}, {.rtol = 1e-4, .atol = 1e-6});
  Graph graph("classify", model, {tensor_type(f32, {"batch", 4})});
  Session session(compile(graph));
  try {
    session.run({load_npy("x.npy")});
    std::printf("every layer is as in PyTorch\n");
  } catch (const Error &error) {
    std::printf("%s\n", error.what());
  }
}

int main() {
  compare<Classifier>();
  compare<Ported>();
}
