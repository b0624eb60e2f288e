// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Step 3: three mistakes, and what is said of them.
#include "model.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <cstdio>

struct Narrow : nn::Layer<Narrow> {
  Child<nn::Linear> gate{*this, "gate", 8, 16};
  Child<nn::Linear> up{*this, "up", 8, 12}; // 16 was meant
  Value forward(Value x) { return silu(gate(x)) * up(x); }
};

struct Outer : nn::Layer<Outer> {
  Child<Narrow> narrow{*this, "narrow"};
  Value forward(Value x) { return x + narrow(x); }
};

struct Wide : nn::Layer<Wide> {
  Child<nn::Linear> embed{*this, "embedding", 4, 8, {.bias = true}};
  Child<nn::Linear> head{*this, "head", 8, 4, {.bias = true}};
  Value forward(Value x) { return head(embed(x)); }
};

int main() {
  try {
    Outer outer;
    Graph graph("outer", outer, {tensor_type(f32, {"batch", 8})});
  } catch (const Error &error) {
    std::printf("%s\n\n", error.what());
  }
  try {
    Wide wide;
    wide.load_state_dict(weights::open("model.safetensors"), {.ignored = {"blocks.*"}});
  } catch (const Error &error) {
    std::printf("%s\n\n", error.what());
  }
  try {
    Classifier model;
    model.load_state_dict(weights::open("model.safetensors"));
    Session session(compile(Graph("classify", model, {tensor_type(f32, {"batch", 4})})));
    session.run({Tensor::zeros(f32, {3, 5})});
  } catch (const Error &error) {
    std::printf("%s\n", error.what());
  }
}
