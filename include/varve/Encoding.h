// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How quantised weights are stored: blocks of elements along the last axis, each of so many bytes.
//   size_t bytes = info_of(Encoding::q4_k).bytes;  // 144, for 256 elements
#pragma once
#include "varve/Type.h"
#include <cstdint>
#include <span>
#include <string_view>

namespace varve {

/// How a weight's elements are stored; `none`: one after the other, as its dtype says.
enum class Encoding : uint8_t { none, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q5_k, q6_k, mxfp4, nvfp4, f8e4m3, f8e5m2 };

/// What is to be known of an encoding before anything of it is read.
struct EncodingInfo {
  Encoding encoding;
  std::string_view name;
  int64_t elements; // of a block, neighbours along the last axis; nothing may cut it
  int64_t bytes;    // of a block
};

/// **Source** ggml's block types (https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h), and
/// https://arxiv.org/abs/2209.05433 for FP8.
const EncodingInfo &info_of(Encoding encoding);
/// All of them, `none` first.
std::span<const EncodingInfo> encodings();
/// True if floats can be made blocks of it, by `Tensor::to`; others are only read.
bool quantizes(Encoding encoding);
/// True if matrix products read a weight of it in panels, packed when it is bound; others are decoded some rows at a time.
bool has_panels(Encoding encoding);
/// "none", "q4_k", ...
std::string_view name_of(Encoding encoding);
/// The encoding of that name. **Throws** `Error` for any other name, and lists the names.
Encoding encoding_from_name(std::string_view name);
/// What elements are called, in blocks or not: "q4_k", "bf16".
std::string_view name_of(Encoding encoding, DType dtype);
/// The bytes of so many elements, in whole blocks or not.
uint64_t bytes_of(uint64_t elements, Encoding encoding, DType dtype);

} // namespace varve
