// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/ThreadPool.h"
#include "varve/Error.h"
#include <algorithm>
#include <pthread.h>
#include <sched.h>
#include <system_error>

namespace varve::runtime {
namespace {

constexpr uint32_t open = uint32_t(1) << 31;
constexpr int most_threads = 1024;

// Which pool's kernel this thread is in, and as which worker: nested loops run as that worker.
struct Region {
  const ThreadPool *pool = nullptr;
  int64_t worker = 0;
};
thread_local Region region;

class RegionScope {
public:
  RegionScope(const ThreadPool *pool, int64_t worker) : before(region) { region = {pool, worker}; }
  ~RegionScope() { region = before; }

private:
  Region before;
};

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void pin(std::thread &thread, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  bool valid = cpu >= 0 && cpu < CPU_SETSIZE;
  if (valid)
    CPU_SET(static_cast<size_t>(cpu), &set);
  if (!valid || pthread_setaffinity_np(thread.native_handle(), sizeof set, &set) != 0)
    throw Error("expects CPUs that this process may use to pin threads to, but got CPU " + std::to_string(cpu));
}

} // namespace

int available_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return CPU_COUNT(&set);
  unsigned cpus = std::thread::hardware_concurrency();
  return cpus == 0 ? 1 : static_cast<int>(cpus);
}

ThreadPool::ThreadPool(int threads, const std::vector<int> &cpus) : count(threads == 0 ? available_cpus() : threads) {
  if (count < 1 || count > most_threads)
    throw Error("expects 0 to " + std::to_string(most_threads) + " threads, but got " + std::to_string(threads));
  if (!cpus.empty() && cpus.size() != static_cast<size_t>(count - 1))
    throw Error("expects a CPU for each of the " + std::to_string(count - 1) + " threads that are started, but got " +
                std::to_string(cpus.size()));
  if (count > available_cpus()) // a spinning thread would keep a working one from its CPU
    patience = std::chrono::microseconds(0);
  shares = std::make_unique<Share[]>(static_cast<size_t>(count));
  workers.reserve(static_cast<size_t>(count - 1));
  try {
    for (int64_t worker = 1; worker < count; ++worker) {
      workers.emplace_back([this, worker] { work(worker); });
      if (!cpus.empty())
        pin(workers.back(), cpus[static_cast<size_t>(worker - 1)]);
    }
  } catch (const std::system_error &) {
    size_t started = workers.size() + 1;
    stop();
    throw Error("expects the system to give " + std::to_string(count) + " threads, but got " + std::to_string(started));
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  stopping.store(true, std::memory_order_relaxed);
  ticket.fetch_add(1, std::memory_order_release);
  ticket.notify_all();
  for (std::thread &worker : workers)
    worker.join();
  workers.clear();
}

template <typename Done> bool ThreadPool::spin(Done done) const {
  if (done())
    return true;
  if (patience.count() == 0)
    return false;
  auto end = std::chrono::steady_clock::now() + patience;
  do {
    for (int i = 0; i < 32; ++i) {
      relax();
      if (done())
        return true;
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

void ThreadPool::run(abi::Kernel kernel, abi::Context *context, const void *arguments, int64_t tasks) {
  bool nested = region.pool == this;
  if (nested || tasks <= 1 || count == 1) {
    int64_t worker = nested ? region.worker : 0;
    for (int64_t task = 0; task < tasks; ++task)
      kernel(context, arguments, task, worker);
    return;
  }

  job = {kernel, context, arguments, tasks};
  int64_t parts = std::min<int64_t>(tasks, count);
  for (int64_t part = 0; part < parts; ++part) {
    shares[part].next.store(tasks / parts * part + std::min(part, tasks % parts), std::memory_order_relaxed);
    shares[part].end = tasks / parts * (part + 1) + std::min(part + 1, tasks % parts);
  }
  state.store(open, std::memory_order_release);
  ticket.fetch_add(1, std::memory_order_release);
  if (tasks >= count)
    ticket.notify_all();
  else
    for (int64_t i = 1; i < tasks; ++i)
      ticket.notify_one();

  process(0);

  uint32_t left = state.fetch_and(~open, std::memory_order_acq_rel) & ~open;
  auto all_left = [&] { return (left = state.load(std::memory_order_acquire)) == 0; };
  while (left != 0 && !spin(all_left))
    state.wait(left, std::memory_order_acquire);
}

void ThreadPool::process(int64_t worker) {
  RegionScope scope(this, worker);
  int64_t parts = std::min<int64_t>(job.tasks, count);
  for (int64_t part = 0; part < parts; ++part) { // its own first
    Share &share = shares[(worker + part) % parts];
    for (int64_t task; (task = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;)
      job.kernel(job.context, job.arguments, task, worker);
  }
}

bool ThreadPool::join_job() {
  uint32_t seen = state.load(std::memory_order_relaxed);
  while (seen & open)
    if (state.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire, std::memory_order_relaxed))
      return true;
  return false;
}

void ThreadPool::work(int64_t worker) {
  uint32_t seen = 0;
  for (;;) {
    auto called = [&] { return ticket.load(std::memory_order_acquire) != seen; };
    if (!spin(called))
      ticket.wait(seen, std::memory_order_acquire);
    seen = ticket.load(std::memory_order_acquire);
    if (stopping.load(std::memory_order_relaxed))
      return;
    if (!join_job())
      continue;
    process(worker);
    if (state.fetch_sub(1, std::memory_order_release) == 1) // closed, and the last one out
      state.notify_one();
  }
}

} // namespace varve::runtime
