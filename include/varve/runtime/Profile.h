// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where the time of runs goes: by layer and op, with FLOPs, bytes, and what had no fast path.
//   Session session(compile(graph, {.profile = true}), {.profile = true});
//   session.run({x});
//   std::puts(session.profile().text().c_str());
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varve {

/// What the products of an op are made of: numbers of f32, pairs of bf16, or int8 of weights in blocks.
enum class ProductUnit : uint8_t { f32, bf16, int8 };
std::string_view name_of(ProductUnit unit);

/// What a machine can do with the session's threads, a second: what a share of the roofline is of. 0: not known; of bf16 and
/// int8: as f32.
struct MachineRates {
  double flops = 0, bytes = 0, bf16_flops = 0, int8_flops = 0;
  double flops_of(ProductUnit unit) const;
};

/// One op in one layer, or several that became one piece of code.
struct ProfileRow {
  /// "model.layers.0.mlp.down_proj", and "linear + add".
  std::string layer, op;
  /// The author's line of the first of them.
  std::string location;
  /// Of all runs together. FLOPs are a textbook's, not the code's; bytes those of operands and results, each once.
  int64_t calls = 0;
  double seconds = 0, flops = 0, bytes = 0;
  /// What the compiler has to say: that it has no fast path, and why.
  std::vector<std::string> remarks;
  /// The same for the same op of layers that share code.
  size_t body = 0;
  ProductUnit unit = ProductUnit::f32;
};

/// The runs of one entry.
struct EntryProfile {
  std::string name;
  int64_t runs = 0;
  double seconds = 0;
  std::vector<ProfileRow> rows; // in the order in which they first ran
};

/// What a session has measured, and a copy of it.
struct Profile {
  std::vector<EntryProfile> entries;
  int threads = 0;
  /// Of the session: scratch memory, state, weights as they were mapped or given, copies of them that were packed, and such
  /// in a mapped file; of the process: the most that was ever resident.
  size_t scratch_bytes = 0, state_bytes = 0, weight_bytes = 0, packed_bytes = 0, mapped_bytes = 0, resident_bytes = 0;
  /// The last run as Chrome's and Perfetto's JSON: a line for each thread; on the first, ops in their layers.
  std::string trace;

  /// Tables, one for each entry, in milliseconds a run; ops of layers that share code are one line, with `*` where their
  /// paths differ. Below, what has no fast path, and why.
  std::string text(const MachineRates &rates = {}) const;
};

} // namespace varve
