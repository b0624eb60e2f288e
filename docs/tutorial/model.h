// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tutorial's model: a small classifier of rows of four numbers.
#pragma once
#include "varve/nn.h"

using namespace varve;

// A gated feed-forward block with a way around it; x: [.., dim] -> [.., dim].
struct Block : nn::Layer<Block> {
  int64_t dim, hidden;
  Child<nn::RMSNorm> norm{*this, "norm", dim};
  Child<nn::Linear> gate{*this, "gate", dim, hidden};
  Child<nn::Linear> up{*this, "up", dim, hidden};
  Child<nn::Linear> down{*this, "down", hidden, dim};

  Block(int64_t dim, int64_t hidden) : dim(dim), hidden(hidden) {}
  Value forward(Value x) {
    Value y = norm(x);
    return x + down(silu(gate(y)) * up(y));
  }
};

struct Classifier : nn::Layer<Classifier> {
  Child<nn::Linear> embed{*this, "embed", 4, 8, {.bias = true}};
  Child<nn::LayerList<Block>> blocks{*this, "blocks"};
  Child<nn::Linear> head{*this, "head", 8, 3, {.bias = true}};

  Classifier() {
    blocks.emplace(8, 16);
    blocks.emplace(8, 16);
  }
  Value forward(Value x) {
    x = embed(x);
    for (Block &block : blocks)
      x = block(x);
    return head(x);
  }
};
