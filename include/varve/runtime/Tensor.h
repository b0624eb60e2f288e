// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors that go in and out of a compiled model: small handles on shared, C-contiguous CPU memory; DLPack both ways.
//   Tensor x = Tensor::from<float>({2, 2}, {1, 2, 3, 4});
//   std::vector<float> values = x.to_vector<float>();
#pragma once
#include "varve/Encoding.h"
#include "varve/Type.h"
#include "varve/runtime/Half.h"
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

struct DLManagedTensor;
struct DLManagedTensorVersioned;

namespace varve {

/// The element type that a C++ type stands for: float, Half, BFloat16, int8_t, int32_t, int64_t, uint8_t or bool.
template <typename T> constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return f32;
  else if constexpr (std::is_same_v<T, Half>)
    return f16;
  else if constexpr (std::is_same_v<T, BFloat16>)
    return bf16;
  else if constexpr (std::is_same_v<T, int8_t>)
    return i8;
  else if constexpr (std::is_same_v<T, int32_t>)
    return i32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return i64;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return u8;
  else {
    static_assert(std::is_same_v<T, bool>, "not the C++ type of an element type");
    return boolean;
  }
}

/// "[2, 3]".
std::string shape_text(std::span<const int64_t> shape);

/// A handle on a tensor in CPU memory, in C order without gaps. Copies share the memory. A default-made one is none:
/// false as a condition, and every other use of it throws.
class Tensor {
public:
  Tensor() = default;

  /// New memory, aligned to 64 bytes, not initialised. **Throws** `Error` for a negative or overflowing shape.
  static Tensor empty(DType dtype, std::vector<int64_t> shape);
  /// New memory, all zero.
  static Tensor zeros(DType dtype, std::vector<int64_t> shape);
  /// New memory with a copy of the values. **Throws** `Error` if their number is not the shape's.
  template <typename T> static Tensor from(std::vector<int64_t> shape, std::span<const T> values) {
    return copied(dtype_of<T>(), std::move(shape), values.data(), values.size());
  }
  template <typename T> static Tensor from(std::vector<int64_t> shape, std::initializer_list<T> values) {
    return copied(dtype_of<T>(), std::move(shape), values.begin(), values.size());
  }
  template <typename T> static Tensor from(std::vector<int64_t> shape, const std::vector<T> &values) {
    if constexpr (std::is_same_v<T, bool>) { // its elements are bits
      std::vector<uint8_t> bytes(values.begin(), values.end());
      return copied(boolean, std::move(shape), bytes.data(), bytes.size());
    } else {
      return copied(dtype_of<T>(), std::move(shape), values.data(), values.size());
    }
  }
  /// Someone else's memory, kept alive by `owner` (null: the caller keeps it). The const one is read only.
  static Tensor view(DType dtype, std::vector<int64_t> shape, const void *data, std::shared_ptr<const void> owner);
  static Tensor view(DType dtype, std::vector<int64_t> shape, void *data, std::shared_ptr<const void> owner);

  /// The same memory as blocks of an encoding. **Shapes** blocks [.., n, bytes of a block]; what they stand for has the
  /// shape [.., n * elements of a block]. **Types** blocks u8. **Throws** `Error` for any other shape or type.
  static Tensor encoded(Encoding encoding, const Tensor &blocks);

  explicit operator bool() const { return storage != nullptr; }
  DType dtype() const;
  const std::vector<int64_t> &shape() const;
  int64_t rank() const;
  /// The number of elements.
  int64_t size() const;
  size_t bytes() const;
  /// True if the memory may not be written: a mapped file, a const view.
  bool read_only() const;
  /// What its bytes are blocks of; `none` for elements of its dtype.
  Encoding encoding() const;
  /// The shape of what it stands for; of blocks, another than `shape()`.
  std::vector<int64_t> logical_shape() const;
  /// "bf16 [2, 3]"; of blocks, their encoding and logical shape: "q4_k [2, 256]".
  std::string type() const;

  const void *data() const;
  /// What keeps the memory; null if the caller does.
  const std::shared_ptr<const void> &owner() const;
  /// **Throws** `Error` if this is a view of a mapped file that has become shorter since: reading what is gone would end
  /// the process. Whatever copies, compares, packs or writes a tensor asks first, and so does a session before it runs;
  /// who reads `data()` of mapped weights, and cannot trust the file, asks himself.
  void expect_intact() const;
  /// **Throws** `Error` if the tensor is read only.
  void *mutable_data() const;
  /// **Throws** `Error` if T does not stand for the dtype.
  template <typename T> const T *data() const {
    expect_dtype(dtype_of<T>());
    return static_cast<const T *>(data());
  }
  template <typename T> T *mutable_data() const {
    expect_dtype(dtype_of<T>());
    return static_cast<T *>(mutable_data());
  }
  /// A copy of the elements; those of f16 and bf16 may be asked for as float. **Throws** `Error` for any other T.
  template <typename T> std::vector<T> to_vector() const {
    if constexpr (std::is_same_v<T, float>)
      return to_floats();
    else {
      expect_intact();
      const T *begin = data<T>();
      return std::vector<T>(begin, begin + size());
    }
  }

  /// The floats in another float type, rounded to nearest even; itself if it has that type. Of blocks, the floats that they
  /// stand for, as gguf-py computes them. **Throws** `Error` for what are no floats, and for another type that is none.
  Tensor to(DType dtype) const;
  /// The floats as blocks, bit for bit as gguf-py quantises them, and PyTorch (2.15) rounds to FP8: what is too large is
  /// 448 in f8e4m3, infinity in f8e5m2. **Shapes** the last axis is whole blocks. **Types** f32, f16, bf16; blocks are made
  /// floats first. **Throws** `Error` for anything else, and for an encoding that is only read (`quantizes`).
  Tensor to(Encoding encoding) const;

  /// The same memory under another shape of as many elements. **Throws** `Error` for another number, and for blocks.
  Tensor reshape(std::vector<int64_t> shape) const;
  /// A writable copy in memory of its own, at a multiple of `alignment` bytes (a power of two).
  Tensor clone(size_t alignment = 64) const;

  /// Takes over a DLPack tensor: its deleter runs when the last handle is gone. **Throws** `Error` if it is not on the
  /// CPU, not contiguous, not aligned to its elements, or of a type that Varve has not; the caller then keeps it.
  static Tensor from_dlpack(DLManagedTensor *managed);
  static Tensor from_dlpack(DLManagedTensorVersioned *managed);
  /// A DLPack tensor that shares the memory; the taker calls its deleter. The first form cannot say "read only", so it
  /// **throws** `Error` for such a tensor.
  DLManagedTensor *to_dlpack() const;
  DLManagedTensorVersioned *to_dlpack_versioned() const;

private:
  struct Storage;
  std::shared_ptr<const Storage> storage;

  static Tensor make(DType dtype, std::vector<int64_t> shape, void *data, bool read_only,
                     std::shared_ptr<const void> owner, Encoding encoding = Encoding::none);
  static Tensor copied(DType dtype, std::vector<int64_t> shape, const void *values, size_t count);
  const Storage &get() const;
  void expect_dtype(DType dtype) const;
  std::vector<float> to_floats() const;
};

/// Tensors by name: what a checkpoint holds and an executable is given.
using StateDict = std::map<std::string, Tensor>;

} // namespace varve
