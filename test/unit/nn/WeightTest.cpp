// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is declared of a weight may change until a graph has used it.
#include "varve/Weight.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

TEST_CASE("a weight may change until a graph uses it") {
  nn::Linear layer(64, 4);
  Weight &weight = layer.weight;
  weight.set_shape({8, 64});
  weight.set_dtype(bf16);
  weight.set_align(32);
  weight.set_quantization_encoding(Encoding::q4_0);
  CHECK(weight.type().str() == "bf16 [8, 64]");
  CHECK(weight.align() == 32);
  CHECK(weight.quantization_encoding() == Encoding::q4_0);
  CHECK(layer.state_dict().at("weight").type() == "q4_0 [8, 64]");
  weight.set_quantization_encoding(Encoding::none);
  CHECK(nn::Linear(4, 4, {.dtype = bf16}).weight.align() == 2);

  Graph graph("step", layer, {tensor_type(bf16, {64})});
  auto refused = [](auto change) {
    CHECK(contains(error_of(change), "expects weight 'weight' to change before a graph uses it, but graph 'step' has"));
  };
  refused([&] { weight.set_shape({8, 64}); });
  refused([&] { weight.set_dtype(f32); });
  refused([&] { weight.set_align(64); });
  refused([&] { weight.set_device(cuda()); });
  refused([&] { weight.set_quantization_encoding(Encoding::q8_0); });
  CHECK(weight.type().str() == "bf16 [8, 64]");
}

TEST_CASE("a graph that was not finished has used nothing") {
  nn::Linear layer(4, 4);
  CHECK(contains(error_of([&] { Graph("f", layer, {tensor_type(f32, {5})}); }), "expects the last dimension"));
  layer.weight.set_dtype(bf16);
  CHECK(layer.weight.dtype() == bf16);
}

TEST_CASE("what a weight becomes must fit its value, and make sense") {
  nn::Linear layer(4, 4);
  layer.weight.set_value(Tensor::zeros(f32, {4, 4}));
  auto at = std::string(Site::current().file_name()) + ":";
  CHECK(error_of([&] { layer.weight.set_dtype(bf16); }).starts_with(at));
  CHECK(contains(error_of([&] { layer.weight.set_dtype(bf16); }),
                 "expects weight 'weight' to stay what its value is, f32 [4, 4], but got bf16 [4, 4]"));
  CHECK(contains(error_of([&] { layer.weight.set_shape({2, 8}); }),
                 "expects weight 'weight' to stay what its value is, f32 [4, 4], but got f32 [2, 8]"));
  CHECK(layer.weight.type().str() == "f32 [4, 4]");
  CHECK(contains(error_of([&] { layer.weight.set_quantization_encoding(Encoding::q4_k); }),
                 "expects a last dimension that is a multiple of 256 for weight 'weight' in q4_k, but got f32 [4, 4]"));
  CHECK(contains(error_of([&] { layer.weight.set_align(3); }),
                 "expects an alignment that is a power of two up to 2^30 for weight 'weight', but got 3"));
  CHECK(
      contains(error_of([&] { layer.weight.set_shape({Dim("a") + 1}); }),
               "expects a shape of sizes and names for weight 'weight', of less than 2^63 bytes, but got f32 [a + 1]"));
  CHECK(contains(error_of([&] { layer.weight.set_value(Tensor::zeros(f32, {4, 5})); }),
                 "expects f32 [4, 4] for weight 'weight', but got f32 [4, 5]"));
}

TEST_CASE("a value that is given is seen under every name, and aligned") {
  struct Root : nn::Layer<Root> {
    Child<nn::Linear> a{*this, "a", 4, 4}, b{*this, "b", 4, 4};
    Root() { b.set_shared_weight("weight", a.weight); }
  } root;
  root.b.weight.set_value(Tensor::from<float>({4, 4}, std::vector<float>(16, 3)));
  CHECK(root.state_dict().at("a.weight").to_vector<float>()[0] == 3);
  Tensor memory = Tensor::zeros(u8, {80});
  const void *odd = static_cast<const std::byte *>(memory.data()) + 2;
  root.a.weight.set_value(Tensor::view(f32, {4, 4}, odd, nullptr));
  CHECK(reinterpret_cast<uintptr_t>(root.a.weight.value().data()) % 4 == 0);
}

TEST_CASE("a weight may be on a device of its own, until its layer is placed again") {
  struct Root : nn::Layer<Root> {
    Child<nn::Linear> a{*this, "a", 4, 4}, b{*this, "b", 4, 4};
    Value forward(Value x) { return b(a(x)); }
  } root;
  root.to({cuda(0), cuda(1)}, Sharding::rowwise());
  root.a.weight.set_device(cpu());
  CHECK(root.a.weight.devices() == std::vector{cpu()});
  CHECK(root.a.weight.sharding() == Sharding::replicate());
  CHECK(root.b.weight.devices() == std::vector{cuda(0), cuda(1)});
  root.to({cuda(1)});
  CHECK(root.a.weight.device() == cuda(1));
  root.b.weight.set_device(cuda(2));
  CHECK(contains(error_of([&] { root.b.weight.set_device({Device::Kind::cpu, -1}); }),
                 "in layer 'b': expects devices such as cpu:0 or cuda:1, but got cpu:-1"));
  std::string text = Graph("f", root, {tensor_type(f32, {4})}).text();
  CHECK(contains(text, "varve.weight @a.weight : tensor<4x4xf32> sharding<@cuda_1, [{}, {}]>"));
  CHECK(contains(text, "varve.weight @b.weight : tensor<4x4xf32> sharding<@cuda_2, [{}, {}]>"));
}
