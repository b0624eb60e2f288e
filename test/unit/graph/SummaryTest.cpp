// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;

namespace {

struct Model : nn::Layer<Model> {
  Child<nn::Embedding> embed{*this, "embed", 1000, 64, {.dtype = bf16}};
  Child<nn::MLP> mlp{*this, "mlp", 64, 128, {.dtype = bf16}};
  Child<nn::Linear> head{*this, "head", 64, 1000, {.dtype = bf16}};
  Model() { head.set_shared_weight("weight", embed.weight); }
  Value forward(Value ids) {
    Value x = embed(ids);
    return head(mlp(mlp(x)));
  }
};

} // namespace

TEST_CASE("the summary has a row for each call, counts each weight once, and adds up") {
  Model model;
  Graph graph("f", model, {tensor_type(i64, {"batch", "seq"})});
  CHECK(graph.summary() == R"(layer            type       output shape        dtype  parameters    bytes
--------------------------------------------------------------------------
(model)          Model      [batch, seq, 1000]  bf16            0        0
embed            Embedding  [batch, seq, 64]    bf16       64,000  128,000
mlp              MLP        [batch, seq, 64]    bf16            0        0
mlp.gate_proj    Linear     [batch, seq, 128]   bf16        8,192   16,384
mlp.up_proj      Linear     [batch, seq, 128]   bf16        8,192   16,384
mlp.down_proj    Linear     [batch, seq, 64]    bf16        8,192   16,384
mlp#1            MLP        [batch, seq, 64]    bf16            0        0
mlp#1.gate_proj  Linear     [batch, seq, 128]   bf16            0        0
mlp#1.up_proj    Linear     [batch, seq, 128]   bf16            0        0
mlp#1.down_proj  Linear     [batch, seq, 64]    bf16            0        0
head             Linear     [batch, seq, 1000]  bf16            0        0
--------------------------------------------------------------------------
total                                                      88,576  177,152
)");
  CHECK(graph.summary(1) == R"(layer    type       output shape        dtype  parameters    bytes
------------------------------------------------------------------
(model)  Model      [batch, seq, 1000]  bf16            0        0
embed    Embedding  [batch, seq, 64]    bf16       64,000  128,000
mlp      MLP        [batch, seq, 64]    bf16       24,576   49,152
mlp#1    MLP        [batch, seq, 64]    bf16            0        0
head     Linear     [batch, seq, 1000]  bf16            0        0
------------------------------------------------------------------
total                                              88,576  177,152
)");
}

TEST_CASE("a function has a summary, too") {
  Graph graph("f", [](Value x) { return x + x; }, {tensor_type(f32, {4})});
  CHECK(graph.summary().find("(function)") != std::string::npos);
}
