// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Tensor.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::test;

TEST_CASE("tensors are made with values, zeros or nothing in them", "[Tensor]") {
  Tensor x = Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(x.dtype() == f32);
  CHECK(x.shape() == std::vector<int64_t>{2, 3});
  CHECK(x.rank() == 2);
  CHECK(x.size() == 6);
  CHECK(x.bytes() == 24);
  CHECK(x.type() == "f32 [2, 3]");
  CHECK_FALSE(x.read_only());
  CHECK(x.to_vector<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(reinterpret_cast<uintptr_t>(x.data()) % 64 == 0);
  CHECK(Tensor::zeros(i64, {3}).to_vector<int64_t>() == std::vector<int64_t>{0, 0, 0});
  CHECK(Tensor::empty(u8, {7}).bytes() == 7);
  const std::vector<int32_t> values = {1, 2};
  CHECK(Tensor::from({2}, values).dtype() == i32);
  CHECK(Tensor::from({2}, std::span<const int32_t>(values)).to_vector<int32_t>() == values);
}

TEST_CASE("every element type has its C++ type", "[Tensor]") {
  CHECK(Tensor::from<Half>({2}, {1.0f, 0.5f}).to_vector<float>() == std::vector<float>{1.0f, 0.5f});
  CHECK(Tensor::from<BFloat16>({2}, {1.0f, 0.5f}).to_vector<float>() == std::vector<float>{1.0f, 0.5f});
  CHECK(Tensor::from<BFloat16>({1}, {1.0f}).data<BFloat16>()[0].bits == 0x3f80);
  CHECK(Tensor::from<int8_t>({1}, {-1}).type() == "i8 [1]");
  CHECK(Tensor::from<uint8_t>({1}, {255}).type() == "u8 [1]");
  CHECK(Tensor::from<bool>({2}, {true, false}).to_vector<bool>() == std::vector<bool>{true, false});
  CHECK(Tensor::from({3}, std::vector<bool>{true, false, true}).to_vector<bool>() ==
        std::vector<bool>{true, false, true});
}

TEST_CASE("tensors of rank 0 and of size 0 work", "[Tensor]") {
  Tensor scalar = Tensor::from<int64_t>({}, {5});
  CHECK(scalar.rank() == 0);
  CHECK(scalar.size() == 1);
  CHECK(scalar.type() == "i64 []");
  Tensor none = Tensor::zeros(f32, {2, 0, 3});
  CHECK(none.size() == 0);
  CHECK(none.bytes() == 0);
  CHECK(none.to_vector<float>().empty());
  CHECK(none.clone().size() == 0);
  CHECK(Tensor::from<float>({0}, {}).size() == 0);
  CHECK(Tensor::view(f32, {0}, static_cast<const void *>(nullptr), nullptr).size() == 0);
}

TEST_CASE("copies of a handle share memory, clones do not", "[Tensor]") {
  Tensor x = Tensor::zeros(f32, {2}), other = x.clone(), same;
  same = x;
  x.mutable_data<float>()[1] = 7;
  CHECK(same.to_vector<float>() == std::vector<float>{0, 7});
  CHECK(other.to_vector<float>() == std::vector<float>{0, 0});
  Tensor row = x.reshape({1, 2});
  CHECK(row.data() == x.data());
  CHECK(row.type() == "f32 [1, 2]");
}

TEST_CASE("a view keeps its owner and may be read only", "[Tensor]") {
  auto owner = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3});
  std::weak_ptr<std::vector<float>> alive = owner;
  const void *data = owner->data();
  Tensor view = Tensor::view(f32, {3}, data, std::move(owner));
  Tensor reshaped = view.reshape({3, 1});
  view = Tensor();
  CHECK_FALSE(alive.expired());
  CHECK(reshaped.read_only());
  CHECK(reshaped.to_vector<float>() == std::vector<float>{1, 2, 3});
  CHECK(error_of([&] { reshaped.mutable_data(); }) ==
        "expects a tensor that may be written, but got a read-only one: f32 [3, 1]");
  CHECK_FALSE(reshaped.clone().read_only());
  reshaped = Tensor();
  CHECK(alive.expired());
  float mine = 0;
  Tensor::view(f32, {}, &mine, nullptr).mutable_data<float>()[0] = 3;
  CHECK(mine == 3);
}

TEST_CASE("wrong uses of a tensor are told", "[Tensor]") {
  Tensor x = Tensor::zeros(f32, {2, 3});
  CHECK(error_of([&] { x.data<int32_t>(); }) == "expects a tensor of dtype i32, but got f32 [2, 3]");
  CHECK(error_of([&] { (void)Tensor::zeros(i32, {1}).to_vector<float>(); }) ==
        "expects a tensor of dtype f32, but got i32 [1]");
  CHECK(error_of([] { Tensor::from<float>({2, 3}, {1, 2}); }) == "expects 6 values for f32 [2, 3], but got 2");
  CHECK(error_of([&] { x.reshape({4}); }) == "expects a shape of 6 elements, as in f32 [2, 3], but got [4]");
  CHECK(error_of([] { Tensor::empty(f32, {2, -1}); }) ==
        "expects a shape of sizes that are not negative and whose bytes fit in 63 bits, but got f32 [2, -1]");
  CHECK(error_of([] { Tensor::view(f32, {1}, static_cast<void *>(nullptr), nullptr); }) ==
        "expects memory for f32 [1], but got null");
  CHECK_FALSE(Tensor());
  CHECK(error_of([] { (void)Tensor().shape(); }) == "expects a tensor, but got none (a default-made Tensor)");
}

TEST_CASE("sizes that overflow are refused", "[Tensor]") {
  int64_t big = int64_t(1) << 62;
  CHECK(contains(error_of([&] { Tensor::empty(f32, {big}); }), "whose bytes fit in 63 bits"));
  CHECK(contains(error_of([&] { Tensor::empty(u8, {big, 4}); }), "whose bytes fit in 63 bits"));
  CHECK(contains(error_of([&] { Tensor::empty(u8, {0, big, 4}); }), "whose bytes fit in 63 bits"));
  CHECK(contains(error_of([&] { Tensor::empty(u8, {big}); }), "bytes of memory, but the system has not got them"));
}

TEST_CASE("blocks of an encoding know what they stand for") {
  Tensor blocks = Tensor::zeros(u8, {3, 2, 18});
  Tensor tensor = Tensor::encoded(Encoding::q4_0, blocks);
  CHECK(tensor.encoding() == Encoding::q4_0);
  CHECK(tensor.data() == blocks.data());
  CHECK(tensor.shape() == std::vector<int64_t>{3, 2, 18});
  CHECK(tensor.logical_shape() == std::vector<int64_t>{3, 64});
  CHECK(tensor.type() == "q4_0 [3, 64]");
  CHECK(tensor.clone().type() == "q4_0 [3, 64]");
  CHECK(Tensor::encoded(Encoding::q4_k, Tensor::zeros(u8, {144})).type() == "q4_k [256]");
  CHECK(blocks.encoding() == Encoding::none);
  CHECK(error_of([&] { tensor.reshape({6, 18}); }) ==
        "expects elements to be given another shape, but got blocks: q4_0 [3, 64]");
  CHECK(blocks.logical_shape() == blocks.shape());
  auto refused = [](Encoding encoding, DType dtype, std::vector<int64_t> shape) {
    return error_of([&] { Tensor::encoded(encoding, Tensor::zeros(dtype, shape)); });
  };
  CHECK(refused(Encoding::q4_0, u8, {3, 17}) == "expects blocks of q4_0 as u8 [.., 18], but got u8 [3, 17]");
  CHECK(refused(Encoding::q4_0, i8, {3, 18}) == "expects blocks of q4_0 as u8 [.., 18], but got i8 [3, 18]");
  CHECK(refused(Encoding::q4_0, u8, {}) == "expects blocks of q4_0 as u8 [.., 18], but got u8 []");
  CHECK(refused(Encoding::none, u8, {0}) == "expects blocks of none as u8 [.., 0], but got u8 [0]");
}

TEST_CASE("a copy may be aligned as one likes") {
  Tensor tensor = Tensor::from<float>({3}, {1, 2, 3});
  for (size_t alignment : {1, 4, 64, 128, 4096}) {
    Tensor copy = tensor.clone(alignment);
    CHECK(reinterpret_cast<uintptr_t>(copy.data()) % alignment == 0);
    CHECK(copy.to_vector<float>() == std::vector<float>{1, 2, 3});
  }
  CHECK(error_of([&] { tensor.clone(48); }) == "expects an alignment that is a power of two up to 2^30, but got 48");
}
