// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Activation.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

TEST_CASE("activations as layers") {
  auto check = [](auto layer, const std::string &op) {
    CHECK(contains(Graph("f", *layer, {tensor_type(f32, {4})}).text(), "varve." + op + " %arg0"));
  };
  check(std::make_unique<nn::SiLU>(), "silu");
  check(std::make_unique<nn::GELU>(), "gelu");
  check(std::make_unique<nn::ReLU>(), "relu");
  check(std::make_unique<nn::Sigmoid>(), "sigmoid");
  check(std::make_unique<nn::Tanh>(), "tanh");
}

TEST_CASE("activations by name") {
  auto check = [](nn::Activation activation, const std::string &op) {
    CHECK(
        contains(Graph("f", [=](Value x) { return nn::activate(x, activation); }, {tensor_type(f32, {4})}).text(), op));
  };
  check(nn::Activation::silu, "varve.silu %arg0 :");
  check(nn::Activation::gelu, "varve.gelu %arg0 :");
  check(nn::Activation::gelu_tanh, "varve.gelu %arg0 {approximate = \"tanh\"}");
  check(nn::Activation::quick_gelu, R"(
    %1 = varve.mul %arg0, %0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %2 = varve.sigmoid %1 : (tensor<4xf32>) -> tensor<4xf32>
    %3 = varve.mul %arg0, %2 : )");
  check(nn::Activation::relu, "varve.relu");
  check(nn::Activation::sigmoid, "varve.sigmoid");
  check(nn::Activation::tanh, "varve.tanh");
  auto unknown = [](Value x) {
    return nn::activate(x, static_cast<nn::Activation>(99)); // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange)
  };
  CHECK(contains(error_of([&] { Graph("f", unknown, {tensor_type(f32, {4})}); }),
                 "ActivationTest.cpp:38: error: expects an activation, but got the value 99"));
}
