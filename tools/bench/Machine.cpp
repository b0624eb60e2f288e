// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/bench/Machine.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Host.h"
#include "tools/bench/Loops.h"
#include "varve/Error.h"
#include <algorithm>
#include <barrier>
#include <chrono>
#include <functional>
#include <sched.h>
#include <sys/mman.h>
#include <thread>
#include <vector>

namespace varve::bench {
namespace {

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

} // namespace

std::string_view name_of(Unit unit) { return unit == Unit::f32 ? "f32" : unit == Unit::bf16 ? "bf16" : "int8"; }

struct Machine::Memory {
  Memory(size_t bytes, bool huge) : bytes(bytes) {
    void *got = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (got == MAP_FAILED)
      throw Error("expects " + std::to_string(bytes >> 20) + " MiB of memory to measure the bandwidth");
    data = static_cast<char *>(got);
    ::madvise(data, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    std::fill_n(data, bytes, char(1)); // else all pages are the same one of zeros
  }
  ~Memory() { ::munmap(data, bytes); }
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  char *data = nullptr;
  size_t bytes;
};

Machine::Machine(size_t stream_bytes) : stream_bytes(stream_bytes) {
  __builtin_cpu_init();
  wide = __builtin_cpu_supports("avx512f") != 0;
  bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  int8 = __builtin_cpu_supports("avx512vnni") != 0;
  if (!wide && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")))
    throw Error("expects a CPU with AVX2 and FMA");
}

Machine::~Machine() = default;

bool Machine::has(Unit unit) const { return unit != Unit::bf16 || bf16; }

double Machine::peak(Unit unit, unsigned threads) {
  if (!has(unit))
    unit = Unit::f32;
  loops::Multiply multiply = unit == Unit::bf16   ? loops::multiply_bf16
                             : unit == Unit::int8 ? (int8 ? loops::multiply_int8 : loops::multiply_pairs)
                             : wide               ? loops::multiply_wide
                                                  : loops::multiply_narrow;
  double lanes = unit == Unit::int8 ? (int8 ? 64 : 32) : unit == Unit::bf16 ? 32 : wide ? 16 : 8;
  std::vector<float> kept(threads);
  constexpr int64_t rounds = 100'000; // a third of a millisecond
  double operations = 2.0 * loops::accumulators * lanes * rounds * threads;
  return operations / fastest(threads, 6, [&](unsigned t) { kept[t] += multiply(rounds); }) * 1e-9;
}

double Machine::read(unsigned threads, Way way, int tries) {
  std::unique_ptr<Memory> &memory = memories[way.huge];
  if (!memory || memory->bytes < stream_bytes * threads) {
    memory.reset();
    memory = std::make_unique<Memory>(stream_bytes * threads, way.huge);
  }
  loops::Read read = wide ? loops::read_wide : loops::read_narrow;
  std::vector<int64_t> kept(threads);
  double seconds = fastest(
      threads, tries, [&](unsigned t) { kept[t] += read(memory->data + t * stream_bytes, stream_bytes, way.streams); });
  return static_cast<double>(stream_bytes) * threads / seconds * 1e-9;
}

const Machine::Way &Machine::find_way(unsigned threads) {
  auto [at, fresh] = ways.try_emplace(threads);
  double best = 0;
  if (fresh)
    for (bool huge : {false, true})
      for (int streams : {1, 2, 4})
        if (double rate = read(threads, {streams, huge}, 5); rate > best) {
          best = rate;
          at->second = {streams, huge};
        }
  return at->second;
}

double Machine::bandwidth(unsigned threads) { return read(threads, find_way(threads), 3); }

std::string Machine::way(unsigned threads) {
  const Way &way = find_way(threads);
  return std::to_string(way.streams) + (way.streams == 1 ? " stream, " : " streams, ") +
         (way.huge ? "huge pages" : "ordinary pages");
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
