// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Pool.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;

TEST_CASE("pooling layers and Upsample record their op") {
  std::vector<GraphInput> inputs = {tensor_type(f32, {"n", 4, 8, 9})};
  nn::MaxPool largest({.kernel = {3}, .strides = {2}, .padding = {1}});
  CHECK(contains(Graph("f", largest, inputs).text(),
                 "varve.max_pool %arg0 {kernel = array<i64: 3, 3>, padding_begin = array<i64: 1, 1>, "));
  nn::AvgPool mean({.kernel = {2}});
  CHECK(contains(Graph("f", mean, inputs).text(), "varve.avg_pool %arg0 {count_include_pad, "));
  nn::AdaptiveMaxPool some({.size = {2, 3}});
  CHECK(contains(Graph("f", some, inputs).text(), "varve.adaptive_max_pool %arg0 {size = array<i64: 2, 3>}"));
  nn::AdaptiveAvgPool all;
  CHECK(contains(Graph("f", all, inputs).text(), "varve.adaptive_avg_pool %arg0 {size = array<i64: 1, 1>}"));
  nn::Upsample twice({.mode = ResizeMode::linear, .scales = {2}});
  CHECK(contains(Graph("f", twice, inputs).text(), "varve.resize %arg0 {mode = \"linear\""));
}

TEST_CASE("pooling in a chain, with a dropout that does nothing") {
  nn::Sequential chain;
  chain.emplace<nn::Conv2d>(3, 4, nn::ConvOptions{.kernel = {3}});
  chain.emplace<nn::ReLU>();
  chain.emplace<nn::MaxPool>(MaxPoolOptions{.kernel = {2}});
  chain.emplace<nn::Dropout>(0.1);
  std::string text = Graph("f", chain, {tensor_type(f32, {1, 3, 10, 10})}).text();
  for (std::string kind : {R"("0" : "Conv2d")", R"("1" : "ReLU")", R"("2" : "MaxPool")"})
    CHECK(contains(text, kind));
  CHECK(test::error_of([] { nn::Dropout(1.5); }) == "expects a probability from 0 to 1, but got 1.500000");
}
