// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;

namespace {

struct Block : nn::Layer<Block> {
  Child<nn::MLP> mlp{*this, "mlp", 64, 128, {.dtype = bf16}};
  Child<nn::SiLU> act{*this, "act"};
  Weight scale{*this, "scale", f32, {64}};
  Weight shift{*this, "shift", bf16, {}};
  Value forward(Value x) { return x; }
};

struct Model : nn::Layer<Model> {
  Child<nn::Embedding> embed{*this, "embed", 1000, 64, {.dtype = bf16}};
  Child<nn::LayerList<Block>> blocks{*this, "blocks"};
  Child<nn::Linear> head{*this, "head", 64, 1000, {.dtype = bf16, .bias = true}};
  Model() {
    blocks.emplace();
    head.set_shared_weight("weight", embed.weight);
  }
  Value forward(Value x) { return x; }
};

} // namespace

TEST_CASE("a model has a summary without a graph: every layer, each weight once") {
  Model model;
  CHECK(model.summary() ==
        R"(layer                   type       weights             dtype      parameters    bytes  device
---------------------------------------------------------------------------------------------
(model)                 Model                                              0        0  cpu:0
embed                   Embedding  [1000, 64]          bf16           64,000  128,000  cpu:0
blocks                  LayerList                                          0        0  cpu:0
blocks.0                Block      [64], []            f32, bf16          65      258  cpu:0
blocks.0.mlp            MLP                                                0        0  cpu:0
blocks.0.mlp.gate_proj  Linear     [128, 64]           bf16            8,192   16,384  cpu:0
blocks.0.mlp.up_proj    Linear     [128, 64]           bf16            8,192   16,384  cpu:0
blocks.0.mlp.down_proj  Linear     [64, 128]           bf16            8,192   16,384  cpu:0
blocks.0.act            SiLU                                               0        0  cpu:0
head                    Linear     [1000, 64], [1000]  bf16            1,000    2,000  cpu:0
---------------------------------------------------------------------------------------------
total                                                                 89,641  179,410
)");
  CHECK(model.summary(1) == R"(layer    type       weights             dtype  parameters    bytes  device
--------------------------------------------------------------------------
(model)  Model                                          0        0  cpu:0
embed    Embedding  [1000, 64]          bf16       64,000  128,000  cpu:0
blocks   LayerList                                 24,641   49,410  cpu:0
head     Linear     [1000, 64], [1000]  bf16        1,000    2,000  cpu:0
--------------------------------------------------------------------------
total                                              89,641  179,410
)");
  CHECK(model.head.summary(0) == R"(layer    type    weights             dtype  parameters    bytes  device
-----------------------------------------------------------------------
(model)  Linear  [1000, 64], [1000]  bf16       65,000  130,000  cpu:0
-----------------------------------------------------------------------
total                                           65,000  130,000
)");
}
