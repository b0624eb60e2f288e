// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What generated code reaches while it runs: the functions of its table, and where they put what went wrong.
#pragma once
#include "lib/runtime/Glob.h"
#include "lib/runtime/executable/Abi.h"
#include "lib/runtime/executable/Manifest.h"
#include "lib/runtime/session/PrintFiles.h"
#include "lib/runtime/session/Profiler.h"
#include "lib/runtime/session/ThreadPool.h"
#include "varve/runtime/Session.h"
#include <atomic>
#include <exception>
#include <mutex>

namespace varve::runtime {

/// One for each session; code that runs holds a pointer to the `abi::Context` in it.
class RunContext : private abi::Context {
public:
  RunContext(const Manifest &manifest, ThreadPool &pool, PrintSink sink, std::filesystem::path folder);
  RunContext(const RunContext &) = delete;
  RunContext &operator=(const RunContext &) = delete;

  abi::Context *context() { return this; }
  /// Switches on the taps whose full path matches. **Throws** `Error` if there is none, or for a glob that is none.
  void tap(std::string_view glob, TapFunction function);
  void clear_taps();
  /// What takes times, or null. Outlives this.
  void profile_with(Profiler *given) { profiler = given; }
  /// Forgets what an earlier run recorded.
  void begin();
  /// **Throws** what the run recorded, if anything.
  void finish();

private:
  static RunContext &of(abi::Context *context) { return *static_cast<RunContext *>(context); }
  static void on_parallel(abi::Context *context, abi::Kernel kernel, const void *arguments, int64_t tasks);
  static void on_fail(abi::Context *context, int64_t failure, int64_t value, int64_t bound);
  static void on_print(abi::Context *context, int64_t call_site, int64_t print, const void *data, const int64_t *sizes);
  static void on_tap(abi::Context *context, int64_t call_site, int64_t tap, const void *data, const int64_t *sizes);
  static void on_profile(abi::Context *context, int64_t call_site, int64_t event, int64_t ends);
  template <typename Body> void guarded(Body body);
  void print(int64_t call_site, int64_t print, const void *data, const int64_t *sizes);
  void show(const PrintInfo &info, const std::string &layer, const Tensor &value);
  void call_taps(int64_t call_site, int64_t tap, const void *data, const int64_t *sizes);

  static const abi::Api table;
  const Manifest &manifest;
  ThreadPool &pool;
  Profiler *profiler = nullptr;
  PrintSink sink;
  PrintFiles files;
  std::vector<std::pair<Glob, TapFunction>> tapping;
  std::vector<uint8_t> tapped; // what `taps` points to when a tap is on
  std::atomic_flag failed;
  int64_t failure = 0, value = 0, bound = 0; // of the first call of `fail`
  std::mutex mutex;                          // of what prints and taps use, and of the exception
  std::exception_ptr exception;              // the first that one of them met; the others of the run are silent then
};

} // namespace varve::runtime
