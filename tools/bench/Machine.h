// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What this machine can do at best, measured in this process: the measure of everything else.
#pragma once
#include <map>
#include <string>

namespace varve::bench {

/// With one number of threads.
struct Limits {
  double gflops = 0;    // f32 fused multiply-adds in registers, two operations each
  double bandwidth = 0; // GB/s read in sequence from memory, one stream for each thread
};

class Machine {
public:
  /// **Throws** `Error` on a CPU without AVX2 and FMA.
  Machine();
  /// Measured when first asked for, about a second.
  const Limits &limits(unsigned threads);
  /// "znver4, AVX-512, 2 CPUs".
  std::string text() const;
  unsigned cpus() const;

private:
  bool wide = false; // AVX-512
  std::map<unsigned, Limits> known;
};

} // namespace varve::bench
