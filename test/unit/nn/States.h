// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A small model and states for it, for the tests of loading and of names.
#pragma once
#include "varve/nn.h"

namespace varve::test {

struct Model : nn::Layer<Model> {
  Child<nn::Embedding> embed{*this, "embed", 6, 4};
  Child<nn::Linear> proj{*this, "proj", 4, 3, {.bias = true}};
  Child<nn::Linear> head{*this, "head", 4, 6};
  Value forward(Value x) { return head(proj(embed(x))); }
};

inline Tensor filled(std::vector<int64_t> shape, float value) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return Tensor::from<float>(std::move(shape), std::vector<float>(static_cast<size_t>(count), value));
}

inline StateDict good(float value = 1) {
  return {{"embed.weight", filled({6, 4}, value)},
          {"proj.weight", filled({3, 4}, value)},
          {"proj.bias", filled({3}, value)},
          {"head.weight", filled({6, 4}, value)}};
}

} // namespace varve::test
