// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What this machine can do at best, measured in this process: the measure of everything else.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>

namespace varve::bench {

/// What is multiplied and added; sums are f32, or i32 of int8.
enum class Unit { f32, bf16, int8 };
std::string_view name_of(Unit unit);

class Machine {
public:
  /// `stream_bytes` is what each thread reads: far more than a cache holds. **Throws** `Error` on a CPU without AVX2 and FMA.
  explicit Machine(size_t stream_bytes = size_t(512) << 20);
  ~Machine();
  /// Whether the CPU has instructions for the unit: AVX512-BF16 for bf16. int8 is multiplied by AVX512-VNNI, or else by what AVX2
  /// has for pairs.
  bool has(Unit unit) const;
  /// 1e9 operations a second of all threads together, two for each multiply-add in registers, in a burst of some
  /// milliseconds that starts now. Bursts before and after a measurement say what the machine could have done then. Of a
  /// unit that the CPU has not, f32's.
  double peak(Unit unit, unsigned threads);
  /// GB/s that all threads together read from memory now: each its own memory in vectors, in so many streams and on such
  /// pages as were the fastest when this number of threads was first asked for.
  double bandwidth(unsigned threads);
  /// How that is: "2 streams, huge pages".
  std::string way(unsigned threads);
  /// "znver4, AVX-512, 2 CPUs".
  std::string text() const;
  unsigned cpus() const;

private:
  struct Memory;
  struct Way {
    int streams = 1;
    bool huge = false;
  };
  double read(unsigned threads, Way way, int tries);
  const Way &find_way(unsigned threads);

  size_t stream_bytes;
  bool wide = false, bf16 = false, int8 = false;
  std::array<std::unique_ptr<Memory>, 2> memories; // on ordinary and on huge pages
  std::map<unsigned, Way> ways;
};

} // namespace varve::bench
