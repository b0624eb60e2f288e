// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Conv.h"
#include "test/unit/Support.h"
#include "test/unit/nn/Refused.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using test::refused;

TEST_CASE("Conv1d, Conv2d and Conv3d") {
  nn::Conv2d image(3, 8, {.kernel = {3}, .strides = {2}, .padding = {1}, .bias = true});
  CHECK(contains(Graph("f", image, {tensor_type(f32, {"n", 3, 8, 9})}).text(), R"(
    %0 = varve.use @weight : tensor<8x3x3x3xf32>
    %1 = varve.use @bias : tensor<8xf32>
    %2 = varve.conv %arg0, %0, %1 {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x3x8x9xf32, #dims>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<?x8x4x5xf32, #dims1>
    varve.output %2)"));
  nn::Conv1d line(4, 4, {.kernel = {5}, .dilations = {2}, .groups = 4, .dtype = bf16});
  CHECK(contains(Graph("f", line, {tensor_type(bf16, {1, 4, "seq"})}).text(),
                 "{dilations = array<i64: 2>, groups = 4 : i64} : (tensor<1x4x?xbf16, #dims>, tensor<4x1x5xbf16>)"));
  nn::Conv3d box(2, 4, {.kernel = {1, 2, 3}});
  CHECK(contains(Graph("f", box, {tensor_type(f32, {1, 2, 3, 4, 5})}).text(), "tensor<4x2x1x2x3xf32>"));
}

TEST_CASE("ConvTranspose1d, 2d and 3d") {
  nn::ConvTranspose2d image(4, 6, {.kernel = {3}, .strides = {2}, .padding = {1}, .output_padding = {1}, .groups = 2});
  std::string text = Graph("f", image, {tensor_type(f32, {"n", 4, 5, 7})}).text();
  CHECK(contains(text, "varve.use @weight : tensor<4x3x3x3xf32>"));
  CHECK(contains(text, "-> tensor<?x6x10x14xf32, "));
  nn::ConvTranspose1d line(4, 6, {.kernel = {2}, .strides = {2}, .bias = true});
  CHECK(contains(Graph("f", line, {tensor_type(f32, {1, 4, "seq"})}).text(), "#varve.dims<1, 6, 2*seq>"));
  nn::ConvTranspose3d box(4, 6, {.kernel = {2}});
  CHECK(contains(Graph("f", box, {tensor_type(f32, {1, 4, 2, 3, 4})}).text(), "-> tensor<1x6x3x4x5xf32>"));
}

TEST_CASE("a convolution that cannot be is refused when it is made") {
  CHECK(error_of([] { nn::Conv2d(4, 8, {.kernel = {3, 3, 3}}); }) ==
        "expects a kernel of 2 sizes, or one for all, but got 3");
  CHECK(error_of([] { nn::Conv1d(4, 8, {.kernel = {}}); }) == "expects a kernel of 1 sizes, or one for all, but got 0");
  CHECK(error_of([] { nn::Conv2d(4, 8, {.kernel = {3}, .groups = 3}); }) ==
        "expects groups that divide in and out, but got 3, 4 and 8");
  CHECK(error_of([] { nn::ConvTranspose2d(4, 9, {.kernel = {3}, .groups = 0}); }) ==
        "expects groups that divide in and out, but got 0, 4 and 9");
  CHECK(error_of([] { nn::Conv1d(0, 8, {.kernel = {3}}); }) ==
        "expects at least 1 channel in and out, but got 0 and 8");
  CHECK(error_of([] { nn::ConvTranspose3d(4, -8, {.kernel = {3}}); }) ==
        "expects at least 1 channel in and out, but got 4 and -8");
  CHECK(error_of([] { nn::Conv2d(4, 8, {.kernel = {3, -1}}); }) == "expects kernel sizes of at least 1, but got -1");
  CHECK(error_of([] { nn::ConvTranspose1d(4, 8, {.kernel = {0}}); }) ==
        "expects kernel sizes of at least 1, but got 0");
}

TEST_CASE("a convolution that is used wrongly says what it expects, where") {
  TensorType image = tensor_type(f32, {"n", 4, 8, 9});
  auto conv = [&](nn::ConvOptions options) { return refused<nn::Conv2d>(image, 4, 8, std::move(options)); };
  CHECK(conv({.kernel = {3}}) == "(no error)");
  CHECK(conv({.kernel = {3, 3, 3}}) == "expects a kernel of 2 sizes, or one for all, but got 3");
  CHECK(conv({.kernel = {3}, .groups = 3}) == "expects groups that divide in and out, but got 3, 4 and 8");
  CHECK(conv({.kernel = {3}, .strides = {1, 2, 3}}) == "expects 2 strides, one for each spatial dimension, but got 3");
  CHECK(conv({.kernel = {3}, .strides = {0}}) == "expects strides of 1 to 1073741824, but got 0");
  CHECK(conv({.kernel = {3}, .strides = {1, -2}}) == "expects strides of 1 to 1073741824, but got -2");
  CHECK(conv({.kernel = {3}, .padding = {-1}}) == "expects padding_begin of 0 to 1073741824, but got -1");
  CHECK(conv({.kernel = {3}, .padding = {1, 1, 1}}) ==
        "expects 2 padding_begin, one for each spatial dimension, but got 3");
  CHECK(conv({.kernel = {3}, .dilations = {0}}) == "expects dilations of 1 to 1073741824, but got 0");
  CHECK(conv({.kernel = {3}, .dilations = {1, 1, 1}}) ==
        "expects 2 dilations, one for each spatial dimension, but got 3");
  CHECK(conv({.kernel = {9, 1}}) == "expects the padded input to hold a window of 9 in spatial dimension 0, but got 8");
  CHECK(conv({.kernel = {3}, .dilations = {1, 5}}) ==
        "expects the padded input to hold a window of 11 in spatial dimension 1, but got 9");
  CHECK(conv({.kernel = {3}, .dtype = bf16}) ==
        "expects input and weight of equal element type, but got 'tensor<?x4x8x9xf32, #varve.dims<n, 4, 8, 9>>' and "
        "'tensor<8x4x3x3xbf16>'");
  auto with = [](const TensorType &x) { return refused<nn::Conv2d>(x, 4, 8, nn::ConvOptions{.kernel = {3}}); };
  CHECK(with(tensor_type(f32, {4, 8, 9})) ==
        "expects input and weight of one to three spatial dimensions, and a kernel of static size, but got "
        "'tensor<4x8x9xf32>' and 'tensor<8x4x3x3xf32>'");
  CHECK(with(tensor_type(f32, {1, 3, 8, 9})) ==
        "expects input channels of groups times the weight's, but got 3, 1 and 4");
  CHECK(with(tensor_type(f32, {1, "c", 8, 9})) ==
        "expects input channels of groups times the weight's, but got c, 1 and 4");
  CHECK(with(tensor_type(i32, {1, 4, 8, 9})) ==
        "expects input and weight of equal element type, but got 'tensor<1x4x8x9xi32>' and 'tensor<8x4x3x3xf32>'");
  CHECK(refused<nn::Conv2d>(tensor_type(i32, {1, 4, 8, 9}), 4, 8, nn::ConvOptions{.kernel = {3}, .dtype = i32}) ==
        "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got "
        "'tensor<1x4x8x9xi32>'");
  CHECK(refused<nn::Conv1d>(tensor_type(f32, {1, 4, 2}), 4, 8, nn::ConvOptions{.kernel = {3}}) ==
        "expects the padded input to hold a window of 3 in spatial dimension 0, but got 2");
  CHECK(refused<nn::Conv3d>(image, 4, 8, nn::ConvOptions{.kernel = {3}}) ==
        "expects input and weight of one to three spatial dimensions, and a kernel of static size, but got "
        "'tensor<?x4x8x9xf32, #varve.dims<n, 4, 8, 9>>' and 'tensor<8x4x3x3x3xf32>'");
}

TEST_CASE("a transposed convolution that is used wrongly says what it expects, where") {
  TensorType image = tensor_type(f32, {"n", 4, 8, 9});
  auto conv = [&](nn::ConvTransposeOptions options) {
    return refused<nn::ConvTranspose2d>(image, 4, 6, std::move(options));
  };
  CHECK(conv({.kernel = {3}}) == "(no error)");
  CHECK(conv({.kernel = {}}) == "expects a kernel of 2 sizes, or one for all, but got 0");
  CHECK(conv({.kernel = {3}, .groups = 4}) == "expects groups that divide in and out, but got 4, 4 and 6");
  CHECK(conv({.kernel = {3}, .strides = {0}}) == "expects strides of 1 to 1073741824, but got 0");
  CHECK(conv({.kernel = {3}, .strides = {1, 1, 1}}) == "expects 2 strides, one for each spatial dimension, but got 3");
  CHECK(conv({.kernel = {3}, .padding = {-1}}) == "expects padding_begin of 0 to 1073741824, but got -1");
  CHECK(conv({.kernel = {3}, .padding = {9}}) == "expects spatial dimensions of 0 or more, but got -8");
  CHECK(conv({.kernel = {3}, .dilations = {0}}) == "expects dilations of 1 to 1073741824, but got 0");
  CHECK(conv({.kernel = {3}, .strides = {2}, .output_padding = {2}}) ==
        "expects output_padding of 0 or more, less than the stride or the dilation, but got 2");
  CHECK(conv({.kernel = {3}, .strides = {2}, .output_padding = {-1}}) ==
        "expects output_padding of 0 or more, less than the stride or the dilation, but got -1");
  CHECK(conv({.kernel = {3}, .strides = {2}, .output_padding = {1, 1, 1}}) ==
        "expects 2 output_padding, one for each spatial dimension, but got 3");
  CHECK(conv({.kernel = {3}, .dtype = f16}) ==
        "expects input and weight of equal element type, but got 'tensor<?x4x8x9xf32, #varve.dims<n, 4, 8, 9>>' and "
        "'tensor<4x6x3x3xf16>'");
  auto with = [](const TensorType &x) {
    return refused<nn::ConvTranspose2d>(x, 4, 6, nn::ConvTransposeOptions{.kernel = {3}});
  };
  CHECK(with(tensor_type(f32, {1, 4, 8})) ==
        "expects input and weight of one to three spatial dimensions, and a kernel of static size, but got "
        "'tensor<1x4x8xf32>' and 'tensor<4x6x3x3xf32>'");
  CHECK(with(tensor_type(f32, {1, 6, 8, 9})) ==
        "expects groups that divide the channels of input, and as many in weight, but got 1, 6 and 4");
  CHECK(with(tensor_type(u8, {1, 4, 8, 9})) ==
        "expects input and weight of equal element type, but got 'tensor<1x4x8x9xui8>' and 'tensor<4x6x3x3xf32>'");
}

namespace {

struct Stem : nn::Layer<Stem> {
  Child<nn::LayerList<nn::Conv2d>> convs{*this, "convs"};
  explicit Stem(int64_t groups) {
    convs.emplace(4, 4, nn::ConvOptions{.kernel = {3}});
    convs.emplace(4, 4, nn::ConvOptions{.kernel = {3}, .groups = groups});
  }
  Value forward(Value x) { return convs[1](convs[0](x)); }
};
struct Model : nn::Layer<Model> {
  Child<Stem> stem{*this, "stem", 3};
  Child<nn::Sequential> tail{*this, "tail"};
  Value forward(Value x) { return tail(stem(x)); }
};

} // namespace

TEST_CASE("a part that cannot be made says where in the model it is, and on which line") {
  auto place_of = [](auto make) {
    try {
      make();
    } catch (const Error &error) {
      CHECK(contains(error.file(), "ConvTest.cpp"));
      CHECK(error.line() != 0);
      CHECK(contains(error.message(), "expects groups that divide in and out"));
      return error.layer();
    }
    return std::string("(no error)");
  };
  CHECK(place_of([] { Model model; }) == "stem.convs.1");
  CHECK(place_of([] {
          Stem stem(2);
          stem.convs.emplace(4, 4, nn::ConvOptions{.kernel = {3}, .groups = 5});
        }) == "convs.2");
  struct Tail : nn::Layer<Tail> {
    Child<nn::Sequential> tail{*this, "tail"};
    Tail() { tail.emplace<nn::Conv1d>(4, 6, nn::ConvOptions{.kernel = {1}, .groups = 4}); }
    Value forward(Value x) { return tail(x); }
  };
  CHECK(place_of([] { Tail tail; }) == "tail.0");
  // What the parent refuses is no fault of the part.
  struct Twice : nn::Layer<Twice> {
    Child<nn::ReLU> one{*this, "one"}, other{*this, "one"};
    Value forward(Value x) { return other(one(x)); }
  };
  CHECK(contains(error_of([] { Twice twice; }),
                 "error: expects different names in a layer, but got 'one' twice in Twice"));
}
