// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/DLPack.h"
#include "lib/runtime/tensor/Memory.h"
#include "varve/Error.h"

namespace varve {
namespace {

struct Coded {
  DType dtype;
  uint8_t code, bits;
};
constexpr Coded codes[] = {{f32, kDLFloat, 32}, {f16, kDLFloat, 16}, {bf16, kDLBfloat, 16}, {i8, kDLInt, 8},
                           {i32, kDLInt, 32},   {i64, kDLInt, 64},   {u8, kDLUInt, 8},      {boolean, kDLBool, 8}};

DType dtype_of(DLDataType type) {
  if (type.lanes == 1)
    for (const Coded &each : codes)
      if (each.code == type.code && each.bits == type.bits)
        return each.dtype;
  throw Error("expects a DLPack tensor of f32, f16, bf16, i8, i32, i64, u8 or bool, but got code " +
              std::to_string(type.code) + " with " + std::to_string(type.bits) + " bits and " +
              std::to_string(type.lanes) + " lanes");
}

void expect_contiguous(const DLTensor &tensor, std::span<const int64_t> shape, int64_t count) {
  if (!tensor.strides || count == 0)
    return;
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && tensor.strides[i] != stride)
      throw Error("expects a C-contiguous DLPack tensor, but got shape " + shape_text(shape) + " with strides " +
                  shape_text({tensor.strides, shape.size()}));
    stride *= shape[i];
  }
}

// What a DLPack tensor of ours holds on to: the handle and its own copy of shape and strides.
template <typename Managed> struct Exported {
  Managed managed{};
  Tensor tensor;
  std::vector<int64_t> shape, strides;

  static Managed *make(Tensor tensor) {
    auto exported = std::make_unique<Exported>();
    exported->tensor = std::move(tensor);
    runtime::fill_dlpack(exported->managed.dl_tensor, exported->tensor, exported->shape, exported->strides);
    exported->managed.manager_ctx = exported.get();
    exported->managed.deleter = [](Managed *self) { delete static_cast<Exported *>(self->manager_ctx); };
    return &exported.release()->managed;
  }
};

template <typename Managed> std::shared_ptr<const void> owner_of(Managed *managed) {
  return std::shared_ptr<Managed>(managed, [](Managed *self) {
    if (self->deleter)
      self->deleter(self);
  });
}

} // namespace

runtime::CheckedDLPack runtime::check_dlpack(const DLTensor &tensor) {
  if (tensor.device.device_type != kDLCPU && tensor.device.device_type != kDLCUDAHost)
    throw Error("expects a DLPack tensor on the CPU (device type 1), but got device type " +
                std::to_string(static_cast<int>(tensor.device.device_type)));
  if (tensor.ndim < 0 || (tensor.ndim > 0 && !tensor.shape))
    throw Error("expects a DLPack tensor with a shape, but got rank " + std::to_string(tensor.ndim) +
                (tensor.ndim < 0 ? "" : " and no shape"));
  CheckedDLPack checked{dtype_of(tensor.dtype), {tensor.shape, tensor.shape + tensor.ndim}, nullptr};
  std::optional<size_t> bytes = byte_count(checked.dtype, checked.shape);
  if (!bytes)
    throw Error("expects a DLPack tensor whose bytes fit in 63 bits, but got shape " + shape_text(checked.shape));
  expect_contiguous(tensor, checked.shape, static_cast<int64_t>(*bytes));
  if (*bytes == 0)
    return checked;
  if (!tensor.data)
    throw Error("expects a DLPack tensor with data, but got null for shape " + shape_text(checked.shape));
  checked.data = static_cast<std::byte *>(tensor.data) + tensor.byte_offset;
  if (reinterpret_cast<uintptr_t>(checked.data) % size_of(checked.dtype) != 0)
    throw Error("expects the data of a DLPack tensor to be aligned to its elements (" +
                std::to_string(size_of(checked.dtype)) + " bytes), but got an address with remainder " +
                std::to_string(reinterpret_cast<uintptr_t>(checked.data) % size_of(checked.dtype)));
  return checked;
}

void runtime::fill_dlpack(DLTensor &out, const Tensor &tensor, std::vector<int64_t> &shape,
                          std::vector<int64_t> &strides) {
  shape = tensor.shape();
  strides.assign(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * (shape[i] == 0 ? 1 : shape[i]);
  const Coded &coded = codes[static_cast<size_t>(tensor.dtype())];
  out.data = const_cast<void *>(tensor.data());
  out.device = {kDLCPU, 0};
  out.ndim = static_cast<int32_t>(shape.size());
  out.dtype = {coded.code, coded.bits, 1};
  out.shape = shape.data();
  out.strides = strides.data();
  out.byte_offset = 0;
}

Tensor Tensor::from_dlpack(DLManagedTensor *managed) {
  if (!managed)
    throw Error("expects a DLPack tensor, but got null");
  runtime::CheckedDLPack checked = runtime::check_dlpack(managed->dl_tensor);
  return make(checked.dtype, std::move(checked.shape), checked.data, false, owner_of(managed));
}

Tensor Tensor::from_dlpack(DLManagedTensorVersioned *managed) {
  if (!managed)
    throw Error("expects a DLPack tensor, but got null");
  if (managed->version.major != DLPACK_MAJOR_VERSION)
    throw Error("expects a DLPack tensor of major version " + std::to_string(DLPACK_MAJOR_VERSION) + ", but got " +
                std::to_string(managed->version.major));
  runtime::CheckedDLPack checked = runtime::check_dlpack(managed->dl_tensor);
  bool read_only = (managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY) != 0;
  return make(checked.dtype, std::move(checked.shape), checked.data, read_only, owner_of(managed));
}

DLManagedTensor *Tensor::to_dlpack() const {
  if (read_only())
    throw Error("expects a tensor that may be written (an unversioned DLPack tensor cannot say that it is read only), "
                "but got a read-only one: " +
                type());
  return Exported<DLManagedTensor>::make(*this);
}

DLManagedTensorVersioned *Tensor::to_dlpack_versioned() const {
  bool fixed = read_only(); // throws for no tensor before anything is made
  DLManagedTensorVersioned *managed = Exported<DLManagedTensorVersioned>::make(*this);
  managed->version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
  managed->flags = fixed ? DLPACK_FLAG_BITMASK_READ_ONLY : 0;
  return managed;
}

} // namespace varve
