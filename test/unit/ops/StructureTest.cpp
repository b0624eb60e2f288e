// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Structure.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {
const TensorType vec = tensor_type(f32, {"n"});

template <class T> std::string constant_of(std::vector<T> values) {
  Tensor tensor = Tensor::from<T>({static_cast<int64_t>(values.size())}, values);
  return recorded([&](Value) { return constant(tensor); }, {vec});
}
} // namespace

TEST_CASE("constants of every element type") {
  CHECK(constant_of<float>({0.5F, -2}) == "varve.constant dense<[5.000000e-01, -2.000000e+00]> : tensor<2xf32>");
  CHECK(constant_of<Half>({0.5F, -2}) == "varve.constant dense<[5.000000e-01, -2.000000e+00]> : tensor<2xf16>");
  CHECK(constant_of<BFloat16>({0.5F, -2}) == "varve.constant dense<[5.000000e-01, -2.000000e+00]> : tensor<2xbf16>");
  CHECK(constant_of<int8_t>({1, -2}) == "varve.constant dense<[1, -2]> : tensor<2xi8>");
  CHECK(constant_of<int32_t>({1, -2}) == "varve.constant dense<[1, -2]> : tensor<2xi32>");
  CHECK(constant_of<int64_t>({1, -2}) == "varve.constant dense<[1, -2]> : tensor<2xi64>");
  CHECK(constant_of<uint8_t>({1, 255}) == "varve.constant dense<[1, 255]> : tensor<2xui8>");
  CHECK(constant_of<bool>({true, false, true}) == "varve.constant dense<[true, false, true]> : tensor<3xi1>");
  CHECK(constant_of<float>({}) == "varve.constant dense<> : tensor<0xf32>");
  CHECK(constant_of<float>({7}) == "varve.constant dense<7.000000e+00> : tensor<1xf32>");
  CHECK(recorded([](Value) { return constant(2, bf16); }, {vec}) ==
        "varve.constant dense<2.000000e+00> : tensor<bf16>");
  CHECK(refused([](Value) { return constant(0.5, i64); }, {vec}) ==
        "expects a number that i64 holds, but got 0.500000: cast the value, or the number");
  CHECK(refused([](Value x) { return constant(x, f32); }, {vec}) == "expects a number, but got a value");
}

TEST_CASE("the size of a dimension") {
  CHECK(recorded([](Value) { return dim_value(Dim("n") + 1); }, {vec}).starts_with("varve.dim "));
  CHECK(contains(refused([](Value) { return dim_value("m"); }, {vec}),
                 "expects an argument that gives dimension 'm' its value"));
}

TEST_CASE("identity and print") {
  CHECK(contains(recorded([](Value x) { return identity(x); }, {vec}), "varve.identity %arg0 :"));
  CHECK(contains(recorded([](Value x) { return identity(x, "hidden"); }, {vec}), "{tag = \"hidden\"}"));
  CHECK(contains(recorded([](Value x) { x.print("hidden"); }, {vec}), "varve.print %arg0, \"hidden\" :"));
  CHECK(contains(recorded([](Value x) { print(x, "all", PrintStyle::full); }, {vec}),
                 "varve.print %arg0, \"all\" {style = \"full\"}"));
  CHECK(contains(recorded([](Value x) { x.print({}, PrintStyle::statistics); }, {vec}), "{style = \"statistics\"}"));
  CHECK(contains(recorded([](Value x) { x.print("x", {.style = PrintStyle::full, .to = "x.npy"}); }, {vec}),
                 "varve.print %arg0, \"x\" {style = \"full\", to = \"x.npy\"}"));
  CHECK(
      contains(recorded([](Value x) { print(x, "x", {.style = PrintStyle::finite}); }, {vec}), "{style = \"finite\"}"));
  CHECK(contains(recorded([](Value x) { x.print("x", {.style = PrintStyle::compare, .to = "d", .rtol = 0.5}); }, {vec}),
                 "{rtol = 5.000000e-01 : f64, style = \"compare\", to = \"d\"}"));
  CHECK(contains(test::error_of([] { recorded([](Value x) { x.print("x", {.style = PrintStyle::dump}); }, {vec}); }),
                 "expects a folder, the attribute to, for style dump, but got none"));
}

TEST_CASE("rebind") {
  CHECK(contains(recorded([](Value x, Value y) { return rebind(x, y.shape(), "x and y are pairs"); },
                          {vec, tensor_type(f32, {"m"})}),
                 "varve.rebind %arg0, \"x and y are pairs\" : tensor<?xf32, #dims"));
  CHECK(contains(refused([](Value x) { return rebind(x, {4, 4}, "no"); }, {vec}),
                 "expects a result of the input's rank and element type, but got"));
  CHECK(contains(refused([](Value x) { return rebind(x, {4}, "no"); }, {tensor_type(f32, {5})}),
                 "expects equal sizes of dimension 0, but got 5 and 4"));
}
