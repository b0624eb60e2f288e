// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the command line of varve-run says.
#pragma once
#include "varve/runtime/Print.h"
#include <map>
#include <string>
#include <vector>

namespace varve::run {

/// `NAME=VALUE`, or just a value, which then goes to the next that has none.
struct Given {
  std::string name, value;
};

struct Options {
  std::string model, entry, cpu, weights, save, save_weights, files, cache, trace, packed;
  std::vector<Given> inputs, outputs, expected;
  std::vector<std::string> taps;
  std::map<std::string, int64_t> dims;
  double rtol = 0, atol = 0;
  unsigned threads = 0, time = 0, cache_mb = 0;
  int depth = 100;
  bool summary = false, profile = false, keep_packed = false;
  PrintStyle style = PrintStyle::compact;

  /// False if all that is wanted is a summary or a file of the executable.
  bool runs() const;
};

/// Each text as `NAME=VALUE`.
std::vector<Given> all_given(const std::vector<std::string> &texts);
/// The sizes of `NAME=SIZE`. **Throws** `Error`.
std::map<std::string, int64_t> sizes_given(const std::vector<std::string> &texts);

/// Takes the options of the LLVM in this process off the command line: none is for a user, and some have our names.
void forget_llvm_options();

/// Ends the process for `--help` and `--version`. **Throws** `Error` for what it cannot read.
Options parse_options(int argc, char **argv);

} // namespace varve::run
