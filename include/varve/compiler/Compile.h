// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Graphs to native code.
//   Executable exe = compile(graph);
//   std::vector<Tensor> out = exe({x});
#pragma once
#include "varve/Graph.h"
#include "varve/runtime/Executable.h"
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace varve {

struct CompileOptions {
  /// The CPU to compile for: "native" (this machine), or a name that LLVM knows, such as "x86-64-v3" or "znver4". With
  /// ",winograd=0" behind it no convolution is Winograd's, whose sums differ in the last bits and turn infinities into NaN.
  std::string cpu = "native";
  /// Called with what the compiler has to say besides errors: that something has no fast path, say.
  std::function<void(std::string_view)> remark = {};
  /// Code that tells the runtime what begins and ends, for `Session::profile`; else it is the same.
  bool profile = false;
  /// A folder where compiled code is kept and looked for, by all that it depends on: the graphs with their lines, the CPU,
  /// these options, the versions of Varve and LLVM. Several processes may use one; it is made if it is not there. Code is
  /// run as it is found, so only those whom the program trusts may write to it. Empty: none.
  std::filesystem::path cache = {};
  /// What the folder holds at most; the least recently used goes first.
  uint64_t cache_bytes = uint64_t(1) << 30;
  /// Called with what went wrong and did not matter to the result: a cache that cannot be written, a damaged entry. None:
  /// it is written to stderr.
  std::function<void(std::string_view)> warning = {};
  /// Called with each stage of a compilation, when it has ended, and its seconds: "bytecode", "read", a pass's flag, ..,
  /// "link", "load"; of code that was in the cache only "bytecode", "key" and "load".
  std::function<void(std::string_view stage, double seconds)> timing = {};
};

/// Compiles a graph. The weights that its model has loaded by now are bound; if some are missing, none is, and
/// `Executable::bind` takes them later. **Throws** `Error` for what cannot be compiled.
Executable compile(const Graph &graph, const CompileOptions &options = {});

/// Compiles several graphs into one executable, an entry each; they share weights and state of equal names. **Throws**
/// `Error` also for graphs of one name, and for a weight or a state that two graphs declare differently.
Executable compile(std::span<const Graph *const> graphs, const CompileOptions &options = {});
Executable compile(std::initializer_list<const Graph *> graphs, const CompileOptions &options = {});

/// Compiles a module of the varve dialect, text or bytecode; `name` is what errors call it. Nothing is bound.
Executable compile_module(std::string_view module, const std::string &name, const CompileOptions &options = {});

/// The module as text, after reading and checking it.
std::string print_module(std::string_view module, const std::string &name);

/// A table of the layers of each graph of a module, as that of `Graph::summary`.
std::string summarize_module(std::string_view module, const std::string &name, int depth = 100);

} // namespace varve
