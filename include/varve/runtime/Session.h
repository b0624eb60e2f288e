// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs an executable: owns the threads, the scratch memory and the state (caches) that its entries share.
//   Session session(exe, {.threads = 4});
//   Tensor logits = session.run("decode", {ids, past})[0];
#pragma once
#include "varve/runtime/Executable.h"
#include "varve/runtime/Profile.h"
#include <cstdio>
#include <functional>

namespace varve {

/// Takes the text of one printed value, whole lines; called by one thread at a time.
using PrintSink = std::function<void(std::string_view)>;

/// A sink that writes to a stream, which must outlive the session.
PrintSink print_to(std::FILE *stream);

/// A value inside the model, where a tap (`varve.identity` with a tag) is.
struct Tap {
  /// The layer's path and the tag: "layers.0.mlp.output".
  std::string path;
  /// A view, valid during the call; `clone` keeps it.
  Tensor value;
};

/// Called by one thread at a time, while the model runs.
using TapFunction = std::function<void(const Tap &)>;

struct SessionOptions {
  /// The caller included; 0 is one for each CPU that the process may use. Results do not depend on it.
  int threads = 0;
  /// The CPUs where the threads that the session starts are pinned, one for each (threads - 1); empty: not pinned.
  std::vector<int> pin = {};
  /// Where printed values go; none: to stderr.
  PrintSink print = {};
  /// Where prints with a file name write and read; empty: the current folder. A name cannot lead out of it.
  std::filesystem::path folder = {};
  /// Takes the time of every op, for `profile`. The code must have been compiled with `CompileOptions::profile`.
  bool profile = false;
};

/// Bytes that a session uses.
struct MemoryUse {
  /// All that is between ops, in one piece that was planned for the largest run so far.
  size_t scratch = 0;
  /// Caches and what else is kept between runs.
  size_t state = 0;
  /// Weights where they were mapped or given, copies of them that were packed into memory, and such in a mapped file.
  size_t weights = 0, packed = 0, mapped = 0;
};

/// Called by one thread at a time; a call that meets another throws, and so does one of a session that was moved from.
class Session {
public:
  /// **Throws** `Error` for code of another CPU than this one, if the system refuses the threads, the CPUs or the memory
  /// for the state, and for a profile of code that was not compiled for one.
  explicit Session(Executable executable, SessionOptions options = {});
  Session(Session &&) noexcept;
  Session &operator=(Session &&) noexcept;
  ~Session();

  /// Runs an entry; the name may be left out if there is just one. The outputs are the caller's.
  /// **Throws** `Error` for inputs that are too many or too few, of another dtype, rank or size, for dimensions that
  /// break an equality of the model, for weights that are not bound, and for what the model finds in its data (an index
  /// out of range, a value that a check or a comparison refuses). What prints and taps throw comes out of it too.
  std::vector<Tensor> run(std::string_view entry, std::span<const Tensor> inputs);
  std::vector<Tensor> run(std::string_view entry, std::initializer_list<Tensor> inputs);
  std::vector<Tensor> run(std::span<const Tensor> inputs);
  std::vector<Tensor> run(std::initializer_list<Tensor> inputs);

  /// Calls fn for each tap whose path matches, at every run from now on: `*` is any text, `?` a character, `[0-3]` one of
  /// some. Several functions are called in the order in which they were given. Taps that are off cost nothing.
  /// **Throws** `Error` if the glob is none, or matches none of `Executable::taps`.
  void tap(std::string_view glob, TapFunction fn);
  /// Switches all taps off.
  void clear_taps();

  /// Where the time of all runs so far has gone. **Throws** `Error` unless `SessionOptions::profile` was set.
  Profile profile() const;
  /// Forgets the runs so far, the first ones for instance, which touch memory for the first time.
  void clear_profile();

  /// The state of that name, not a copy: what the entries write is seen in it.
  Tensor buffer(std::string_view name) const;
  /// Makes the session use this tensor's memory for the state of that name. **Throws** `Error` for another dtype or
  /// shape, and for a read-only tensor.
  void set_buffer(std::string_view name, Tensor value);
  /// Sets all state to zero.
  void reset();

  int threads() const;
  MemoryUse memory() const;
  const Executable &executable() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;

  Impl &get() const;
};

} // namespace varve
