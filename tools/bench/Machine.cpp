// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/bench/Machine.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Host.h"
#include "varve/Error.h"
#include <algorithm>
#include <barrier>
#include <chrono>
#include <functional>
#include <immintrin.h>
#include <memory>
#include <sched.h>
#include <sys/mman.h>
#include <thread>
#include <vector>

namespace varve::bench {
namespace {

constexpr size_t stream_bytes = size_t(256) << 20; // in all: far more than a cache holds

// Each returns something that depends on all it did, so that none of it is optimised away.
using Fma = float (*)(int64_t rounds);
using Read = int64_t (*)(const char *begin, size_t bytes);

constexpr int accumulators = 12; // two units of latency 4 need 8

__attribute__((target("avx512f"))) float fma_wide(int64_t rounds) {
  __m512 sums[accumulators], factor = _mm512_set1_ps(0.999f), addend = _mm512_set1_ps(1e-3f);
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm512_set1_ps(static_cast<float>(i));
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i)
      sums[i] = _mm512_fmadd_ps(sums[i], factor, addend);
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_reduce_add_ps(sums[0]);
}

__attribute__((target("avx2,fma"))) float fma_narrow(int64_t rounds) {
  __m256 sums[accumulators], factor = _mm256_set1_ps(0.999f), addend = _mm256_set1_ps(1e-3f);
  for (int i = 0; i < accumulators; ++i)
    sums[i] = _mm256_set1_ps(static_cast<float>(i));
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < accumulators; ++i)
      sums[i] = _mm256_fmadd_ps(sums[i], factor, addend);
  for (int i = 1; i < accumulators; ++i)
    sums[0] = _mm256_add_ps(sums[0], sums[i]);
  float out[8];
  _mm256_storeu_ps(out, sums[0]);
  return out[0] + out[7];
}

__attribute__((target("avx512f"))) int64_t read_wide(const char *begin, size_t bytes) {
  __m512i sums[4] = {};
  for (const char *at = begin; at + 256 <= begin + bytes; at += 256)
    for (int i = 0; i < 4; ++i)
      sums[i] = _mm512_add_epi64(sums[i], _mm512_load_si512(at + 64 * i));
  return _mm512_reduce_add_epi64(
      _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3])));
}

__attribute__((target("avx2"))) int64_t read_narrow(const char *begin, size_t bytes) {
  __m256i sums[4] = {};
  for (const char *at = begin; at + 128 <= begin + bytes; at += 128)
    for (int i = 0; i < 4; ++i)
      sums[i] = _mm256_add_epi64(sums[i], _mm256_load_si256(reinterpret_cast<const __m256i *>(at + 32 * i)));
  int64_t out[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(out),
                      _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3])));
  return out[0] + out[1] + out[2] + out[3];
}

// Seconds of the fastest of some tries in which all threads do `work` at once, from the first start to the last end.
double fastest(unsigned threads, int tries, const std::function<void(unsigned)> &work) {
  using Clock = std::chrono::steady_clock;
  std::barrier together(threads);
  std::vector<std::vector<Clock::time_point>> starts(threads), ends(threads);
  std::vector<std::jthread> team;
  for (unsigned t = 0; t < threads; ++t)
    team.emplace_back([&, t] {
      for (int i = 0; i < tries; ++i) {
        together.arrive_and_wait();
        starts[t].push_back(Clock::now());
        work(t);
        ends[t].push_back(Clock::now());
      }
    });
  team.clear(); // waits for them
  double best = 1e9;
  for (size_t i = 0; i < static_cast<size_t>(tries); ++i) {
    Clock::time_point start = starts[0][i], end = ends[0][i];
    for (unsigned t = 1; t < threads; ++t) {
      start = std::min(start, starts[t][i]);
      end = std::max(end, ends[t][i]);
    }
    best = std::min(best, std::chrono::duration<double>(end - start).count());
  }
  return best;
}

struct Unmap {
  void operator()(char *data) const { ::munmap(data, stream_bytes); }
};

std::unique_ptr<char, Unmap> stream_memory() {
  void *data = ::mmap(nullptr, stream_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    throw Error("expects " + std::to_string(stream_bytes >> 20) + " MiB of memory to measure the bandwidth");
  ::madvise(data, stream_bytes, MADV_HUGEPAGE);
  std::fill_n(static_cast<char *>(data), stream_bytes, char(1)); // else all pages are the same one of zeros
  return std::unique_ptr<char, Unmap>(static_cast<char *>(data));
}

} // namespace

Machine::Machine() {
  __builtin_cpu_init();
  wide = __builtin_cpu_supports("avx512f") != 0;
  if (!wide && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")))
    throw Error("expects a CPU with AVX2 and FMA");
}

const Limits &Machine::limits(unsigned threads) {
  auto [at, fresh] = known.try_emplace(threads);
  if (!fresh)
    return at->second;
  std::vector<int64_t> kept(threads);
  constexpr int64_t rounds = 500'000; // a few milliseconds: on a busy machine some tries are not disturbed
  Fma fma = wide ? fma_wide : fma_narrow;
  Read read = wide ? read_wide : read_narrow;
  double flops = 2.0 * accumulators * (wide ? 16 : 8) * rounds * threads;
  at->second.gflops = flops / fastest(threads, 100, [&](unsigned t) { kept[t] += fma(rounds) > 0; }) * 1e-9;
  auto memory = stream_memory();
  size_t share = stream_bytes / threads / 4096 * 4096;
  double bytes = static_cast<double>(share) * threads;
  at->second.bandwidth =
      bytes / fastest(threads, 20, [&](unsigned t) { kept[t] += read(memory.get() + t * share, share); }) * 1e-9;
  return at->second;
}

unsigned Machine::cpus() const {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
}

std::string Machine::text() const {
  return llvm::sys::getHostCPUName().str() + (wide ? ", AVX-512, " : ", AVX2, ") + std::to_string(cpus()) +
         (cpus() == 1 ? " CPU" : " CPUs");
}

} // namespace varve::bench
