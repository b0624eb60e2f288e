// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Element types. `varve::bf16` and its fellows are values, so a type is written as in a paper: tensor_type(bf16, {2, 3}).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace varve {

/// An element type. `boolean` is stored as one byte, 0 or 1.
enum class DType : uint8_t { f32, f16, bf16, i8, i32, i64, u8, boolean };

inline constexpr DType f32 = DType::f32;
inline constexpr DType f16 = DType::f16;
inline constexpr DType bf16 = DType::bf16;
inline constexpr DType i8 = DType::i8;
inline constexpr DType i32 = DType::i32;
inline constexpr DType i64 = DType::i64;
inline constexpr DType u8 = DType::u8;
inline constexpr DType boolean = DType::boolean;

/// Bytes of one element.
size_t size_of(DType dtype);
/// "f32", "bf16", ..., "bool".
std::string_view name_of(DType dtype);
/// The type of that name. **Throws** `Error` for any other name, and lists the names.
DType dtype_from_name(std::string_view name);
/// f32, f16 or bf16.
bool is_floating(DType dtype);
/// i8, i32, i64 or u8.
bool is_integer(DType dtype);

} // namespace varve
