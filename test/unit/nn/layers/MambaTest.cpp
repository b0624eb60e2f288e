// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Mamba.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

TEST_CASE("Mamba has the weights of a checkpoint") {
  nn::Mamba block(24, {.state = 4});
  std::string names;
  for (auto &[name, weight] : block.raw_state_dict())
    names += name + " " + weight->type().str() + "\n";
  CHECK(names == "A_log f32 [48, 4]\nD f32 [48]\nin_proj.weight f32 [96, 24]\nconv1d.weight f32 [48, 1, 4]\n"
                 "conv1d.bias f32 [48]\nx_proj.weight f32 [10, 48]\ndt_proj.weight f32 [48, 2]\ndt_proj.bias f32 [48]\n"
                 "out_proj.weight f32 [24, 48]\n");
  std::string text = Graph("f", block, {tensor_type(f32, {"batch", "seq", 24})}).text();
  CHECK(contains(text, "varve.causal_conv"));
  CHECK(contains(text, "varve.selective_scan"));
  CHECK_FALSE(contains(text, "varve.buffer"));
}

TEST_CASE("a stateful Mamba goes on where the last call ended") {
  nn::Mamba block(16, {.state = 4, .dtype = bf16, .stateful = true});
  std::string text = Graph("f", block, {tensor_type(bf16, {1, "seq", 16})}).text();
  CHECK(contains(text, "!varve.buffer<1x3x32xbf16>"));
  CHECK(contains(text, "!varve.buffer<1x32x4xf32>"));
  CHECK(contains(text, "varve.buffer.store"));
  CHECK(error_of([] { nn::Mamba(16, {.state = 0}); }) == "expects a state of at least 1, but got 0");
  CHECK(error_of([] { nn::Mamba(0); }) == "expects a dim of at least 1, but got 0");
}
