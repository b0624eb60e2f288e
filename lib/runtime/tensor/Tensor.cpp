// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Tensor.h"
#include "lib/runtime/File.h"
#include "lib/runtime/tensor/Dequantize.h"
#include "lib/runtime/tensor/Memory.h"
#include "lib/runtime/tensor/Quantize.h"
#include "varve/Error.h"
#include <algorithm>
#include <array>
#include <cstring>

namespace varve {

struct Tensor::Storage {
  DType dtype;
  std::vector<int64_t> shape;
  int64_t size;
  size_t bytes;
  void *data;
  bool read_only;
  std::shared_ptr<const void> owner;
  Encoding encoding;
};

namespace {

size_t checked_bytes(DType dtype, std::span<const int64_t> shape) {
  std::optional<size_t> bytes = runtime::byte_count(dtype, shape);
  if (!bytes)
    throw Error("expects a shape of sizes that are not negative and whose bytes fit in 63 bits, but got " +
                std::string(name_of(dtype)) + " " + shape_text(shape));
  return *bytes;
}

} // namespace

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

Tensor Tensor::make(DType dtype, std::vector<int64_t> shape, void *data, bool read_only,
                    std::shared_ptr<const void> owner, Encoding encoding) {
  size_t bytes = checked_bytes(dtype, shape);
  if (!data && bytes != 0)
    throw Error("expects memory for " + std::string(name_of(dtype)) + " " + shape_text(shape) + ", but got null");
  Tensor tensor;
  auto size = static_cast<int64_t>(bytes / size_of(dtype));
  tensor.storage = std::make_shared<const Storage>(
      Storage{dtype, std::move(shape), size, bytes, data, read_only, std::move(owner), encoding});
  return tensor;
}

Tensor Tensor::empty(DType dtype, std::vector<int64_t> shape) {
  std::shared_ptr<void> memory = runtime::allocate(checked_bytes(dtype, shape));
  void *data = memory.get();
  return make(dtype, std::move(shape), data, false, std::move(memory));
}

Tensor Tensor::zeros(DType dtype, std::vector<int64_t> shape) {
  std::shared_ptr<void> memory = runtime::allocate_zeros(checked_bytes(dtype, shape));
  void *data = memory.get();
  return make(dtype, std::move(shape), data, false, std::move(memory));
}

Tensor Tensor::copied(DType dtype, std::vector<int64_t> shape, const void *values, size_t count) {
  Tensor tensor = empty(dtype, std::move(shape));
  if (count != static_cast<size_t>(tensor.size()))
    throw Error("expects " + std::to_string(tensor.size()) + " values for " + tensor.type() + ", but got " +
                std::to_string(count));
  if (count != 0)
    std::memcpy(tensor.mutable_data(), values, tensor.bytes());
  return tensor;
}

Tensor Tensor::view(DType dtype, std::vector<int64_t> shape, const void *data, std::shared_ptr<const void> owner) {
  return make(dtype, std::move(shape), const_cast<void *>(data), true, std::move(owner));
}

Tensor Tensor::view(DType dtype, std::vector<int64_t> shape, void *data, std::shared_ptr<const void> owner) {
  return make(dtype, std::move(shape), data, false, std::move(owner));
}

Tensor Tensor::encoded(Encoding encoding, const Tensor &blocks) {
  const EncodingInfo &info = info_of(encoding);
  bool fits = encoding != Encoding::none && blocks.dtype() == u8 && blocks.rank() >= 1 &&
              blocks.shape().back() == info.bytes &&
              (blocks.rank() == 1 || blocks.shape().end()[-2] <= INT64_MAX / info.elements);
  if (!fits)
    throw Error("expects blocks of " + std::string(info.name) + " as u8 [.., " + std::to_string(info.bytes) +
                "], but got " + blocks.type());
  return make(u8, blocks.shape(), blocks.storage->data, blocks.read_only(), blocks.storage->owner, encoding);
}

const Tensor::Storage &Tensor::get() const {
  if (!storage)
    throw Error("expects a tensor, but got none (a default-made Tensor)");
  return *storage;
}

DType Tensor::dtype() const { return get().dtype; }
const std::vector<int64_t> &Tensor::shape() const { return get().shape; }
int64_t Tensor::rank() const { return static_cast<int64_t>(get().shape.size()); }
int64_t Tensor::size() const { return get().size; }
size_t Tensor::bytes() const { return get().bytes; }
bool Tensor::read_only() const { return get().read_only; }
Encoding Tensor::encoding() const { return get().encoding; }

std::vector<int64_t> Tensor::logical_shape() const {
  std::vector<int64_t> sizes = shape();
  if (encoding() == Encoding::none)
    return sizes;
  sizes.pop_back();
  if (sizes.empty())
    sizes.push_back(1);
  sizes.back() *= info_of(encoding()).elements;
  return sizes;
}

std::string Tensor::type() const {
  std::string_view name = encoding() == Encoding::none ? name_of(dtype()) : name_of(encoding());
  return std::string(name) + " " + shape_text(logical_shape());
}

const void *Tensor::data() const { return get().data; }
const std::shared_ptr<const void> &Tensor::owner() const { return get().owner; }
void Tensor::expect_intact() const { runtime::expect_intact(get().owner); }

void *Tensor::mutable_data() const {
  if (get().read_only)
    throw Error("expects a tensor that may be written, but got a read-only one: " + type());
  return storage->data;
}

void Tensor::expect_dtype(DType dtype) const {
  if (get().dtype != dtype)
    throw Error("expects a tensor of dtype " + std::string(name_of(dtype)) + ", but got " + type());
}

std::vector<float> Tensor::to_floats() const {
  expect_intact();
  std::vector<float> values(static_cast<size_t>(size()));
  auto widen = [&](auto *from) {
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(from[i]);
  };
  if (dtype() == f16)
    widen(data<Half>());
  else if (dtype() == bf16)
    widen(data<BFloat16>());
  else
    widen(data<float>());
  return values;
}

Tensor Tensor::to(DType dtype) const {
  if (encoding() == Encoding::none && this->dtype() == dtype)
    return *this;
  if (encoding() != Encoding::none && is_floating(dtype)) {
    expect_intact();
    Tensor floats = empty(f32, logical_shape());
    int64_t blocks = static_cast<int64_t>(bytes()) / info_of(encoding()).bytes;
    runtime::dequantize(encoding(), static_cast<const std::byte *>(data()), floats.mutable_data<float>(), blocks);
    return floats.to(dtype);
  }
  if (!is_floating(this->dtype()) || !is_floating(dtype))
    throw Error("expects floats to be made another float type, but got " + type() + " to " +
                std::string(name_of(dtype)));
  std::vector<float> floats = to_floats();
  if (dtype == f32)
    return from<float>(shape(), floats);
  if (dtype == f16)
    return from<Half>(shape(), std::vector<Half>(floats.begin(), floats.end()));
  return from<BFloat16>(shape(), std::vector<BFloat16>(floats.begin(), floats.end()));
}

Tensor Tensor::to(Encoding encoding) const {
  const EncodingInfo &info = info_of(encoding);
  if (!quantizes(encoding)) {
    std::string names;
    for (const EncodingInfo &each : encodings())
      if (quantizes(each.encoding))
        names += (names.empty() ? "" : ", ") + std::string(each.name);
    throw Error("expects an encoding that floats can be made (" + names + "), but got " + std::string(info.name));
  }
  if (this->encoding() != Encoding::none || !is_floating(dtype()))
    throw Error("expects floats to be made " + std::string(info.name) + ", but got " + type());
  if (rank() == 0 || shape().back() % info.elements != 0)
    throw Error("expects a last axis of whole blocks of " + std::to_string(info.elements) + " to be made " +
                std::string(info.name) + ", but got " + type());
  expect_intact();
  std::vector<int64_t> sizes = shape();
  sizes.back() /= info.elements;
  sizes.push_back(info.bytes);
  Tensor blocks = empty(u8, std::move(sizes));
  auto *to = static_cast<std::byte *>(blocks.mutable_data());
  auto quantize = [&](const float *from, int64_t elements) {
    runtime::quantize(encoding, from, to, elements / info.elements);
    to += elements / info.elements * info.bytes;
  };
  auto widen_and_quantize = [&](auto *from) {
    std::array<float, 4096> floats; // whole blocks of every encoding
    for (int64_t left = size(), count = 0; left > 0; left -= count, from += count) {
      count = std::min<int64_t>(left, floats.size());
      std::copy_n(from, count, floats.begin());
      quantize(floats.data(), count);
    }
  };
  if (dtype() == f32)
    quantize(data<float>(), size());
  else if (dtype() == f16)
    widen_and_quantize(data<Half>());
  else
    widen_and_quantize(data<BFloat16>());
  return encoded(encoding, blocks);
}

Tensor Tensor::reshape(std::vector<int64_t> shape) const {
  if (encoding() != Encoding::none)
    throw Error("expects elements to be given another shape, but got blocks: " + type());
  if (checked_bytes(dtype(), shape) != bytes())
    throw Error("expects a shape of " + std::to_string(size()) + " elements, as in " + type() + ", but got " +
                shape_text(shape));
  return make(dtype(), std::move(shape), storage->data, read_only(), storage->owner);
}

Tensor Tensor::clone(size_t alignment) const {
  if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > (size_t(1) << 30))
    throw Error("expects an alignment that is a power of two up to 2^30, but got " + std::to_string(alignment));
  expect_intact();
  size_t slack = alignment > runtime::alignment ? alignment : 0;
  std::shared_ptr<void> memory = runtime::allocate(bytes() + slack);
  auto address = reinterpret_cast<uintptr_t>(memory.get());
  auto *to = static_cast<std::byte *>(memory.get()) + (slack ? (alignment - address % alignment) % alignment : 0);
  if (bytes() != 0)
    std::memcpy(to, data(), bytes());
  return make(dtype(), shape(), to, false, std::move(memory), encoding());
}

} // namespace varve
