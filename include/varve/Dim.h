// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Dimensions and tensor types, before there is data: a size, a name, or sums and products of them.
//   TensorType ids = tensor_type(i64, {1, "seq"});
//   Dim total = Dim("past") + Dim("seq");
#pragma once
#include "varve/Encoding.h"
#include "varve/Type.h"
#include <concepts>
#include <string>
#include <vector>

namespace varve {

/// One dimension of a shape: a size, or an expression of named dimensions (`seq`, `past + seq`, `2*batch`). Dimensions
/// with equal names have equal sizes when the model runs.
class Dim {
public:
  template <std::integral T>
  Dim(T size) : size(static_cast<int64_t>(size)) {} // NOLINT(google-explicit-constructor): shapes are lists of these
  /// A name, or an expression in any order of terms. **Throws** `Error` if it is neither.
  Dim(const char *text); // NOLINT(google-explicit-constructor)
  Dim(std::string text); // NOLINT(google-explicit-constructor)

  /// True for a size, false for an expression that is known only when the model runs.
  bool is_static() const { return text.empty(); }
  /// The size. **Throws** `Error` if it is not static.
  int64_t value() const;
  /// "2048", "past + seq": equal exactly for equal dimensions.
  std::string str() const { return is_static() ? std::to_string(size) : text; }
  bool operator==(const Dim &) const = default;

private:
  int64_t size = 0;
  std::string text;
};

Dim operator+(const Dim &lhs, const Dim &rhs);
Dim operator-(const Dim &lhs, const Dim &rhs);
Dim operator*(const Dim &lhs, const Dim &rhs);
/// Rounded down. **Throws** `Error` for a divisor below 1.
Dim operator/(const Dim &lhs, int64_t divisor);

using Shape = std::vector<Dim>;

/// "[batch, seq, 2048]".
std::string shape_text(const Shape &shape);

/// An element type and a shape; of a weight in blocks also its encoding: what they stand for has the element type.
struct TensorType {
  DType dtype = f32;
  Shape shape;
  Encoding encoding = Encoding::none;
  bool operator==(const TensorType &) const = default;
  /// "bf16 [batch, seq, 2048]", "q4_k [4096, 2048]".
  std::string str() const;
};

inline TensorType tensor_type(DType dtype, Shape shape) { return {dtype, std::move(shape)}; }

} // namespace varve
