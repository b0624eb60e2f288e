// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/bench/Loops.h"
#include <immintrin.h>

namespace varve::bench::loops {

// What the compiler does not know: it folds a sum that starts as a fixed point of its rounds.
static float opaque(float value) {
  asm volatile("" : "+x"(value));
  return value;
}

__attribute__((target("avx512f"))) float multiply_wide(int64_t rounds) {
  __m512 sums[accumulators], factor = _mm512_set1_ps(0.999f), addend = _mm512_set1_ps(1e-3f);
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm512_set1_ps(opaque(static_cast<float>(i)));
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i)
      sums[i] = _mm512_fmadd_ps(sums[i], factor, addend);
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_reduce_add_ps(sums[0]);
}

__attribute__((target("avx2,fma"))) float multiply_narrow(int64_t rounds) {
  __m256 sums[accumulators], factor = _mm256_set1_ps(0.999f), addend = _mm256_set1_ps(1e-3f);
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm256_set1_ps(opaque(static_cast<float>(i)));
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i)
      sums[i] = _mm256_fmadd_ps(sums[i], factor, addend);
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm256_add_ps(sums[0], sums[i]);
  float out[8];
  _mm256_storeu_ps(out, sums[0]);
  return out[0] + out[7];
}

__attribute__((target("avx512f,avx512bf16"))) float multiply_bf16(int64_t rounds) {
  __m512 sums[accumulators];
  auto factor = (__m512bh)_mm512_set1_epi32(0x3f7f3f7f); // just below 1, twice
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm512_set1_ps(opaque(static_cast<float>(i)));
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i)
      sums[i] = _mm512_dpbf16_ps(sums[i], factor, factor);
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_reduce_add_ps(sums[0]);
}

__attribute__((target("avx512f,avx512vnni"))) float multiply_int8(int64_t rounds) {
  __m512i sums[accumulators], factor = _mm512_set1_epi8(3);
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm512_set1_epi32(i);
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i)
      sums[i] = _mm512_dpbusd_epi32(sums[i], factor, factor);
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm512_add_epi32(sums[0], sums[i]);
  return static_cast<float>(_mm512_reduce_add_epi32(sums[0]));
}

__attribute__((target("avx2"))) float multiply_pairs(int64_t rounds) {
  __m256i sums[accumulators], factor = _mm256_set1_epi8(3), ones = _mm256_set1_epi16(1);
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm256_set1_epi32(i);
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i) {
      asm volatile("" : "+x"(factor)); // else the product is the same one each time
      sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(_mm256_maddubs_epi16(factor, factor), ones));
    }
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm256_add_epi32(sums[0], sums[i]);
  return static_cast<float>(_mm256_extract_epi32(sums[0], 0) + _mm256_extract_epi32(sums[0], 7));
}

__attribute__((target("avx512f"))) int64_t read_wide(const char *begin, size_t bytes, int streams) {
  __m512i sums[4] = {};
  auto count = static_cast<size_t>(streams);
  for (const char *from = begin; from + span * count <= begin + bytes; from += span * count)
    for (size_t at = 0; at < span; at += 256)
      for (size_t stream = 0; stream < count; ++stream)
        for (size_t i = 0; i < 4; ++i)
          sums[i] = _mm512_add_epi64(sums[i], _mm512_load_si512(from + stream * span + at + 64 * i));
  return _mm512_reduce_add_epi64(
      _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3])));
}

__attribute__((target("avx2"))) int64_t read_narrow(const char *begin, size_t bytes, int streams) {
  __m256i sums[4] = {};
  auto count = static_cast<size_t>(streams);
  for (const char *from = begin; from + span * count <= begin + bytes; from += span * count)
    for (size_t at = 0; at < span; at += 128)
      for (size_t stream = 0; stream < count; ++stream)
        for (size_t i = 0; i < 4; ++i) {
          const char *place = from + stream * span + at + 32 * i;
          sums[i] = _mm256_add_epi64(sums[i], _mm256_load_si256(reinterpret_cast<const __m256i *>(place)));
        }
  int64_t out[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(out),
                      _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3])));
  return out[0] + out[1] + out[2] + out[3];
}

} // namespace varve::bench::loops
