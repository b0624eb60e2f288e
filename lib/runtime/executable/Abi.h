// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The contract between generated code and the runtime: what an executable exports, and the table that it calls through.
// Generated code imports no symbol. A change here is a new `version`; fields are only ever appended.
//
// An executable exports
//   varve_manifest       char[]   the manifest, JSON (see Manifest.h), not terminated
//   varve_manifest_size  uint64_t its length
//   varve_entry_<i>      Entry    one for each entry, numbered as in the manifest
//   varve_scratch_<i>    Scratch  the bytes of scratch that entry <i> needs
#pragma once
#include <cstdint>

namespace varve::runtime::abi {

inline constexpr int64_t version = 3;

struct Context;

/// The body of a parallel loop: runs task `task` on worker `worker` (0 <= worker < context->workers).
using Kernel = void (*)(Context *context, const void *arguments, int64_t task, int64_t worker);

/// The functions that generated code may call. None throws.
struct Api {
  /// Runs kernel(context, arguments, t, worker) for every t in [0, tasks), in any order; returns when all are done.
  void (*parallel)(Context *context, Kernel kernel, const void *arguments, int64_t tasks);
  /// Records a failure found in data (an index out of range): `failure` numbers the manifest's "failures"; the first
  /// one of a run is kept, and the run throws it when the entry has returned. Any thread.
  void (*fail)(Context *context, int64_t failure, int64_t value, int64_t bound);
  /// Prints a tensor, C-contiguous: `print` numbers the manifest's "prints", `call_site` its "call_sites".
  void (*print)(Context *context, int64_t call_site, int64_t print, const void *data, const int64_t *sizes);
  /// Shows a tensor to what taps it; `tap` numbers the manifest's "taps". Called only if `Context::taps` says so.
  void (*tap)(Context *context, int64_t call_site, int64_t tap, const void *data, const int64_t *sizes);
  /// Something begins (0) or ends (1) on the thread that runs the entry: `event` numbers the manifest's "profile" events.
  /// Only code that was compiled to be profiled calls it.
  void (*profile)(Context *context, int64_t call_site, int64_t event, int64_t ends);
};

/// What an entry gets from the session that runs it. The runtime's own data follow.
struct Context {
  const Api *api;
  int64_t workers;
  const uint8_t *taps; // null: all are off; else for each of the manifest's taps, 1 if it is on
};

/// buffers: inputs, weights (packed as the manifest says), state buffers, outputs, in the manifest's order.
/// dims: the value of each of the entry's symbols, in the manifest's order. scratch: 64-byte aligned.
using Entry = void (*)(Context *context, void *const *buffers, const int64_t *dims, void *scratch);
using Scratch = int64_t (*)(const int64_t *dims, int64_t workers);

} // namespace varve::runtime::abi
