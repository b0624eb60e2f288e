// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The loops that find out what a machine can do: multiply-adds in registers, and reads in vectors. Each returns something
// that depends on all it did, so that none of it is optimised away.
#pragma once
#include <cstddef>
#include <cstdint>

namespace varve::bench::loops {

/// Independent sums, each with one multiply-add a round; two units of latency 4 need 8.
inline constexpr int accumulators = 12;
using Multiply = float (*)(int64_t rounds);
float multiply_wide(int64_t rounds);   // f32, AVX-512
float multiply_narrow(int64_t rounds); // f32, AVX2
float multiply_bf16(int64_t rounds);   // AVX512-BF16
float multiply_int8(int64_t rounds);   // AVX512-VNNI
float multiply_pairs(int64_t rounds);  // int8, AVX2: products of pairs, their sums, and these added

constexpr size_t span = size_t(256) << 10;
/// Reads memory that is aligned to 4096 bytes, `streams` spans that lie behind each other at the same time, as a product may read
/// panels: parts that lie far from each other are read at a lower rate.
using Read = int64_t (*)(const char *begin, size_t bytes, int streams);
int64_t read_wide(const char *begin, size_t bytes, int streams);
int64_t read_narrow(const char *begin, size_t bytes, int streams);

} // namespace varve::bench::loops
