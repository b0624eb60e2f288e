// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Linear.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;

TEST_CASE("Linear") {
  nn::Linear plain(4, 8);
  CHECK(contains(Graph("f", plain, {tensor_type(f32, {"n", 4})}).text(), R"(
    %0 = varve.use @weight : tensor<8x4xf32>
    %1 = varve.linear %arg0, %0 : (tensor<?x4xf32, #dims>, tensor<8x4xf32>) -> tensor<?x8xf32, #dims1>
    varve.output %1)"));
  nn::Linear biased(4, 8, {.dtype = bf16, .bias = true});
  CHECK(contains(Graph("f", biased, {tensor_type(bf16, {"n", 4})}).text(), R"(
    %0 = varve.use @weight : tensor<8x4xbf16>
    %1 = varve.linear %arg0, %0 : (tensor<?x4xbf16, #dims>, tensor<8x4xbf16>) -> tensor<?x8xbf16, #dims1>
    %2 = varve.use @bias : tensor<8xbf16>
    %3 = varve.add %1, %2 : (tensor<?x8xbf16, #dims1>, tensor<8xbf16>) -> tensor<?x8xbf16, #dims1>
    varve.output %3)"));
}

TEST_CASE("Embedding") {
  nn::Embedding embedding(256, 8, {.dtype = bf16});
  CHECK(contains(Graph("f", embedding, {tensor_type(i64, {1, "seq"})}).text(),
                 "(tensor<256x8xbf16>, tensor<1x?xi64, #dims>) -> tensor<1x?x8xbf16, #dims1>"));
}
