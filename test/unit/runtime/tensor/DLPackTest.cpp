// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/DLPack.h"
#include "test/unit/Support.h"
#include "varve/runtime/Tensor.h"
#include <catch2/catch.hpp>
#include <functional>

using namespace varve;
using namespace varve::test;

namespace {

// A tensor as another library would hand it over; counts the calls of its deleter.
template <typename Managed> struct Foreign {
  float values[6] = {1, 2, 3, 4, 5, 6};
  int64_t shape[2] = {2, 3}, strides[2] = {3, 1};
  int deleted = 0;
  Managed managed{};

  Foreign() {
    managed.dl_tensor = {values, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 0};
    managed.manager_ctx = this;
    managed.deleter = [](Managed *self) { ++static_cast<Foreign *>(self->manager_ctx)->deleted; };
    if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>)
      managed.version = {1, 0};
  }
};

// What a change to a good tensor gives.
std::string refused(const std::function<void(DLTensor &)> &change) {
  Foreign<DLManagedTensor> foreign;
  change(foreign.managed.dl_tensor);
  std::string text = error_of([&] { Tensor::from_dlpack(&foreign.managed); });
  CHECK(foreign.deleted == 0); // the caller keeps it
  return text;
}

} // namespace

TEMPLATE_TEST_CASE("a DLPack tensor is taken over without a copy", "[DLPack]", DLManagedTensor,
                   DLManagedTensorVersioned) {
  Foreign<TestType> foreign;
  {
    Tensor tensor = Tensor::from_dlpack(&foreign.managed), copy = tensor;
    CHECK(tensor.data() == foreign.values);
    CHECK(tensor.type() == "f32 [2, 3]");
    CHECK_FALSE(tensor.read_only());
    tensor = Tensor();
    CHECK(foreign.deleted == 0);
  }
  CHECK(foreign.deleted == 1);
}

TEST_CASE("a DLPack tensor may have an offset, no strides, odd strides where they do not matter", "[DLPack]") {
  Foreign<DLManagedTensor> foreign;
  foreign.managed.dl_tensor.byte_offset = 8;
  foreign.managed.dl_tensor.strides = nullptr;
  foreign.shape[0] = 1;
  CHECK(Tensor::from_dlpack(&foreign.managed).to_vector<float>() == std::vector<float>{3, 4, 5});
  foreign.managed.dl_tensor.strides = foreign.strides;
  foreign.strides[0] = 77; // of a dimension of size 1
  CHECK(Tensor::from_dlpack(&foreign.managed).size() == 3);
  foreign.shape[0] = 0;
  foreign.managed.dl_tensor.data = nullptr;
  CHECK(Tensor::from_dlpack(&foreign.managed).size() == 0);
  foreign.managed.dl_tensor = {foreign.values, {kDLCPU, 0}, 0, {kDLFloat, 32, 1}, nullptr, nullptr, 0};
  foreign.managed.deleter = nullptr;
  CHECK(Tensor::from_dlpack(&foreign.managed).rank() == 0);
}

TEST_CASE("a read-only DLPack tensor stays so", "[DLPack]") {
  Foreign<DLManagedTensorVersioned> foreign;
  foreign.managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  Tensor tensor = Tensor::from_dlpack(&foreign.managed);
  CHECK(tensor.read_only());
  DLManagedTensorVersioned *out = tensor.to_dlpack_versioned();
  CHECK(out->flags == DLPACK_FLAG_BITMASK_READ_ONLY);
  out->deleter(out);
  CHECK(contains(error_of([&] { tensor.to_dlpack(); }), "but got a read-only one: f32 [2, 3]"));
}

TEST_CASE("DLPack tensors that Varve cannot use are refused, and stay the caller's", "[DLPack]") {
  CHECK(refused([](DLTensor &t) { t.device.device_type = kDLCUDA; }) ==
        "expects a DLPack tensor on the CPU (device type 1), but got device type 2");
  CHECK(refused([](DLTensor &t) { t.dtype = {kDLFloat, 64, 1}; }) ==
        "expects a DLPack tensor of f32, f16, bf16, i8, i32, i64, u8 or bool, but got code 2 with 64 bits and 1 lanes");
  CHECK(contains(refused([](DLTensor &t) { t.dtype.lanes = 4; }), "32 bits and 4 lanes"));
  CHECK(refused([](DLTensor &t) { t.strides[1] = 2; }) ==
        "expects a C-contiguous DLPack tensor, but got shape [2, 3] with strides [3, 2]");
  CHECK(refused([](DLTensor &t) { t.shape[0] = -1; }) ==
        "expects a DLPack tensor whose bytes fit in 63 bits, but got shape [-1, 3]");
  CHECK(refused([](DLTensor &t) { t.data = nullptr; }) ==
        "expects a DLPack tensor with data, but got null for shape [2, 3]");
  CHECK(refused([](DLTensor &t) { t.byte_offset = 2; }) ==
        "expects the data of a DLPack tensor to be aligned to its elements (4 bytes), but got an address with "
        "remainder 2");
  CHECK(refused([](DLTensor &t) { t.ndim = -1; }) == "expects a DLPack tensor with a shape, but got rank -1");
  CHECK(refused([](DLTensor &t) { t.shape = nullptr; }) ==
        "expects a DLPack tensor with a shape, but got rank 2 and no shape");
  CHECK(error_of([] { Tensor::from_dlpack(static_cast<DLManagedTensor *>(nullptr)); }) ==
        "expects a DLPack tensor, but got null");
  CHECK(error_of([] { Tensor::from_dlpack(static_cast<DLManagedTensorVersioned *>(nullptr)); }) ==
        "expects a DLPack tensor, but got null");
  Foreign<DLManagedTensorVersioned> newer;
  newer.managed.version.major = 2;
  CHECK(error_of([&] { Tensor::from_dlpack(&newer.managed); }) ==
        "expects a DLPack tensor of major version 1, but got 2");
}

TEST_CASE("every element type goes out to DLPack and comes back", "[DLPack]") {
  for (DType dtype : {f32, f16, bf16, i8, i32, i64, u8, boolean}) {
    Tensor tensor = Tensor::zeros(dtype, {2, 0, 3});
    CHECK(Tensor::from_dlpack(tensor.to_dlpack()).type() == tensor.type());
    Tensor filled = Tensor::zeros(dtype, {4, 1});
    DLManagedTensorVersioned *out = filled.to_dlpack_versioned();
    CHECK(out->version.major == 1);
    CHECK(out->flags == 0);
    CHECK(out->dl_tensor.strides[0] == 1);
    Tensor back = Tensor::from_dlpack(out);
    CHECK(back.type() == filled.type());
    CHECK(back.data() == filled.data());
  }
  Tensor scalar = Tensor::from<float>({}, {3});
  Tensor back = Tensor::from_dlpack(scalar.to_dlpack());
  scalar = Tensor();
  CHECK(back.to_vector<float>() == std::vector<float>{3});
  CHECK(contains(error_of([] { Tensor().to_dlpack_versioned(); }), "expects a tensor, but got none"));
}
