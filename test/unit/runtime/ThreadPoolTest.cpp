// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/ThreadPool.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>
#include <numeric>

using namespace varve;
using namespace varve::runtime;
using namespace varve::test;

namespace {

// What a kernel gets as its arguments: any callable.
template <typename Body> void run(ThreadPool &pool, int64_t tasks, const Body &body) {
  pool.run([](abi::Context *, const void *arguments, int64_t task,
              int64_t worker) { (*static_cast<const Body *>(arguments))(task, worker); },
           nullptr, &body, tasks);
}

} // namespace

TEST_CASE("every task runs once, on a worker of the pool", "[ThreadPool]") {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    for (int64_t tasks : {0, 1, 2, 3, 7, 100}) {
      std::vector<int> runs(static_cast<size_t>(tasks)), workers(static_cast<size_t>(tasks), -1);
      run(pool, tasks, [&](int64_t task, int64_t worker) {
        ++runs[static_cast<size_t>(task)];
        workers[static_cast<size_t>(task)] = static_cast<int>(worker);
      });
      CHECK(runs == std::vector<int>(static_cast<size_t>(tasks), 1));
      for (int worker : workers)
        CHECK((worker >= 0 && worker < threads));
    }
  }
}

TEST_CASE("what a busy worker has left of its tasks is taken by another", "[ThreadPool]") {
  ThreadPool pool(2);
  for (int64_t slow : {0, 7}) { // the first task of one worker, the last of the other
    std::atomic<int> done{0};
    run(pool, 8, [&](int64_t task, int64_t) {
      while (task == slow && done < 7)
        std::this_thread::yield();
      ++done;
    });
    CHECK(done == 8);
  }
}

TEST_CASE("many loops after each other see each other's writes", "[ThreadPool]") {
  ThreadPool pool(2);
  std::vector<int64_t> values(64);
  for (int round = 0; round < 20000; ++round)
    run(pool, round % 5 + 1, [&](int64_t task, int64_t) { values[static_cast<size_t>(task * 7 % 64)] += 1; });
  CHECK(std::accumulate(values.begin(), values.end(), int64_t(0)) == 20000 * 3);
}

TEST_CASE("threads that sleep wake up", "[ThreadPool]") {
  ThreadPool pool(4);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    std::atomic<int> workers{0};
    // Each task waits until all four run, so four threads must have come.
    run(pool, 4, [&](int64_t, int64_t) {
      ++workers;
      while (workers < 4)
        std::this_thread::yield();
    });
    CHECK(workers == 4);
  }
}

TEST_CASE("a loop inside a loop runs on the worker that calls it", "[ThreadPool]") {
  ThreadPool pool(3);
  std::vector<int64_t> inner(12);
  std::atomic<bool> same{true};
  run(pool, 4, [&](int64_t task, int64_t worker) {
    run(pool, 3, [&](int64_t nested, int64_t nested_worker) {
      inner[static_cast<size_t>(task * 3 + nested)] += 1;
      if (nested_worker != worker)
        same = false;
    });
  });
  CHECK(inner == std::vector<int64_t>(12, 1));
  CHECK(same);
}

TEST_CASE("a pool used inside another pool's loop is a pool of its own", "[ThreadPool]") {
  ThreadPool outer(2), inner(2);
  std::atomic<int> runs{0};
  std::mutex mutex;
  run(outer, 4, [&](int64_t, int64_t) {
    std::lock_guard lock(mutex); // one caller at a time
    run(inner, 5, [&](int64_t, int64_t) { ++runs; });
  });
  CHECK(runs == 20);
}

TEST_CASE("threads can be pinned", "[ThreadPool]") {
  cpu_set_t set;
  REQUIRE(sched_getaffinity(0, sizeof set, &set) == 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<size_t>(cpu), &set))
    ++cpu;
  ThreadPool pool(2, {cpu});
  std::atomic<int> runs{0};
  std::atomic<bool> there{true};
  run(pool, 2, [&](int64_t, int64_t worker) {
    if (worker == 1 && sched_getcpu() != cpu)
      there = false;
    ++runs;
    while (runs < 2)
      std::this_thread::yield();
  });
  CHECK(there);
}

TEST_CASE("impossible numbers of threads and CPUs are refused", "[ThreadPool]") {
  CHECK(ThreadPool(0).threads() == available_cpus());
  CHECK(error_of([] { ThreadPool pool(-1); }) == "expects 0 to 1024 threads, but got -1");
  CHECK(error_of([] { ThreadPool pool(1025); }) == "expects 0 to 1024 threads, but got 1025");
  CHECK(error_of([] { ThreadPool pool(3, {0}); }) ==
        "expects a CPU for each of the 2 threads that are started, but got 1");
  CHECK(error_of([] { ThreadPool pool(2, {1023}); }) ==
        "expects CPUs that this process may use to pin threads to, but got CPU 1023");
  CHECK(error_of([] { ThreadPool pool(2, {-1}); }) ==
        "expects CPUs that this process may use to pin threads to, but got CPU -1");
}
