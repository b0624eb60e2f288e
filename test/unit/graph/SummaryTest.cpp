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
  CHECK(graph.summary() == R"(layer            type       output shape        dtype  parameters    bytes  device
----------------------------------------------------------------------------------
@f               graph      [batch, seq, 1000]  bf16            0        0  cpu:0
embed            Embedding  [batch, seq, 64]    bf16       64,000  128,000  cpu:0
mlp              MLP        [batch, seq, 64]    bf16            0        0  cpu:0
mlp.gate_proj    Linear     [batch, seq, 128]   bf16        8,192   16,384  cpu:0
mlp.up_proj      Linear     [batch, seq, 128]   bf16        8,192   16,384  cpu:0
mlp.down_proj    Linear     [batch, seq, 64]    bf16        8,192   16,384  cpu:0
mlp#1            MLP        [batch, seq, 64]    bf16            0        0  cpu:0
mlp#1.gate_proj  Linear     [batch, seq, 128]   bf16            0        0  cpu:0
mlp#1.up_proj    Linear     [batch, seq, 128]   bf16            0        0  cpu:0
mlp#1.down_proj  Linear     [batch, seq, 64]    bf16            0        0  cpu:0
head             Linear     [batch, seq, 1000]  bf16            0        0  cpu:0
----------------------------------------------------------------------------------
total                                                      88,576  177,152
)");
  CHECK(graph.summary(1) == R"(layer  type       output shape        dtype  parameters    bytes  device
------------------------------------------------------------------------
@f     graph      [batch, seq, 1000]  bf16            0        0  cpu:0
embed  Embedding  [batch, seq, 64]    bf16       64,000  128,000  cpu:0
mlp    MLP        [batch, seq, 64]    bf16       24,576   49,152  cpu:0
mlp#1  MLP        [batch, seq, 64]    bf16            0        0  cpu:0
head   Linear     [batch, seq, 1000]  bf16            0        0  cpu:0
------------------------------------------------------------------------
total                                            88,576  177,152
)");
}

TEST_CASE("a function has a summary, too; what it returns is in one row") {
  Graph graph("f", [](Value x, Value n) { return std::vector{x + x, x, n}; },
              {tensor_type(f32, {4}), tensor_type(i64, {})});
  CHECK(graph.summary() == R"(layer  type   output shape  dtype     parameters  bytes  device
---------------------------------------------------------------
@f     graph  [4], [4], []  f32, i64           0      0  cpu:0
---------------------------------------------------------------
total                                          0      0
)");
}

TEST_CASE("a weight counts where its name says, and in the total in any case") {
  struct Scale : nn::Layer<Scale> {
    Weight weight{*this, "weight", f32, {4}};
    Value forward() { return weight; }
  };
  struct Inner : nn::Layer<Inner> {
    Child<Scale> scale{*this, "scale"};
    Value forward(Value x) { return x; }
  };
  struct Outer : nn::Layer<Outer> {
    Weight weight{*this, "weight", f32, {4}};
    Child<Inner> inner{*this, "inner"};
    Value forward(Value x) { return inner(x) * inner.scale.weight + weight; }
  } outer;
  Graph graph("f", outer, {tensor_type(f32, {4})});
  CHECK(graph.summary() == R"(layer  type   output shape  dtype  parameters  bytes  device
------------------------------------------------------------
@f     graph  [4]           f32             8     32  cpu:0
------------------------------------------------------------
total                                       8     32
)");
}
