// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What every public function of Varve throws: one class that says what was expected, what was found, in which layer
// of the model, and on which line of the author's C++.
//   try { mlp(x); } catch (const varve::Error &e) { std::cerr << e.what(); }
#pragma once
#include <cstdint>
#include <source_location>
#include <stdexcept>
#include <string>

namespace varve {

/// The author's line; every function that records an op takes one as its last, defaulted argument.
using Site = std::source_location;

/// An error of the public API. `what()` is the whole text, ready to print:
///   model.cpp:17: error: in layer 'layers.0.mlp': expects lhs and rhs to broadcast, but got ...
class Error : public std::runtime_error {
public:
  /// An error that has no place in a model (a file, an argument).
  explicit Error(const std::string &message);
  /// An error at a line of the author's program, inside a layer ("" is the root).
  Error(const std::string &message, const std::string &layer, const std::string &file, uint32_t line);
  Error(const std::string &message, const std::string &layer, Site site);

  /// The message alone, without layer and place.
  const std::string &message() const { return text; }
  /// The dotted path of the layer, "" for the root or when there is none.
  const std::string &layer() const { return path; }
  /// The author's C++ file, "" when there is none.
  const std::string &file() const { return source; }
  /// The author's C++ line, 0 when there is none.
  uint32_t line() const { return row; }

private:
  std::string text, path, source;
  uint32_t row = 0;
};

} // namespace varve
