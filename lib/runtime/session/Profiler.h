// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Takes the time of what generated code says begins and ends, and of the tasks of its loops on each thread.
#pragma once
#include "lib/runtime/executable/Manifest.h"
#include "lib/runtime/session/ThreadPool.h"
#include "varve/runtime/Profile.h"
#include <chrono>
#include <map>
#include <tuple>

namespace varve::runtime {

class Profiler {
public:
  /// **Throws** `Error` for code that was not compiled to be profiled.
  Profiler(const Manifest &manifest, ThreadPool &pool);

  void begin_run(size_t entry, const std::vector<int64_t> &symbols);
  /// Adds what was measured since `begin_run`.
  void end_run();
  /// On the thread that runs the entry.
  void mark(int64_t call_site, int64_t event, bool ends);
  /// As `ThreadPool::run`; then `collect` keeps what each thread did.
  void parallel(abi::Kernel kernel, abi::Context *context, const void *arguments, int64_t tasks);
  void collect();
  void clear();
  /// Entries, threads and trace.
  Profile profile() const;

private:
  using Clock = std::chrono::steady_clock;
  struct Span {
    int64_t begin = 0, end = 0; // nanoseconds since the run began
  };
  struct Event : Span {
    uint32_t site = 0, number = 0;
  };
  // What one thread did of one loop.
  struct Work : Span {
    int64_t tasks = 0, busy = 0;
    size_t event = 0; // the place of what it belongs to
  };
  struct alignas(64) Worker {
    Work now;
    std::vector<Work> done;
  };
  struct Loop {
    Profiler *self;
    abi::Kernel kernel;
    const void *arguments;
  };
  struct Sum {
    int64_t calls = 0;
    double seconds = 0, flops = 0, bytes = 0;
    size_t order = 0;
  };
  struct Runs {
    int64_t runs = 0;
    double seconds = 0;
    std::map<std::pair<uint32_t, uint32_t>, Sum> rows; // by call site and row
  };

  static void run_task(abi::Context *context, const void *arguments, int64_t task, int64_t worker);
  int64_t now() const { return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count(); }
  const ProfileInfo &info() const { return *manifest.profile; }
  std::string layer_of(uint32_t site, uint32_t row) const;
  std::string trace() const;

  const Manifest &manifest;
  ThreadPool &pool;
  Clock::time_point start;
  size_t entry = 0;
  std::vector<int64_t> values; // of the module's symbols
  std::vector<Event> events;   // of the last run
  int64_t run_end = 0;
  std::vector<Worker> workers;
  std::vector<Runs> runs; // of each entry
};

} // namespace varve::runtime
