// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What loading weights takes and reports.
//   LoadReport report = model.load_state_dict(weights::open("checkpoint/"), {.ignored = {"*.inv_freq"}});
#pragma once
#include "varve/Error.h"
#include "varve/weights/Rename.h"
#include <cstddef>
#include <string>
#include <vector>

namespace varve::nn {

struct LoadOptions {
  /// What does not fit, is missing or unused is an error; else it is reported, and all else is loaded.
  bool strict = true;
  /// A value of another float type than the weight's is converted to it, in memory of its own, and blocks of an encoding
  /// to the floats that they stand for, unless these may override it; else it does not fit.
  bool cast = false;
  /// A value of another encoding than the weight's gives the weight its own; else it does not fit.
  bool override_quantization_encoding = false;
  /// The least alignment of every value, in bytes, a power of two; 0: what each weight asks for. A value that has less
  /// is copied.
  size_t weight_alignment = 0;
  /// Only if not strict: weights that the state does not have are zeros; else running the model says that they are
  /// missing.
  bool zero_missing = false;
  /// Names that are in the state, and are not for this model: patterns where `*` stands for anything.
  std::vector<std::string> ignored = {};
  /// Make the state what the model expects, before anything else is looked at.
  weights::Rules renames = {};
};

struct StateOptions {
  /// Weights without a value are zeros; else they are an error.
  bool auto_initialize = true;
};

/// A value that does not fit its weight.
struct LoadMismatch {
  std::string name;
  /// "shape", "dtype", "encoding" or "shared" (two names of one weight that differ).
  std::string what;
  /// As declared, with the C++ line; as found, with file and offset.
  std::string expected, found;
  /// Why that may be: "it looks transposed"; "" if nothing is known.
  std::string cause;
};

/// What a load did, or would have done.
struct LoadReport {
  /// The names in the state that gave a weight its value.
  std::vector<std::string> loaded;
  /// Weights that the state does not have, and names of the state that nothing used.
  std::vector<std::string> missing, unused;
  std::vector<LoadMismatch> mismatches;
  /// Names whose values were copied: since their alignment was short; since they were of another float type.
  std::vector<std::string> realigned, converted;
  size_t copied_bytes = 0;
  /// Weights that have several names, the owner's first.
  std::vector<std::vector<std::string>> ties;
  /// Everything that is not as it should be, a line each.
  std::vector<std::string> problems;

  /// All of it, for people.
  std::string text() const;
};

/// What a strict load throws; the report says why.
class LoadError : public Error {
public:
  LoadError(const std::string &message, LoadReport report) : Error(message), report(std::move(report)) {}
  LoadReport report;
};

} // namespace varve::nn
