// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The threads of a session. The caller is worker 0; the others spin for some microseconds, then sleep in the kernel.
//   ThreadPool pool(0);
//   pool.run(kernel, context, arguments, tasks);
#pragma once
#include "lib/runtime/executable/Abi.h"
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace varve::runtime {

/// The CPUs that this process may use.
int available_cpus();

/// A fixed set of threads for loops of independent tasks. Each worker has a run of neighbouring tasks, which often read memory
/// that lies side by side, and then takes what others have left of theirs. So which worker runs a task is left open, and results
/// must not depend on it. One thread at a time calls `run`.
class ThreadPool {
public:
  /// threads: the caller included; 0 is one for each CPU. cpus: where the threads that the pool starts are pinned, one
  /// for each (threads - 1), or empty. **Throws** `Error` for a number or CPU that the system refuses.
  explicit ThreadPool(int threads, const std::vector<int> &cpus = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  int threads() const { return count; }

  /// Runs kernel(context, arguments, t, worker) for each t in [0, tasks) and returns when all are done. Called from
  /// inside a kernel of this pool it runs them one after the other, as the worker that calls.
  void run(abi::Kernel kernel, abi::Context *context, const void *arguments, int64_t tasks);

private:
  struct Job {
    abi::Kernel kernel = nullptr;
    abi::Context *context = nullptr;
    const void *arguments = nullptr;
    int64_t tasks = 0;
  };

  void work(int64_t worker);
  void process(int64_t worker);
  bool join_job();
  template <typename Done> bool spin(Done done) const;
  void stop();

  int count = 1;
  std::chrono::microseconds patience{50};
  Job job; // written while no worker is in it
  // A worker's tasks, on a cache line of their own: all workers take from them.
  struct alignas(64) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };
  std::unique_ptr<Share[]> shares; // one for each worker
  // Bit 31: workers may join the job. Below: how many are in it. A worker that wakes after the job is closed never
  // enters it, so `run` waits only for those that are at work.
  alignas(64) std::atomic<uint32_t> state{0};
  alignas(64) std::atomic<uint32_t> ticket{0}; // goes up with each job; what idle workers wait on
  alignas(64) std::atomic<bool> stopping{false};
  std::vector<std::thread> workers;
};

} // namespace varve::runtime
