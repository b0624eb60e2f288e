// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What loading weights takes and reports.
//   LoadReport report = model.load_state_dict(weights::open("checkpoint/"), {.ignored = {"*.inv_freq"}});
#pragma once
#include <string>
#include <vector>

namespace varve::weights {
struct Checkpoint;
} // namespace varve::weights

namespace varve::nn {

struct LoadOptions {
  /// Missing and unused names are errors.
  bool strict = true;
  /// A value of another float type than the weight's is converted to it, in memory of its own; else that is an error.
  bool cast = false;
  /// Names that are in the state, and are not for this model: patterns where `*` stands for anything.
  std::vector<std::string> ignored = {};
};

struct LoadReport {
  /// The names that were given a value.
  std::vector<std::string> loaded;
  /// Weights that the state does not have; only if not strict.
  std::vector<std::string> missing;
  /// Names of the state that nothing used; only if not strict.
  std::vector<std::string> unused;
};

} // namespace varve::nn
