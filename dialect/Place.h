// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From an op's location to what its author is told: the layer, and a line of the author's own.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "mlir/IR/Location.h"
#include <string>

namespace varve::ir {

/// A place in the author's program; the layer is "" in none, the file where nothing is known.
struct Place {
  std::string layer, file;
  unsigned line = 0;

  /// "file:line", or "".
  std::string text() const { return file.empty() ? file : file + ":" + std::to_string(line); }
};

/// A line of a layer of the library, marked as that: `fused<"library">[..]`.
mlir::Location libraryLine(mlir::Location line);

/// The layer that an op at that location is in, and the innermost line that is not the library's own.
Place placeOf(mlir::Location location);

/// A location with numbers of ops on it, `fused<array<i64: 3, 7>>[..]`: what is made of those ops, also of several that become
/// one, says so. Only for profiling; there are none else.
mlir::Location marked(mlir::Location location, llvm::ArrayRef<int64_t> ops);
/// The numbers on a location, sorted; none on most.
llvm::ArrayRef<int64_t> marksOf(mlir::Location location);
/// `into`, with the numbers of `from` too.
mlir::Location withMarksOf(mlir::Location into, mlir::Location from);

} // namespace varve::ir
